package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func orphaned(fm *v1alpha1.FluxMonitoring) { fm.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan }

// owned are the objects of the place's usual ones that have an ownerReference: what the garbage collector takes with the resource.
func (p *place) owned() []string {
	p.t.Helper()
	owned := func(o unstructured.Unstructured) bool { return len(o.GetOwnerReferences()) > 0 }
	return p.objects(owned, "ConfigMap", "PodMonitor", "PrometheusRule")
}

// settledPolicy waits until the status reports the deletion policy.
func (p *place) settledPolicy(fm *v1alpha1.FluxMonitoring, policy v1alpha1.DeletionPolicy) {
	p.t.Helper()
	p.Eventually(func(g Gomega) {
		g.Expect(p.Get(p.t.Context(), client.ObjectKeyFromObject(fm), fm)).To(Succeed())
		g.Expect(fm.Status.ObservedGeneration).To(Equal(fm.Generation))
		g.Expect(fm.Status.DeletionPolicy).To(Equal(policy))
	}).Should(Succeed())
}

func TestOrphanHoldsInEveryState(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t)
	for name, state := range map[string]func(*v1alpha1.FluxMonitoring){
		"nothing is wrong": func(*v1alpha1.FluxMonitoring) {},
		"suspended":        func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true },
		"an invalid spec":  additional("bad", monitoringv1.Rule{Alert: "Bad", Expr: intstr.FromString("sum(")}),
		"no Flux":          func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = "of-no-flux" },
	} {
		t.Run(name, func(t *testing.T) {
			p := c.in(t).withFlux()
			fm := p.settled(p.create(), ready)
			p.Expect(p.owned()).To(ConsistOf(usual))
			p.change(fm, state)
			p.change(fm, orphaned)
			p.settledPolicy(fm, v1alpha1.DeletionPolicyOrphan)
			p.Expect(p.owned()).To(BeEmpty())
			p.Expect(p.generated()).To(ConsistOf(usual))

			p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
			p.settledPolicy(fm, "")
			p.Expect(p.owned()).To(ConsistOf(usual), "and back")

			p.change(fm, orphaned)
			p.settledPolicy(fm, v1alpha1.DeletionPolicyOrphan)
			p.must(p.Delete(t.Context(), fm))
			p.Expect(p.owned()).To(BeEmpty())
			p.Expect(p.generated()).To(ConsistOf(usual))
		})
	}
}

func TestOrphanIncludesAnObjectWithoutItsLabel(t *testing.T) {
	p := inOwnCluster(t).withFlux()
	fm := p.settled(p.create(), ready)
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true })
	p.settled(fm, "Ready=True/Suspended")
	p.tamper("ConfigMap", dashboard, noLabel)
	p.change(fm, orphaned)
	p.settledPolicy(fm, v1alpha1.DeletionPolicyOrphan)
	p.Expect(p.owned()).To(BeEmpty())
}

func TestAForbiddenOrphanPolicyIsNotReported(t *testing.T) {
	p, fm := shared.in(t).monitored()
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { tenant(fm); fm.Spec.Suspend = true })
	p.settled(fm, "Ready=True/Suspended")
	p.change(fm, orphaned)
	p.settled(fm, "Ready=False/Forbidden", "Stalled=True/Forbidden")
	p.Expect(fm.Status.DeletionPolicy).To(BeEmpty())
	p.Expect(p.owned()).To(ConsistOf(usual))
}

func TestOrphanHoldsAfterAnEarlyDeletion(t *testing.T) {
	p := inOwnCluster(t).withFlux()
	fm := p.settled(p.create(), ready)
	p.change(fm, orphaned)
	p.must(p.Delete(t.Context(), fm))
	p.Eventually(p.owned).Should(BeEmpty(), "which no garbage collector forestalls here")
	p.Expect(p.generated()).To(ConsistOf(usual))
}

func TestOrphanHoldsWhileAFinalizerKeepsTheFluxMonitoring(t *testing.T) {
	p := inVacantCluster(t).withFlux()
	stop := p.operator(t)
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) { fm.Finalizers = []string{"example.com/slow"} }), ready)
	stop()
	p.change(fm, orphaned)
	p.must(p.Delete(t.Context(), fm, client.PropagationPolicy(metav1.DeletePropagationForeground)))
	p.operator(t)
	p.Eventually(p.owned).Should(BeEmpty())
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Finalizers = nil })
}

func TestOwnerReferencesOfOthersStay(t *testing.T) {
	p := inOwnCluster(t).withFlux()
	fm := p.settled(p.create(), ready)
	p.tamper("PodMonitor", "flux", `{"op":"add","path":"/metadata/ownerReferences/-","value":{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"uid-of-a"}}`)
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Suspend, fm.Spec.DeletionPolicy = true, v1alpha1.DeletionPolicyOrphan
	})
	p.settledPolicy(fm, v1alpha1.DeletionPolicyOrphan)
	p.Expect(p.get("PodMonitor", "flux").GetOwnerReferences()).To(Equal([]metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "a", UID: "uid-of-a"}}))
}
