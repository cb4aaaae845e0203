package apply

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// FieldManager owns the fields we apply.
	FieldManager = "fluxmonitoring"
	// OwnerLabel holds the name of the FluxMonitoring that an object of its namespace belongs to.
	OwnerLabel = "fluxmonitoring.dev/name"
	// DigestAnnotation holds the digest of what was applied.
	DigestAnnotation = "fluxmonitoring.dev/applied"
)

// Owner is the resource that objects belong to.
type Owner struct {
	// Namespace and Name of the resource; its objects are in the same namespace.
	Namespace, Name string
	// UID of the resource.
	UID types.UID
	// Adopt existing objects that are nobody's.
	Adopt bool
}

// Seal completes an object for applying: its digest is written to DigestAnnotation. It must be the last change to it.
func Seal(o *unstructured.Unstructured) error {
	annotations := o.GetAnnotations()
	delete(annotations, DigestAnnotation)
	if len(annotations) == 0 {
		annotations = nil // no annotations and an empty map of them are the same content
	}
	o.SetAnnotations(annotations)
	content, err := json.Marshal(o.Object)
	if err != nil {
		return fmt.Errorf("digesting %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	sum := sha256.Sum256(content)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[DigestAnnotation] = "sha256:" + hex.EncodeToString(sum[:])
	o.SetAnnotations(annotations)
	return nil
}

// Strip is what a cache keeps of an object we may have applied: who it is, whose it is, and which of its fields are ours.
func Strip(in any) (any, error) {
	o, ok := in.(*metav1.PartialObjectMetadata)
	if !ok {
		return in, nil
	}
	kept := &metav1.PartialObjectMetadata{TypeMeta: o.TypeMeta, ObjectMeta: metav1.ObjectMeta{
		Name: o.Name, Namespace: o.Namespace, UID: o.UID, ResourceVersion: o.ResourceVersion,
		DeletionTimestamp: o.DeletionTimestamp,
		Labels:            map[string]string{OwnerLabel: o.Labels[OwnerLabel]},
		Annotations:       map[string]string{DigestAnnotation: o.Annotations[DigestAnnotation]},
	}}
	if entry := ownEntry(o.ManagedFields); entry != nil {
		kept.ManagedFields = []metav1.ManagedFieldsEntry{*entry}
	}
	return kept, nil
}

// ownEntry is the entry of the fields that we applied.
func ownEntry(entries []metav1.ManagedFieldsEntry) *metav1.ManagedFieldsEntry {
	for i := range entries {
		e := &entries[i]
		if e.Manager == FieldManager && e.Operation == metav1.ManagedFieldsOperationApply && e.Subresource == "" {
			return e
		}
	}
	return nil
}

// belongs reports whether an object is the owner's: we applied it, for a FluxMonitoring of this name. A label alone, as on
// a copy that a person made, is no proof.
func (w Owner) belongs(o *metav1.PartialObjectMetadata) bool {
	return ownEntry(o.ManagedFields) != nil && o.Labels[OwnerLabel] == w.Name
}

// lost reports whether an object is the owner's although somebody took the label away: we applied it, and it names the
// owner in its ownerReferences or nobody's label.
func (w Owner) lost(o *metav1.PartialObjectMetadata) bool {
	if ownEntry(o.ManagedFields) == nil {
		return false
	}
	for _, r := range o.OwnerReferences {
		if r.UID == w.UID {
			return true
		}
	}
	return o.Labels[OwnerLabel] == "" && len(o.OwnerReferences) == 0
}
