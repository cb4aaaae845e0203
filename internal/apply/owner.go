package apply

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/mark"
)

// Owner is the FluxMonitoring that owns objects.
type Owner struct {
	// Namespace and Name of the resource; its objects are in the same namespace.
	Namespace, Name string
	// UID of the resource.
	UID types.UID
	// Adopt existing objects that no FluxMonitoring owns.
	Adopt bool
}

// Names returns the names of the FluxMonitorings that an object can belong to: those in its ownerReferences, and the
// one in its label.
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

// Owns reports whether an object is the owner's. An ownerReference to a FluxMonitoring decides. Without one, as with
// deletionPolicy Orphan, the label decides, but only while the operator owns that field: a copy that a person made
// never had that.
func (w Owner) Owns(o *metav1.PartialObjectMetadata) bool {
	if refers, ours := w.references(o); refers {
		return ours
	}
	return o.Labels[mark.OwnerLabel] == w.Name && ownsLabel(o)
}

// isOrphaned reports whether the operator applied an object, and both its ownerReference and its label were removed
// since.
func (w Owner) isOrphaned(o *metav1.PartialObjectMetadata) bool {
	if refers, _ := w.references(o); refers || ownsLabel(o) {
		return false
	}
	return appliedEntry(o.ManagedFields) != nil
}

// isAnothers reports whether another FluxMonitoring owns an object.
func (w Owner) isAnothers(o *metav1.PartialObjectMetadata) bool {
	refers, ours := w.references(o)
	return refers && !ours || !refers && ownsLabel(o) && o.Labels[mark.OwnerLabel] != w.Name
}

// references reports whether an object has an ownerReference to any FluxMonitoring, and whether to this one. A
// reference with the same name and another UID is to a deleted predecessor, whose objects this one takes over.
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

// ownsLabel reports whether the operator owns the label that names the owner.
func ownsLabel(o *metav1.PartialObjectMetadata) bool {
	label := map[string]any{"labels": map[string]any{mark.OwnerLabel: ""}}
	return o.Labels[mark.OwnerLabel] != "" && coveredMetadata(label, ownedFields(o))
}
