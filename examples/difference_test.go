package examples_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Argo CD marks the objects that it applies, so that it prunes no others.
const (
	trackingLabel      = "app.kubernetes.io/instance"
	trackingAnnotation = "argocd.argoproj.io/tracking-id"
	lastApplied        = "kubectl.kubernetes.io/last-applied-configuration"
)

func TestAnAppliedFluxMonitoringDoesNotDiffer(t *testing.T) {
	for name, file := range map[string]string{
		"the example": "argocd/monitoring/fluxmonitoring.yaml", "every field": "../config/samples/fluxmonitoring_full.yaml",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, "differs-"+name)
			config := tracked(p, written(t, file)[0])
			p.observed(applyAsArgoCD(p, config))
			t.Run("by the three-way merge of a client-side apply", func(t *testing.T) {
				NewWithT(t).Expect(threeWay(p, config)).To(Equal("{}"))
			})
			t.Run("by a server-side apply without consequence", func(t *testing.T) {
				live, predicted := serverSide(p, config)
				NewWithT(t).Expect(predicted).To(Equal(live))
			})
		})
	}
}

// tracked is an object as Argo CD applies it, in the place.
func tracked(p *place, o *unstructured.Unstructured) *unstructured.Unstructured {
	o.SetNamespace(p.namespace)
	o.SetLabels(map[string]string{trackingLabel: "fluxmonitoring"})
	o.SetAnnotations(map[string]string{trackingAnnotation: "fluxmonitoring:fluxmonitoring.dev/FluxMonitoring:" + p.namespace + "/flux"})
	return o
}

// applyAsArgoCD creates an object as kubectl apply and Argo CD do: with a note of what was applied.
func applyAsArgoCD(p *place, config *unstructured.Unstructured) *unstructured.Unstructured {
	p.t.Helper()
	live := config.DeepCopy()
	annotations := live.GetAnnotations()
	annotations[lastApplied] = asJSON(p.t, config)
	live.SetAnnotations(annotations)
	must(p.t, admin.Create(p.t.Context(), live, client.FieldOwner("argocd-controller")))
	p.t.Cleanup(func() { must(p.t, client.IgnoreNotFound(admin.Delete(context.Background(), live))) })
	return live
}

// threeWay is the patch by which Argo CD predicts what applying would change: nothing differs where it is empty.
func threeWay(p *place, config *unstructured.Unstructured) string {
	p.t.Helper()
	live := p.live(config)
	patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(
		[]byte(live.GetAnnotations()[lastApplied]), []byte(asJSON(p.t, config)), []byte(asJSON(p.t, live)))
	must(p.t, err)
	return string(patch)
}

// serverSide is an object, and what it would be were it applied, as Argo CD compares them with ServerSideDiff=true.
func serverSide(p *place, config *unstructured.Unstructured) (live, predicted map[string]any) {
	p.t.Helper()
	before, after := p.live(config), config.DeepCopy()
	must(p.t, admin.Apply(p.t.Context(), client.ApplyConfigurationFromUnstructured(after), client.DryRunAll,
		client.FieldOwner("argocd-controller"), client.ForceOwnership))
	for _, o := range []*unstructured.Unstructured{before, after} {
		o.SetManagedFields(nil)
		o.SetResourceVersion("")
		o.SetGeneration(0)
	}
	return before.Object, after.Object
}

func (p *place) live(o *unstructured.Unstructured) *unstructured.Unstructured {
	p.t.Helper()
	live := &unstructured.Unstructured{}
	live.SetGroupVersionKind(o.GroupVersionKind())
	must(p.t, admin.Get(p.t.Context(), client.ObjectKeyFromObject(o), live))
	return live
}

// observed waits until the operator has written a status with the condition Scraped.
func (p *place) observed(o *unstructured.Unstructured) {
	p.t.Helper()
	NewWithT(p.t).Eventually(func() string { return conditionsOf(p.live(o)) }, soon, often).Should(ContainSubstring("Scraped="))
}

func asJSON(t *testing.T, o *unstructured.Unstructured) string {
	t.Helper()
	content, err := json.Marshal(o.Object)
	must(t, err)
	return string(content)
}

func TestGeneratedObjectsAreOwnedAndNotTracked(t *testing.T) {
	g := NewWithT(t)
	p := newPlace(t, "tracked")
	fm := tracked(p, p.object("fluxmonitoring.dev/v1alpha1", "FluxMonitoring", "flux", map[string]any{
		"prometheus": map[string]any{"selector": map[string]any{"matchLabels": p.mine}, "verify": map[string]any{"mode": "Off"}},
	}))
	fm = p.settled(applyAsArgoCD(p, fm), "Ready=True/Applied"+proof)
	var names []string
	for _, kind := range []schema.GroupVersionKind{
		corev1.SchemeGroupVersion.WithKind("ConfigMap"),
		{Group: "monitoring.coreos.com", Version: "v1", Kind: "PodMonitor"}, {Group: "monitoring.coreos.com", Version: "v1", Kind: "PrometheusRule"},
	} {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind)
		must(t, admin.List(t.Context(), list, client.InNamespace(p.namespace), client.MatchingLabels{"fluxmonitoring.dev/name": "flux"}))
		for _, o := range list.Items {
			names = append(names, kind.Kind+"/"+o.Name)
			g.Expect(o.Labels).NotTo(HaveKey(trackingLabel), o.Name)
			g.Expect(o.Annotations).NotTo(HaveKey(trackingAnnotation), o.Name)
			g.Expect(metav1.GetControllerOf(&o)).To(HaveField("UID", fm.GetUID()), o.Name)
		}
	}
	slices.Sort(names)
	g.Expect(names).To(Equal([]string{
		"ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane", "ConfigMap/flux-dashboard-fluxmonitoring",
		"ConfigMap/flux-dashboard-resource", "PodMonitor/flux", "PodMonitor/flux-exporter", "PodMonitor/flux-fluxmonitoring", "PrometheusRule/flux",
	}))
}
