package controllers_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

// onlyScraped is a spec of which PodMonitors alone come.
func onlyScraped(fm *v1alpha1.FluxMonitoring) {
	fm.Spec.Dashboards.Enabled, fm.Spec.Alerts.Enabled = new(false), new(false)
}

func TestPrunesObjectsNoLongerDesired(t *testing.T) {
	p, fm := shared.in(t).monitored()
	p.Expect(p.generated()).To(ConsistOf(usual))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Dashboards.Include = []v1alpha1.DashboardName{"flux-cluster"}
		fm.Spec.Alerts.Enabled = new(false)
	})
	p.settled(fm, ready)
	p.Expect(operator.Conditions(fm)).To(HaveExactElements(HavePrefix("Ready="), HavePrefix("Proven="), HavePrefix("Scraped="), HavePrefix("ResourceMetrics="),
		HavePrefix("RulesHealthy="), HavePrefix("DashboardsLoaded=")))
	p.Expect(p.generated()).To(ConsistOf(slices.Concat(monitors, []string{"ConfigMap/flux-dashboard-cluster", "PrometheusRule/flux"})),
		"a dashboard needs recording rules")
	p.Expect(fm.Status.Inventory.Entries).To(HaveLen(len(monitors) + 2))

	p.change(fm, onlyScraped)
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(monitors))
	p.Expect(fm.Status.Inventory.Entries).To(HaveLen(len(monitors)))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElements(
		"Normal Deleted ConfigMap/flux-dashboard-control-plane deleted", "Normal Deleted PrometheusRule/flux deleted"))
}

func TestDisablingEverythingPrunesAll(t *testing.T) {
	p, fm := shared.in(t).monitored()
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Scrape.Enabled = new(false) })
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(but(usual, monitors...)))
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Dashboards.Enabled, fm.Spec.Alerts.Enabled = new(false), new(false)
	})
	p.settled(fm, ready)
	p.Expect(operator.Conditions(fm)).To(HaveExactElements(HavePrefix("Ready="), HavePrefix("ResourceMetrics=")))
	p.Expect(p.generated()).To(BeEmpty())
	p.Expect(fm.Status.Inventory).To(BeNil())
}

func TestACopyOfAnObjectIsNotPruned(t *testing.T) {
	p, fm := shared.in(t).monitored()
	inventory := fm.Status.Inventory

	original := p.get("ConfigMap", "flux-dashboard-cluster")
	kept := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: p.namespace, Name: "my-dashboard", Labels: original.GetLabels(), Annotations: original.GetAnnotations(),
	}}
	p.must(p.Create(t.Context(), kept))
	p.requested(fm, "now", ready)
	p.Expect(fm.Status.Inventory).To(Equal(inventory), "the inventory does not list the copy")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Dashboards.Enabled = new(false) })
	p.settled(fm, ready)

	p.Expect(p.generated()).To(ConsistOf(append(but(usual, boards...), "ConfigMap/my-dashboard")))
}

func TestAlertsStayWhenFluxIsRemoved(t *testing.T) {
	p := shared.in(t).withFlux("source-controller").withPrometheus()
	fm := p.settled(p.create(), ready)
	p.deleteDeployment("source-controller")

	p.settled(fm, "Ready=False/FluxNotFound")
	p.Expect(p.get("PrometheusRule", "flux")).NotTo(BeNil(), "its alert FluxControllerDown must now fire")
	p.Expect(p.get("PodMonitor", "flux")).NotTo(BeNil())
}
