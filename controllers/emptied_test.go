package controllers_test

import (
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// patched has a JSON patch for the objects of a kind.
func patched(kind, patch string) func(*v1alpha1.FluxMonitoring) {
	return patches(kustomize.Patch{Patch: patch, Target: &kustomize.Selector{Kind: kind}})
}

func TestNoConditionIsTrueThatAPatchHasMadeFalse(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*v1alpha1.FluxMonitoring)
		conditions []string
	}{
		"no endpoints": {
			patched("PodMonitor", `[{"op":"replace","path":"/spec/podMetricsEndpoints","value":[]}]`),
			[]string{"Scraped=False/NotScraped", "AlertsEffective=False/NotScraped"},
		},
		"everything dropped": {
			func(fm *v1alpha1.FluxMonitoring) {
				fm.Spec.Scrape.MetricRelabelings = []monitoringv1.RelabelConfig{{Action: "drop", Regex: ".*"}}
			},
			[]string{"Scraped=False/NotScraped", "AlertsEffective=False/NotScraped"},
		},
		"a scrape class that nobody has": {
			patched("PodMonitor", `[{"op":"add","path":"/spec/scrapeClass","value":"token"}]`),
			[]string{"Scraped=False/NotSelected", "AlertsEffective=False/NotScraped"},
		},
		"no alerts": {
			patched("PrometheusRule", `[{"op":"replace","path":"/spec/groups","value":[{"name":"none","rules":[]}]}]`),
			[]string{"Scraped=True/Selected", "AlertsEffective=False/NoAlerts"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := shared.in(t).withFlux().withPrometheus()
			NewWithT(t).Expect(p.settled(p.create(c.change), append(c.conditions, ready)...)).NotTo(BeNil())
		})
	}
}
