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

func TestASealIsOfTheContentAlone(t *testing.T) {
	g := NewWithT(t)
	o := unsealed(t, configMaps, "x", `{metadata: {annotations: {note: kept}}, data: {a: "1"}}`)
	must(t, mark.SetDigest(o))
	g.Expect(o.Object).To(Equal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "x", "namespace": "monitoring", "annotations": map[string]any{
			"note": "kept", "fluxmonitoring.dev/applied": "sha256:6963caafe778c1bc72f108429f51a395572f4e13dc355b2c29ac7a19235a1048",
		}},
		"data": map[string]any{"a": "1"},
	}))
}

func TestASealChangesWithEveryPartOfTheContent(t *testing.T) {
	g := NewWithT(t)
	digests := map[string]string{}
	for name, o := range map[string]*unstructured.Unstructured{
		"one":                 unsealed(t, configMaps, "x", `data: {a: "1"}`),
		"another value":       unsealed(t, configMaps, "x", `data: {a: "2"}`),
		"another key":         unsealed(t, configMaps, "x", `data: {b: "1"}`),
		"another name":        unsealed(t, configMaps, "y", `data: {a: "1"}`),
		"another kind":        unsealed(t, podMonitors, "x", `data: {a: "1"}`),
		"a label":             unsealed(t, configMaps, "x", `{metadata: {labels: {a: b}}, data: {a: "1"}}`),
		"an annotation":       unsealed(t, configMaps, "x", `{metadata: {annotations: {a: b}}, data: {a: "1"}}`),
		"an empty annotation": unsealed(t, configMaps, "x", `{metadata: {annotations: {a: ""}}, data: {a: "1"}}`),
	} {
		must(t, mark.SetDigest(o))
		digest := o.GetAnnotations()[mark.DigestAnnotation]
		g.Expect(digests).NotTo(HaveKey(digest), "%s and %s", name, digests[digest])
		digests[digest] = name
	}
}

func TestASealOfASealedObjectIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		text := rapid.MapOf(rapid.StringMatching(`[a-z]{1,4}`), rapid.String())
		data, annotations := text.Draw(t, "data"), text.Draw(t, "annotations")
		one, other := sealedConfigMap(g, data, annotations), sealedConfigMap(g, data, annotations)
		g.Expect(other.Object).To(Equal(one.Object), "the order of a map does not matter")
		again := one.DeepCopy()
		g.Expect(mark.SetDigest(again)).To(Succeed())
		g.Expect(again.Object).To(Equal(one.Object))
	})
}

func sealedConfigMap(g *WithT, data, annotations map[string]string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{}}
	o.SetGroupVersionKind(configMaps)
	o.SetName("x")
	if len(annotations) > 0 {
		o.SetAnnotations(annotations)
	}
	content := map[string]any{}
	for key, value := range data {
		content[key] = value
	}
	o.Object["data"] = content
	g.Expect(mark.SetDigest(o)).To(Succeed())
	return o
}

func TestStripKeepsIdentityOwnershipAndTheOtherManager(t *testing.T) {
	g := NewWithT(t)
	leaving := &metav1.Time{Time: time.Unix(1, 0)}
	full := found(configMaps, "x", entry("kubectl", metav1.ManagedFieldsOperationUpdate, "", `{"f:data":{"f:b":{}}}`),
		applied(`{"f:data":{"f:a":{}}}`), entry(mark.FieldManager, metav1.ManagedFieldsOperationUpdate, "", `{"f:data":{"f:c":{}}}`))
	full.Labels = map[string]string{mark.OwnerLabel: "flux", "team": "a"}
	full.Annotations = map[string]string{mark.DigestAnnotation: "sha256:00", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
	full.DeletionTimestamp, full.Generation, full.Finalizers = leaving, 4, []string{"a"}
	full.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: "flux"}, owning("flux", flux.UID)}

	kept, err := Strip(full)
	must(t, err)
	g.Expect(kept).To(Equal(found(configMaps, "x", applied(`{"f:data":{"f:a":{}}}`), func(o *metav1.PartialObjectMetadata) {
		o.Labels, o.Annotations = map[string]string{mark.OwnerLabel: "flux"}, map[string]string{mark.DigestAnnotation: "sha256:00"}
		o.DeletionTimestamp = leaving
		o.OwnerReferences = []metav1.OwnerReference{owning("flux", flux.UID)}
		o.ManagedFields = append(o.ManagedFields, metav1.ManagedFieldsEntry{Manager: "kubectl", Operation: metav1.ManagedFieldsOperationUpdate})
	})))
	again, err := Strip(kept)
	must(t, err)
	g.Expect(again).To(Equal(kept))
}

func TestWhatIsNoMetadataIsKeptAsItIs(t *testing.T) {
	g := NewWithT(t)
	kept, err := Strip(&corev1.ConfigMap{Data: map[string]string{"a": "1"}})
	must(t, err)
	g.Expect(kept).To(Equal(&corev1.ConfigMap{Data: map[string]string{"a": "1"}}))
}
