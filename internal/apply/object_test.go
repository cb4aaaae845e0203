package apply

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/mark"
)

func TestADigestIsOfTheContentOnly(t *testing.T) {
	g := NewWithT(t)
	o := unmarked(t, configMaps, "x", `{metadata: {annotations: {note: kept}}, data: {a: "1"}}`)
	must(t, mark.SetDigest(o))
	g.Expect(o.Object).To(Equal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "x", "namespace": "monitoring", "annotations": map[string]any{
			"note": "kept", "fluxmonitoring.dev/applied": "sha256:6963caafe778c1bc72f108429f51a395572f4e13dc355b2c29ac7a19235a1048",
		}},
		"data": map[string]any{"a": "1"},
	}))
}

func TestADigestChangesWithEveryPartOfTheContent(t *testing.T) {
	g := NewWithT(t)
	digests := map[string]string{}
	for name, o := range map[string]*unstructured.Unstructured{
		"one":                 unmarked(t, configMaps, "x", `data: {a: "1"}`),
		"another value":       unmarked(t, configMaps, "x", `data: {a: "2"}`),
		"another key":         unmarked(t, configMaps, "x", `data: {b: "1"}`),
		"another name":        unmarked(t, configMaps, "y", `data: {a: "1"}`),
		"another kind":        unmarked(t, podMonitors, "x", `data: {a: "1"}`),
		"a label":             unmarked(t, configMaps, "x", `{metadata: {labels: {a: b}}, data: {a: "1"}}`),
		"an annotation":       unmarked(t, configMaps, "x", `{metadata: {annotations: {a: b}}, data: {a: "1"}}`),
		"an empty annotation": unmarked(t, configMaps, "x", `{metadata: {annotations: {a: ""}}, data: {a: "1"}}`),
	} {
		must(t, mark.SetDigest(o))
		digest := o.GetAnnotations()[mark.DigestAnnotation]
		g.Expect(digests).NotTo(HaveKey(digest), "%s and %s", name, digests[digest])
		digests[digest] = name
	}
}

func TestTheDigestOfTheSameContentIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		text := rapid.MapOf(rapid.StringMatching(`[a-z]{1,4}`), rapid.String())
		data, annotations := text.Draw(t, "data"), text.Draw(t, "annotations")
		digested := func() *unstructured.Unstructured {
			o := &unstructured.Unstructured{Object: map[string]any{}}
			o.SetGroupVersionKind(configMaps)
			o.SetAnnotations(annotations)
			g.Expect(unstructured.SetNestedStringMap(o.Object, data, "data")).To(Succeed())
			g.Expect(mark.SetDigest(o)).To(Succeed())
			return o
		}
		one := digested()
		g.Expect(digested()).To(Equal(one), "the order of a map does not matter")
		again := one.DeepCopy()
		g.Expect(mark.SetDigest(again)).To(Succeed())
		g.Expect(again).To(Equal(one), "the digest is not part of the content")
	})
}

func TestStripKeepsIdentityOwnershipAndTheOtherManager(t *testing.T) {
	g := NewWithT(t)
	update := func(manager string, seconds int64) func(*metav1.PartialObjectMetadata) {
		return timed(entry(manager, metav1.ManagedFieldsOperationUpdate, "", `{"f:data":{"f:b":{}}}`), seconds)
	}
	ours := timed(applied(`{"f:data":{"f:a":{}}}`), 2)
	leaving := &metav1.Time{Time: time.Unix(1, 0)}
	full := found(configMaps, "x", update("kubectl", 1), ours, entry(mark.FieldManager, metav1.ManagedFieldsOperationUpdate, "", `{"f:data":{"f:c":{}}}`))
	full.Labels = map[string]string{mark.OwnerLabel: "flux", "team": "a"}
	full.Annotations = map[string]string{mark.DigestAnnotation: "sha256:00", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
	full.DeletionTimestamp, full.Generation, full.Finalizers = leaving, 4, []string{"a"}
	full.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: "flux"}, owning("flux", flux.UID)}

	kept, err := Strip(full)
	must(t, err)
	g.Expect(kept).To(Equal(found(configMaps, "x", ours, func(o *metav1.PartialObjectMetadata) {
		o.Labels, o.Annotations = map[string]string{mark.OwnerLabel: "flux"}, map[string]string{mark.DigestAnnotation: "sha256:00"}
		o.DeletionTimestamp = leaving
		o.OwnerReferences = []metav1.OwnerReference{owning("flux", flux.UID)}
		o.ManagedFields = append(o.ManagedFields, metav1.ManagedFieldsEntry{
			Manager: "kubectl", Operation: metav1.ManagedFieldsOperationUpdate, Time: &metav1.Time{Time: time.Unix(1, 0)},
		})
	})))
	g.Expect(Strip(kept)).To(Equal(kept))
	g.Expect(Strip(&corev1.ConfigMap{})).To(Equal(&corev1.ConfigMap{}), "an object that is no metadata is kept")

	kept, err = Strip(found(configMaps, "x", update("kubectl", 1), ours, update("editor", 2), update("other", 3)))
	must(t, err)
	g.Expect(kept.(*metav1.PartialObjectMetadata).ManagedFields).To(Equal(
		found(configMaps, "x", ours, update("editor", 2), update("other", 3)).ManagedFields), "entries since the operator's are kept whole")
}
