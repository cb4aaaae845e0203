package apply

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/mark"
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

// Names returns the names of all FluxMonitorings that an object of their namespace may concern: those that its ownerReferences
// name, and the one that its label names.
func Names(o *metav1.PartialObjectMetadata) []string {
	var names []string
	for _, r := range o.OwnerReferences {
		if isOwner(r) && !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	if name := o.Labels[mark.OwnerLabel]; name != "" && !slices.Contains(names, name) {
		names = append(names, name)
	}
	return names
}

// Owns reports whether an object is the owner's. An ownerReference to a FluxMonitoring decides alone, whatever became of label
// and managedFields. Without one, as where deletionPolicy is Orphan, it is the label, and only if the label is as we applied it: who
// writes another value takes its ownership from us, and a copy that a person made never had it.
func (w Owner) Owns(o *metav1.PartialObjectMetadata) bool {
	if refers, ours := w.references(o); refers {
		return ours
	}
	return o.Labels[mark.OwnerLabel] == w.Name && ownsLabel(o)
}

// isOrphaned reports whether an object of a name that the owner wants is the owner's although nothing names the owner any more: we applied
// it, and what named its owner was taken away.
func (w Owner) isOrphaned(o *metav1.PartialObjectMetadata) bool {
	if refers, _ := w.references(o); refers || ownsLabel(o) {
		return false
	}
	return appliedEntry(o.ManagedFields) != nil
}

// isAnothers reports whether an object is another FluxMonitoring's.
func (w Owner) isAnothers(o *metav1.PartialObjectMetadata) bool {
	refers, ours := w.references(o)
	return refers && !ours || !refers && ownsLabel(o) && o.Labels[mark.OwnerLabel] != w.Name
}

// references reports whether an object refers to any FluxMonitoring as its owner, and whether it does to this one. A reference by
// this name and another UID is to a FluxMonitoring that is gone, for names are unique: what was its, is this one's.
func (w Owner) references(o *metav1.PartialObjectMetadata) (refers, ours bool) {
	for _, r := range o.OwnerReferences {
		if isOwner(r) {
			refers = true
			ours = ours || r.UID == w.UID || r.Name == w.Name
		}
	}
	return refers, ours
}

// isOwner reports whether a reference is to a FluxMonitoring.
func isOwner(r metav1.OwnerReference) bool {
	group, err := schema.ParseGroupVersion(r.APIVersion)
	return err == nil && group.Group == v1alpha1.GroupVersion.Group && r.Kind == v1alpha1.Kind
}

// ownsLabel reports whether the label that names the owner is there as we applied it.
func ownsLabel(o *metav1.PartialObjectMetadata) bool {
	label := map[string]any{"labels": map[string]any{mark.OwnerLabel: ""}}
	return o.Labels[mark.OwnerLabel] != "" && coveredMetadata(label, ownedFields(o))
}
