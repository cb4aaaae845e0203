package apply

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	// FieldManager owns the fields we apply.
	FieldManager = "fluxmonitoring"
	// OwnerLabel holds the name of the FluxMonitoring that an object of its namespace belongs to.
	OwnerLabel = "fluxmonitoring.dev/name"
	// DigestAnnotation holds the digest of what was applied.
	DigestAnnotation = "fluxmonitoring.dev/applied"
)

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

// Strip is what a cache keeps of an object we may have applied: who it is, whose it is, which of its fields are ours, and who else wrote it
// last.
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
	for _, r := range o.OwnerReferences {
		if isOwner(r) {
			kept.OwnerReferences = append(kept.OwnerReferences, r)
		}
	}
	if entry := ownEntry(o.ManagedFields); entry != nil {
		kept.ManagedFields = []metav1.ManagedFieldsEntry{*entry}
	}
	if other := otherEntry(o.ManagedFields); other != nil {
		kept.ManagedFields = append(kept.ManagedFields, metav1.ManagedFieldsEntry{
			Manager: other.Manager, Operation: other.Operation, Time: other.Time,
		})
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
