package desired

import (
	"regexp"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/observe"
)

func TestTheOperatorIsScrapedWhereverItServesMetricsOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		spec    string
		facts   func(*observe.Facts)
		scraped []string
	}{
		"beside its exporter":                  {"{}", nil, []string{"flux", "flux-exporter", "flux-fluxmonitoring"}},
		"beside flux-operator":                 {"{}", reports, []string{"flux", "flux-flux-operator", "flux-fluxmonitoring"}},
		"beside kube-state-metrics":            {"resourceMetrics: {source: KubeStateMetrics}", nil, []string{"flux", "flux-fluxmonitoring"}},
		"without an exporter":                  {"{}", func(f *observe.Facts) { f.Exporter.Namespace = "" }, []string{"flux", "flux-fluxmonitoring"}},
		"not where its metrics are turned off": {"{}", func(f *observe.Facts) { f.MetricsNamespace = "" }, []string{"flux", "flux-exporter"}},
		"not where nothing is scraped":         {"scrape: {enabled: false}", nil, nil},
		"not without a Flux":                   {"{}", func(f *observe.Facts) { f.Flux.Controllers, f.FluxKinds = nil, nil }, nil},
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
				if o.GetKind() == observe.PodMonitorKind.Kind {
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
	model, _, err := unstructured.NestedString(find(objects, "ConfigMap").Object, "data", "fluxmonitoring.json")
	must(t, err)
	kept := slices.Concat(operatorMetrics, []string{"up"})
	asked := regexp.MustCompile(`([a-z_:]+)\{[^}]*monitoring/flux-fluxmonitoring`).FindAllStringSubmatch(model, -1)
	g.Expect(asked).NotTo(BeEmpty())
	for _, metric := range asked {
		g.Expect(kept).To(ContainElement(metric[1]))
	}
}
