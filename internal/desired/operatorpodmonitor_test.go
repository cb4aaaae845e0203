package desired

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestTheOperatorIsScrapedWhereverItServesMetricsOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		spec    string
		facts   func(*facts.Facts)
		scraped []string
	}{
		"beside its exporter":                  {"{}", nil, []string{"flux", "flux-exporter", "flux-fluxmonitoring"}},
		"beside flux-operator":                 {"{}", reports, []string{"flux", "flux-flux-operator", "flux-fluxmonitoring"}},
		"beside kube-state-metrics":            {"resourceMetrics: {source: KubeStateMetrics}", nil, []string{"flux", "flux-fluxmonitoring"}},
		"without an exporter":                  {"{}", func(f *facts.Facts) { f.Exporter.Namespace = "" }, []string{"flux", "flux-fluxmonitoring"}},
		"not where its metrics are turned off": {"{}", func(f *facts.Facts) { f.MetricsNamespace = "" }, []string{"flux", "flux-exporter"}},
		"not where nothing is scraped":         {"scrape: {enabled: false}", nil, nil},
		"not without a Flux":                   {"{}", func(f *facts.Facts) { f.Flux.Controllers, f.FluxKinds = nil, nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			facts := everything()
			if c.facts != nil {
				c.facts(&facts)
			}
			objects, err := Objects(monitoring(t, c.spec), facts)
			must(t, err)
			var names []string
			for _, o := range objects {
				if o.GetKind() == kinds.PodMonitor.Kind {
					names = append(names, o.GetName())
				}
			}
			NewWithT(t).Expect(names).To(Equal(c.scraped))
		})
	}
}

func TestNothingIsDroppedThatADashboardAsksTheOperatorFor(t *testing.T) {
	g := NewWithT(t)
	objects, err := Objects(monitoring(t, "dashboards: {include: [fluxmonitoring]}"), everything())
	must(t, err)
	model, _, err := unstructured.NestedString(pipeline.FirstOfKind(objects, "ConfigMap").Object, "data", "fluxmonitoring.json")
	must(t, err)
	kept := slices.Concat(operatorMetrics, []string{"up"})
	asked := regexp.MustCompile(`([a-z_:]+)\{[^}]*monitoring/flux-fluxmonitoring`).FindAllStringSubmatch(model, -1)
	g.Expect(asked).NotTo(BeEmpty())
	for _, metric := range asked {
		g.Expect(kept).To(ContainElement(metric[1]))
	}
}

// The alerts on the operator stand on what it tells of itself, whatever tells the state of objects, and where nothing does.
func TestTheOperatorsOwnMetricsHaveTheirAlertsWhateverTellsTheStateOfObjects(t *testing.T) {
	for name, c := range map[string]struct {
		spec    string
		facts   func(*facts.Facts)
		alerted bool
	}{
		"its exporter":                         {"{}", nil, true},
		"flux-operator":                        {"{}", reports, true},
		"kube-state-metrics":                   {"resourceMetrics: {source: KubeStateMetrics}", nil, true},
		"nothing":                              {"{}", func(f *facts.Facts) { f.Exporter.Namespace = "" }, true},
		"not where its metrics are turned off": {"{}", func(f *facts.Facts) { f.MetricsNamespace = "" }, false},
		"not where nothing is scraped":         {"scrape: {enabled: false}", nil, false},
		"not where no Prometheus looks into the operator's namespace": {"{}", func(f *facts.Facts) {
			f.Prometheuses = []selection.Instance{ignoring("k8s")}
		}, false},
		"where one of two does": {"{}", func(f *facts.Facts) {
			f.Prometheuses = []selection.Instance{ignoring("k8s"), selecting("other", "release", "kps")}
		}, true},
		"where the FluxMonitoring is beside the operator": {"{}", func(f *facts.Facts) {
			f.Prometheuses, f.MetricsNamespace = []selection.Instance{ignoring("k8s")}, "monitoring"
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			if c.facts != nil {
				c.facts(&facts)
			}
			objects, err := Objects(monitoring(t, c.spec), facts)
			must(t, err)
			kept := slices.Concat(operatorMetrics, []string{"up"})
			names := []string{}
			for _, r := range rulesOn(t, pipeline.FirstOfKind(objects, kinds.PrometheusRule.Kind), `job="monitoring/flux-fluxmonitoring"`) {
				names = append(names, r.alert)
				g.Expect(kept).To(ContainElements(query.New(r.expr).Metrics()), r.alert)
			}
			want := []string{}
			if c.alerted {
				want = []string{"FluxMonitoringNotReconciled", "FluxMonitoringOperatorDown", "FluxMonitoringOperatorNotReady", "FluxMonitoringOperatorNoLeader",
					"FluxMonitoringOperatorFailing", "FluxMonitoringOperatorPanic", "FluxMonitoringOperatorBackedUp", "FluxMonitoringOperatorStuck"}
			}
			g.Expect(names).To(Equal(want))
		})
	}
}

// ignoring is a Prometheus that looks for pods in the PodMonitor's namespace alone.
func ignoring(name string) selection.Instance {
	i := selecting(name, "release", "kps")
	i.IgnoresNamespaceSelectors = true
	return i
}

type alertOn struct{ alert, expr string }

// rulesOn are the alerts of a PrometheusRule whose expressions hold a text, in their order.
func rulesOn(t *testing.T, rule *unstructured.Unstructured, text string) []alertOn {
	t.Helper()
	var found []alertOn
	for _, g := range pipeline.ListIn(rule.Object, "spec", "groups") {
		group, _ := g.(map[string]any)
		for _, r := range pipeline.ListIn(group, "rules") {
			fields, _ := r.(map[string]any)
			alert, _ := fields["alert"].(string)
			if expr, _ := fields["expr"].(string); alert != "" && strings.Contains(expr, text) {
				found = append(found, alertOn{alert, expr})
			}
		}
	}
	return found
}
