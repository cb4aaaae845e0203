package apply

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// Strip is the transform of caches of generated objects. It keeps identity, owner, the operator's managed fields, and
// the other managers that have changed it since the operator did; if none has, the name of the last one.
func Strip(in any) (any, error) {
	o, ok := in.(*metav1.PartialObjectMetadata)
	if !ok {
		return in, nil
	}
	kept := &metav1.PartialObjectMetadata{TypeMeta: o.TypeMeta, ObjectMeta: metav1.ObjectMeta{
		Name: o.Name, Namespace: o.Namespace, UID: o.UID, ResourceVersion: o.ResourceVersion,
		DeletionTimestamp: o.DeletionTimestamp,
		Labels:            map[string]string{mark.OwnerLabel: o.Labels[mark.OwnerLabel]},
		Annotations:       map[string]string{mark.DigestAnnotation: o.Annotations[mark.DigestAnnotation]},
	}}
	for _, r := range o.OwnerReferences {
		if isOwner(r) {
			kept.OwnerReferences = append(kept.OwnerReferences, r)
		}
	}
	if entry := appliedEntry(o.ManagedFields); entry != nil {
		kept.ManagedFields = []metav1.ManagedFieldsEntry{*entry}
	}
	since := laterEntries(o.ManagedFields)
	kept.ManagedFields = append(kept.ManagedFields, since...)
	if other := latestOtherEntry(o.ManagedFields); other != nil && len(since) == 0 {
		kept.ManagedFields = append(kept.ManagedFields, metav1.ManagedFieldsEntry{
			Manager: other.Manager, Operation: other.Operation, Time: other.Time,
		})
	}
	return kept, nil
}

// appliedEntry is the managedFields entry of the operator.
func appliedEntry(entries []metav1.ManagedFieldsEntry) *metav1.ManagedFieldsEntry {
	for i := range entries {
		e := &entries[i]
		if e.Manager == mark.FieldManager && e.Operation == metav1.ManagedFieldsOperationApply && e.Subresource == "" {
			return e
		}
	}
	return nil
}
