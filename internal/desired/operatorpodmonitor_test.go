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

// The alerts on the operator need its own metrics, wherever the state of objects comes from.
func TestAnOperatorThatExportsMetricsIsScrapedAndHasAlerts(t *testing.T) {
	own := []string{"FluxMonitoringNotReconciled", "FluxMonitoringNotEffective", "FluxMonitoringOperatorDown", "FluxMonitoringOperatorNotReady", "FluxMonitoringOperatorNoLeader",
		"FluxMonitoringOperatorFailing", "FluxMonitoringOperatorPanic", "FluxMonitoringOperatorBackedUp", "FluxMonitoringOperatorStuck"}
	every := []string{"flux", "flux-exporter", "flux-fluxmonitoring"}
	for name, c := range map[string]struct {
		spec            string
		facts           func(*facts.Facts)
		scraped, alerts []string
	}{
		"beside its exporter":                  {"{}", nil, every, own},
		"beside flux-operator":                 {"{}", reports, []string{"flux", "flux-flux-operator", "flux-fluxmonitoring"}, own},
		"beside kube-state-metrics":            {"resourceMetrics: {source: KubeStateMetrics}", nil, []string{"flux", "flux-fluxmonitoring"}, own},
		"without an exporter":                  {"{}", func(f *facts.Facts) { f.Exporter.Namespace = "" }, []string{"flux", "flux-fluxmonitoring"}, own},
		"not where its metrics are turned off": {"{}", func(f *facts.Facts) { f.MetricsNamespace = "" }, []string{"flux", "flux-exporter"}, nil},
		"not where nothing is scraped":         {"scrape: {enabled: false}", nil, nil, nil},
		"not without a Flux":                   {"{}", func(f *facts.Facts) { f.Flux.Controllers, f.FluxKinds = nil, nil }, nil, nil},
		"no alerts where no Prometheus selects the operator's namespace": {"{}", func(f *facts.Facts) {
			f.Prometheuses = []selection.Instance{ignoring("k8s")}
		}, every, nil},
		"where one of two Prometheus instances does": {"{}", func(f *facts.Facts) {
			f.Prometheuses = []selection.Instance{ignoring("k8s"), selecting("other", "release", "kps")}
		}, every, own},
		"where the FluxMonitoring is beside the operator": {"{}", func(f *facts.Facts) {
			f.Prometheuses, f.MetricsNamespace = []selection.Instance{ignoring("k8s")}, "monitoring"
		}, every, own},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			if c.facts != nil {
				c.facts(&facts)
			}
			objects, err := Objects(monitoring(t, c.spec), facts)
			must(t, err)
			var scraped, alerts []string
			for _, o := range objects {
				switch o.GetKind() {
				case kinds.PodMonitor.Kind:
					scraped = append(scraped, o.GetName())
				case kinds.PrometheusRule.Kind:
					alerts = alertsOnOperator(g, o)
				}
			}
			g.Expect(scraped).To(Equal(c.scraped))
			g.Expect(alerts).To(Equal(c.alerts))
		})
	}
}

func TestNoMetricOfTheOperatorsDashboardIsDropped(t *testing.T) {
	g := NewWithT(t)
	objects := objectsOf(t, "dashboards: {include: [fluxmonitoring]}")
	model, _, err := unstructured.NestedString(pipeline.FirstOfKind(objects, "ConfigMap").Object, "data", "fluxmonitoring.json")
	must(t, err)
	queried := regexp.MustCompile(`([a-z_:]+)\{[^}]*monitoring/flux-fluxmonitoring`).FindAllStringSubmatch(model, -1)
	g.Expect(queried).NotTo(BeEmpty())
	for _, metric := range queried {
		g.Expect(keptMetrics).To(ContainElement(metric[1]))
	}
}

// ignoring is a Prometheus that finds pods in the namespace of the PodMonitor only.
func ignoring(name string) selection.Instance {
	i := selecting(name, "release", "kps")
	i.IgnoresNamespaceSelectors = true
	return i
}

// keptMetrics are what Prometheus stores of the operator, whatever the cardinality.
var keptMetrics = slices.Concat(operatorMetrics, []string{"up"})

// alertsOnOperator are the alerts of a PrometheusRule on the metrics of the operator, in their order. They use no metric that is dropped.
func alertsOnOperator(g Gomega, rule *unstructured.Unstructured) []string {
	var found []string
	for _, group := range pipeline.ListIn(rule.Object, "spec", "groups") {
		for _, r := range pipeline.ListIn(group.(map[string]any), "rules") {
			alert, _ := r.(map[string]any)["alert"].(string)
			expr, _ := r.(map[string]any)["expr"].(string)
			if alert != "" && strings.Contains(expr, `job="monitoring/flux-fluxmonitoring"`) {
				found = append(found, alert)
				g.Expect(keptMetrics).To(ContainElements(query.New(expr).Metrics()), alert)
			}
		}
	}
	return found
}
