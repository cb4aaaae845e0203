package apply

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/mark"
)

var (
	configMaps  = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	podMonitors = schema.GroupVersionKind{Group: "monitoring.coreos.com", Version: "v1", Kind: "PodMonitor"}
	rules       = schema.GroupVersionKind{Group: "monitoring.coreos.com", Version: "v1", Kind: "PrometheusRule"}
)

// flux is the owner in these tests.
var flux = Owner{Namespace: "monitoring", Name: "flux", UID: "uid-of-flux"}

// desired is an object of the owner with a content in YAML, the owner's label and a digest.
func desired(t *testing.T, kind schema.GroupVersionKind, name, content string) *unstructured.Unstructured {
	t.Helper()
	o := unmarked(t, kind, name, content)
	must(t, unstructured.SetNestedField(o.Object, flux.Name, "metadata", "labels", mark.OwnerLabel))
	must(t, mark.SetDigest(o))
	return o
}

func unmarked(t *testing.T, kind schema.GroupVersionKind, name, content string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{Object: map[string]any{}}
	must(t, yaml.Unmarshal([]byte(content), &o.Object))
	o.SetGroupVersionKind(kind)
	o.SetNamespace(flux.Namespace)
	o.SetName(name)
	return o
}

// found is an object's metadata in the cluster.
func found(kind schema.GroupVersionKind, name string, change ...func(*metav1.PartialObjectMetadata)) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{}
	o.SetGroupVersionKind(kind)
	o.Namespace, o.Name, o.UID, o.ResourceVersion = flux.Namespace, name, types.UID("uid-of-"+name), "10"
	for _, c := range change {
		c(o)
	}
	return o
}

// labelled gives it the label of an owner of this name.
func labelled(owner string) func(*metav1.PartialObjectMetadata) {
	return func(o *metav1.PartialObjectMetadata) { o.Labels = map[string]string{mark.OwnerLabel: owner} }
}

// applied gives it our entry in managedFields, with these fields.
func applied(fields string) func(*metav1.PartialObjectMetadata) {
	return entry(mark.FieldManager, metav1.ManagedFieldsOperationApply, "", fields)
}

// entry gives it an entry in managedFields.
func entry(manager string, operation metav1.ManagedFieldsOperationType, subresource, fields string) func(*metav1.PartialObjectMetadata) {
	return func(o *metav1.PartialObjectMetadata) {
		o.ManagedFields = append(o.ManagedFields, metav1.ManagedFieldsEntry{
			Manager: manager, Operation: operation, Subresource: subresource, APIVersion: "v1", FieldsType: "FieldsV1",
			FieldsV1: metav1.NewFieldsV1(fields),
		})
	}
}

// timed gives the last entry a time, in Unix time.
func timed(entry func(*metav1.PartialObjectMetadata), seconds int64) func(*metav1.PartialObjectMetadata) {
	return func(o *metav1.PartialObjectMetadata) {
		entry(o)
		o.ManagedFields[len(o.ManagedFields)-1].Time = &metav1.Time{Time: time.Unix(seconds, 0)}
	}
}

// digested gives it the digest of a desired object.
func digested(w *unstructured.Unstructured) func(*metav1.PartialObjectMetadata) {
	return withDigest(w.GetAnnotations()[mark.DigestAnnotation])
}

func withDigest(digest string) func(*metav1.PartialObjectMetadata) {
	return func(o *metav1.PartialObjectMetadata) {
		o.Annotations = map[string]string{mark.DigestAnnotation: digest}
	}
}

// ours gives it the label and the managed fields of an owner of this name.
func ours(owner string) func(*metav1.PartialObjectMetadata) {
	return func(o *metav1.PartialObjectMetadata) {
		labelled(owner)(o)
		applied(`{` + marks + `}`)(o)
	}
}

// references gives it these owners.
func references(owners ...metav1.OwnerReference) func(*metav1.PartialObjectMetadata) {
	return func(o *metav1.PartialObjectMetadata) { o.OwnerReferences = append(o.OwnerReferences, owners...) }
}

// owning is a reference to a FluxMonitoring.
func owning(name string, uid types.UID) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "fluxmonitoring.dev/v1alpha1", Kind: "FluxMonitoring", Name: name, UID: uid}
}

// at gives it a resourceVersion.
func at(version string) func(*metav1.PartialObjectMetadata) {
	return func(o *metav1.PartialObjectMetadata) { o.ResourceVersion = version }
}
