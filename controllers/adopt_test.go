package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

const dashboard = "flux-dashboard-cluster"

func (p *place) withForeignConfigMap() *corev1.ConfigMap {
	p.t.Helper()
	foreign := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: dashboard, Labels: map[string]string{"by": "hand"}},
		Data:       map[string]string{"precious": "yes", p.keyed("flux-cluster.json"): "{}"},
	}
	p.must(p.Create(p.t.Context(), foreign))
	return foreign
}

func TestAForeignObjectIsLeftAloneAndReported(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	foreign := p.withForeignConfigMap()
	fm := p.settled(p.create(), "Ready=False/ForeignObject", "Stalled=True/ForeignObject", "Scraped=Unknown/Selected")

	p.Expect(message(fm, "Ready")).To(Equal("ConfigMap flux-dashboard-cluster: it exists and is managed by controllers.test: " +
		"delete it, or set spec.adoptionPolicy to Adopt"))
	p.Expect(p.get("ConfigMap", dashboard).GetResourceVersion()).To(Equal(foreign.ResourceVersion))
	p.Expect(p.generated()).To(ConsistOf(but(usual, "ConfigMap/"+dashboard)), "one object's fault blocks no other")
	p.Expect(fm.Status.Inventory.Entries).To(HaveLen(len(usual) - 1))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Warning ForeignObject " + message(fm, "Ready")))
}

func TestAForeignObjectIsAdoptedWherePolicyAllows(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	p.withForeignConfigMap()
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) { fm.Spec.AdoptionPolicy = v1alpha1.AdoptionPolicyAdopt }), ready)

	o := p.get("ConfigMap", dashboard)
	p.Expect(o.GetLabels()).To(HaveKeyWithValue("by", "hand"))
	p.Expect(o.GetLabels()).To(HaveKeyWithValue("fluxmonitoring.dev/name", "flux"))
	p.Expect(o.Object["data"]).To(HaveKeyWithValue("precious", "yes"), "fields that are not desired stay")
	p.Expect(o.Object["data"]).NotTo(HaveKeyWithValue(p.keyed("flux-cluster.json"), "{}"))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Normal Adopted ConfigMap/flux-dashboard-cluster adopted"))
}

func TestADeletedForeignObjectIsReplacedOnRequest(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	foreign := p.withForeignConfigMap()
	fm := p.settled(p.create(), "Stalled=True/ForeignObject")
	p.must(p.Delete(t.Context(), foreign))
	p.request(fm, "now")
	p.settled(fm, ready)
}
