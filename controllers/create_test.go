package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestObjectsAreOwnedUnlessOrphaned(t *testing.T) {
	p, fm := shared.in(t).monitored()
	owner := []metav1.OwnerReference{{
		APIVersion: "fluxmonitoring.dev/v1alpha1", Kind: "FluxMonitoring", Name: "flux", UID: fm.UID,
		Controller: new(true),
	}}
	p.Expect(p.get("PodMonitor", "flux").GetOwnerReferences()).To(Equal(owner))
	p.Expect(p.get("ConfigMap", "flux-dashboard-cluster").GetOwnerReferences()).To(Equal(owner))
	p.Expect(fm.Finalizers).To(BeEmpty(), "deletion needs no operator")

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
	p.settled(fm, ready)
	for _, o := range []struct{ kind, name string }{
		{"PodMonitor", "flux"}, {"PrometheusRule", "flux"}, {"ConfigMap", "flux-dashboard-cluster"},
	} {
		p.Expect(p.get(o.kind, o.name).GetOwnerReferences()).To(BeEmpty())
	}

	p.must(p.Delete(t.Context(), fm))
	again := p.settled(p.create(), ready)
	p.Expect(p.generated()).To(ConsistOf(usual))
	p.Expect(p.get("PodMonitor", "flux").GetOwnerReferences()[0].UID).To(Equal(again.UID), "it owns the orphaned objects again")
}

func TestLabelsAndAnnotationsOfTheResourceAreNotCopied(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Labels = map[string]string{"argocd.argoproj.io/instance": "platform"}
		fm.Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "x"}
		fm.Spec.CommonMetadata = v1alpha1.CommonMetadata{
			Labels: map[string]string{"team": "a"}, Annotations: map[string]string{"note": "b"},
		}
	}), ready)
	o := p.get("ConfigMap", "flux-dashboard-cluster")
	p.Expect(o.GetLabels()).To(Equal(map[string]string{
		"app.kubernetes.io/component": "monitoring", "app.kubernetes.io/part-of": "flux",
		"app.kubernetes.io/managed-by": "fluxmonitoring-operator", "fluxmonitoring.dev/name": "flux",
		"grafana_dashboard": "1", "kustomize.toolkit.fluxcd.io/substitute": "disabled", "team": "a",
	}))
	annotations := o.GetAnnotations()
	delete(annotations, "fluxmonitoring.dev/applied")
	p.Expect(annotations).To(Equal(map[string]string{"grafana_folder": "Flux", "note": "b"}))
}

func TestAnEmptySpecIsComplete(t *testing.T) {
	p, fm := shared.in(t).monitored("Scraped=Unknown/Selected", "ResourceMetrics=True/Served", "AlertsEffective=True/Effective")

	p.Expect(p.generated()).To(ConsistOf(usual))
	p.Expect(message(fm, "Ready")).To(Equal("Flux v2.9.5 in " + p.flux + ": PodMonitor, PrometheusRule and dashboards applied"))
	p.Expect(message(fm, "AlertsEffective")).To(Equal("Prometheus " + p.namespace +
		"/k8s evaluates the alerts and sends them to its Alertmanager"))
	p.Expect(fm.Status.Inventory).To(Equal(&v1alpha1.Inventory{Entries: []v1alpha1.InventoryEntry{
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
