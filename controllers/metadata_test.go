package controllers_test

import (
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestObjectsAreOwnedUnlessOrphaned(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	yes := true
	owner := []metav1.OwnerReference{{
		APIVersion: "fluxmonitoring.dev/v1alpha1", Kind: "FluxMonitoring", Name: "flux", UID: fm.UID,
		Controller: &yes,
	}}
	g.Expect(p.get("PodMonitor", "flux").GetOwnerReferences()).To(Equal(owner))
	g.Expect(p.get("ConfigMap", "flux-dashboard-cluster").GetOwnerReferences()).To(Equal(owner))
	g.Expect(fm.Finalizers).To(BeEmpty(), "deletion needs no operator")

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
	p.settled(fm, ready)
	for _, o := range []struct{ kind, name string }{
		{"PodMonitor", "flux"}, {"PrometheusRule", "flux"}, {"ConfigMap", "flux-dashboard-cluster"},
	} {
		g.Expect(p.get(o.kind, o.name).GetOwnerReferences()).To(BeEmpty())
	}

	p.must(p.Delete(t.Context(), fm))
	again := p.settled(p.create(), ready)
	g.Expect(p.generated()).To(ConsistOf(usual))
	g.Expect(p.get("PodMonitor", "flux").GetOwnerReferences()[0].UID).To(Equal(again.UID), "what was orphaned is taken up again")
}

func TestLabelsAndAnnotationsOfTheResourceAreNotCopied(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Labels = map[string]string{"argocd.argoproj.io/instance": "platform"}
		fm.Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "x"}
		fm.Spec.CommonMetadata = v1alpha1.CommonMetadata{
			Labels: map[string]string{"team": "a"}, Annotations: map[string]string{"note": "b"},
		}
	}), ready)
	o := p.get("ConfigMap", "flux-dashboard-cluster")
	g.Expect(o.GetLabels()).To(Equal(map[string]string{
		"app.kubernetes.io/component": "monitoring", "app.kubernetes.io/part-of": "flux",
		"app.kubernetes.io/managed-by": "fluxmonitoring-operator", "fluxmonitoring.dev/name": "flux",
		"grafana_dashboard": "1", "kustomize.toolkit.fluxcd.io/substitute": "disabled", "team": "a",
	}))
	annotations := o.GetAnnotations()
	delete(annotations, "fluxmonitoring.dev/applied")
	g.Expect(annotations).To(Equal(map[string]string{"grafana_folder": "Flux", "note": "b"}))
}

func TestPatchesHaveTheLastWord(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Patches = []kustomize.Patch{
			{Target: &kustomize.Selector{Kind: "PodMonitor"}, Patch: `[{"op":"add","path":"/spec/sampleLimit","value":5000}]`},
			{Target: &kustomize.Selector{Kind: "ConfigMap", Name: "flux-dashboard-cluster"}, Patch: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: any\n  labels:\n    grafana_dashboard: \"2\"\n    fluxmonitoring.dev/name: thief\n"},
		}
	}), ready)
	g.Expect(p.get("PodMonitor", "flux").Object["spec"]).To(HaveKeyWithValue("sampleLimit", int64(5000)))
	labels := p.get("ConfigMap", "flux-dashboard-cluster").GetLabels()
	g.Expect(labels).To(HaveKeyWithValue("grafana_dashboard", "2"))
	g.Expect(labels).To(HaveKeyWithValue("fluxmonitoring.dev/name", "flux"), "but whose an object is, no patch decides")
}
