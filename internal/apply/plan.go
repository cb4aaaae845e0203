package apply

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Action is what is done to an object, in the words of kubectl.
type Action string

const (
	// Created means that the object was not there.
	Created Action = "created"
	// Adopted means that the object was there and nobody's.
	Adopted Action = "adopted"
	// Configured means that what is wanted of it has changed.
	Configured Action = "configured"
	// Restored means that somebody changed it, and it is again as wanted.
	Restored Action = "restored"
	// Deleted means that it is no longer wanted.
	Deleted Action = "deleted"
	// Gone means that it was to be deleted and is not there any more.
	Gone Action = "gone"
	// Unchanged means that it was to be created, and is there as wanted: the cache had not shown it.
	Unchanged Action = "unchanged"
)

// Change is one thing to do.
type Change struct {
	// Action to take; a Created may turn out to be Adopted, Restored or Unchanged once the cluster is asked.
	Action Action
	// Kind, and Name of the object in the owner's namespace.
	Kind schema.GroupVersionKind
	Name string
	// Desired is the object to apply; nil for a deletion.
	Desired *unstructured.Unstructured
	// Live is the object's metadata in the cluster; nil for a creation.
	Live *metav1.PartialObjectMetadata
}

// Plan returns the changes that turn what is the owner's into what is wanted: nothing when all is in sync. Wanted objects
// come first, in their order, then deletions in the order of actual.
func Plan(owner Owner, desired []*unstructured.Unstructured, live []*metav1.PartialObjectMetadata) []Change {
	type key struct {
		kind schema.GroupVersionKind
		name string
	}
	ours := map[key]*metav1.PartialObjectMetadata{}
	for _, a := range live {
		if owner.Owns(a) && a.DeletionTimestamp == nil {
			ours[key{a.GroupVersionKind(), a.Name}] = a
		}
	}
	var changes []Change
	keep := map[key]bool{}
	for _, w := range desired {
		k := key{w.GroupVersionKind(), w.GetName()}
		keep[k] = true
		if action := actionFor(w, ours[k]); action != "" {
			changes = append(changes, Change{Action: action, Kind: k.kind, Name: k.name, Desired: w, Live: ours[k]})
		}
	}
	for _, a := range live {
		k := key{a.GroupVersionKind(), a.Name}
		if ours[k] != nil && !keep[k] {
			changes = append(changes, Change{Action: Deleted, Kind: k.kind, Name: k.name, Live: a})
		}
	}
	return changes
}

// actionFor is the action that brings an object in sync; empty when it is.
func actionFor(desired *unstructured.Unstructured, live *metav1.PartialObjectMetadata) Action {
	switch {
	case live == nil:
		return Created
	case InSync(desired, live):
		return ""
	case !sameDigest(desired, live) && ownsDigest(live):
		return Configured
	}
	return Restored
}
