package alerts

import (
	"testing"

	. "github.com/onsi/gomega"
)

// linksOf are the two links of an alert, as Prometheus fills them in.
func linksOf(g Gomega, p Params, name string) []string {
	var found []string
	for _, annotation := range []string{"dashboard_url", "flux_operator_url"} {
		found = append(found, filled(g, theRule(g, p, name).Annotations[annotation], example))
	}
	return found
}

func TestAnAlertOnAnObjectLinksToTheObject(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.DashboardURL, p.FluxOperatorURL = "https://grafana.example.com/d/flux-resource", "https://flux.example.com/"
	g.Expect(linksOf(g, p, "ReconciliationFailure")).To(Equal([]string{
		"https://grafana.example.com/d/flux-resource?var-namespace=team-payments&var-kind=Kustomization&var-name=checkout-service",
		"https://flux.example.com/resource/Kustomization/team-payments/checkout-service",
	}))
	g.Expect(linksOf(g, p, "FluxMonitoringNotReady")).To(Equal([]string{
		"https://grafana.example.com/d/flux-resource?var-namespace=team-payments&var-kind=FluxMonitoring&var-name=checkout-service", "",
	}), "flux-operator does not know the kind")
	g.Expect(linksOf(g, p, "FluxMonitoringNotReconciled")).To(Equal([]string{"", ""}), "the dashboard may have no data about it")
	g.Expect(linksOf(g, p, "FluxControllerMemoryHigh")).To(Equal([]string{"", ""}), "it is about no object")

	p.DashboardURL = "/d/flux-resource?var-cluster=eu+1"
	g.Expect(linksOf(g, p, "FluxResourceStalled")[0]).To(Equal(
		"/d/flux-resource?var-cluster=eu+1&var-namespace=team-payments&var-kind=Kustomization&var-name=checkout-service"))
	g.Expect(linksOf(g, params("v2.9.4"), "ReconciliationFailure")).To(Equal([]string{"", ""}), "neither address is known")
}
