package v1alpha1_test

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestANewStatusHasNoGeneration(t *testing.T) {
	for name, written := range map[string]string{
		"without a status": "", "with a status of its own": "status: {observedGeneration: 1}",
	} {
		t.Run(name, func(t *testing.T) {
			o := create(t, "unobserved", written)
			NewWithT(t).Expect(o.Object["status"]).To(Equal(map[string]any{"observedGeneration": int64(-1)}))
		})
	}
}

func TestATypedClientCreatesWhatAManifestDoes(t *testing.T) {
	g := NewWithT(t)
	fm := &v1alpha1.FluxMonitoring{}
	fm.Namespace, fm.Name = "default", "typed"
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(fm)
	must(t, err)
	g.Expect(content).To(Equal(map[string]any{"metadata": map[string]any{"name": "typed", "namespace": "default"}}),
		"it sends neither an empty spec nor an empty status")

	must(t, server.Create(t.Context(), fm))
	t.Cleanup(func() { must(t, server.Delete(context.Background(), fm)) })
	must(t, server.Get(t.Context(), client.ObjectKeyFromObject(fm), fm))
	g.Expect(fm.Status).To(Equal(v1alpha1.FluxMonitoringStatus{ObservedGeneration: -1}))
}

func TestAWrittenStatusStays(t *testing.T) {
	g := NewWithT(t)
	o := create(t, "observed", "")
	fm := &v1alpha1.FluxMonitoring{}
	must(t, server.Get(t.Context(), client.ObjectKeyFromObject(o), fm))
	before := fm.DeepCopy()
	fm.Status.ObservedGeneration = fm.Generation
	must(t, server.Status().Patch(t.Context(), fm, client.MergeFrom(before)))

	must(t, server.Get(t.Context(), client.ObjectKeyFromObject(o), o))
	observed, _, err := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	must(t, err)
	g.Expect(observed).To(Equal(o.GetGeneration()))

	must(t, unstructured.SetNestedField(o.Object, true, "spec", "suspend"))
	must(t, server.Update(t.Context(), o))
	g.Expect(o.Object["status"]).To(Equal(map[string]any{"observedGeneration": int64(1)}), "a change of the spec leaves it")
	g.Expect(o.GetGeneration()).To(Equal(int64(2)))
}
