package controllers_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func off() *bool { no := false; return &no }

// onlyScraped is a spec of which PodMonitors alone come.
func onlyScraped(fm *v1alpha1.FluxMonitoring) {
	fm.Spec.Dashboards.Enabled, fm.Spec.Alerts.Enabled = off(), off()
}

func TestWhatIsNoLongerWantedIsPruned(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	g.Expect(p.generated()).To(ConsistOf(usual))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Dashboards.Include = []v1alpha1.DashboardName{"flux-cluster"}
		fm.Spec.Alerts.Enabled = off()
	})
	p.settled(fm, ready)
	g.Expect(conditionsOf(fm)).To(Equal([]string{"Ready", "Scraped", "ResourceMetrics"}))

	g.Expect(p.generated()).To(ConsistOf(slices.Concat(monitors, []string{"ConfigMap/flux-dashboard-cluster", "PrometheusRule/flux"})),
		"a dashboard stands on recordings")
	g.Expect(fm.Status.Inventory.Entries).To(HaveLen(len(monitors) + 2))

	p.change(fm, onlyScraped)
	p.settled(fm, ready)
	g.Expect(p.generated()).To(ConsistOf(monitors))
	g.Expect(fm.Status.Inventory.Entries).To(HaveLen(len(monitors)))
	g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(ContainElements(
		"Normal Deleted ConfigMap/flux-dashboard-control-plane deleted", "Normal Deleted PrometheusRule/flux deleted"))
}

// conditionsOf are the types of a resource's conditions, in their order.
func conditionsOf(fm *v1alpha1.FluxMonitoring) []string {
	var types []string
	for _, c := range fm.Status.Conditions {
		types = append(types, c.Type)
	}
	return types
}

func TestEverythingTurnedOffLeavesNothing(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Scrape.Enabled, fm.Spec.Dashboards.Enabled, fm.Spec.Alerts.Enabled = off(), off(), off()
	})
	p.settled(fm, ready)
	g.Expect(conditionsOf(fm)).To(Equal([]string{"Ready", "ResourceMetrics"}))
	g.Expect(p.generated()).To(BeEmpty())
	g.Expect(fm.Status.Inventory).To(BeNil())
}

func TestACopyAPersonMadeIsNotPruned(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)

	original := p.get("ConfigMap", "flux-dashboard-cluster")
	kept := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: p.namespace, Name: "my-dashboard", Labels: original.GetLabels(), Annotations: original.GetAnnotations(),
	}}
	p.must(p.Create(t.Context(), kept))
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = off() })
	p.settled(fm, ready)

	g.Expect(p.generated()).To(ConsistOf(append(but(usual, boards...), "ConfigMap/my-dashboard")))
}

func TestTurningFluxOffAltogetherLeavesItsAlertsInPlace(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux("source-controller").withPrometheus()
	fm := p.settled(p.create(), ready)
	p.deleteDeployment("source-controller")

	p.settled(fm, "Ready=False/FluxNotFound")
	g.Expect(p.get("PrometheusRule", "flux")).NotTo(BeNil(), "its alert FluxControllerDown must now fire")
	g.Expect(p.get("PodMonitor", "flux")).NotTo(BeNil())
}
