package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestAnEmptySpecIsComplete(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "Scraped=True/Selected", "ResourceMetrics=True/Served", "AlertsEffective=True/Effective")

	g.Expect(p.generated()).To(ConsistOf(usual))
	g.Expect(message(fm, "Ready")).To(Equal("Flux v2.9.5 in " + p.flux + ": PodMonitor, PrometheusRule and dashboards applied"))
	g.Expect(message(fm, "AlertsEffective")).To(Equal("every alert has its metrics, is evaluated by Prometheus " +
		p.namespace + "/k8s and is sent to its Alertmanager"))
	g.Expect(fm.Status.Inventory).To(Equal(&v1alpha1.Inventory{Entries: []v1alpha1.InventoryEntry{
		{ID: p.namespace + "_flux-dashboard-cluster__ConfigMap", Version: "v1"},
		{ID: p.namespace + "_flux-dashboard-control-plane__ConfigMap", Version: "v1"},
		{ID: p.namespace + "_flux-dashboard-fluxmonitoring__ConfigMap", Version: "v1"},
		{ID: p.namespace + "_flux-dashboard-resource__ConfigMap", Version: "v1"},
		{ID: p.namespace + "_flux-exporter_monitoring.coreos.com_PodMonitor", Version: "v1"},
		{ID: p.namespace + "_flux-fluxmonitoring_monitoring.coreos.com_PodMonitor", Version: "v1"},
		{ID: p.namespace + "_flux_monitoring.coreos.com_PodMonitor", Version: "v1"},
		{ID: p.namespace + "_flux_monitoring.coreos.com_PrometheusRule", Version: "v1"},
	}}))
}
