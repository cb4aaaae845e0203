package apply

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Action is what is done to an object, named as by kubectl.
type Action string

const (
	// Created means that the object did not exist.
	Created Action = "created"
	// Adopted means that the object existed and no FluxMonitoring owned it.
	Adopted Action = "adopted"
	// Configured means that the desired object has changed.
	Configured Action = "configured"
	// Restored means that somebody changed the object, and it is now as desired again.
	Restored Action = "restored"
	// Deleted means that the object is no longer desired.
	Deleted Action = "deleted"
	// Gone means that the object to delete did not exist any more.
	Gone Action = "gone"
	// Unchanged means that the object to create already existed as desired, although the cache had not shown it.
	Unchanged Action = "unchanged"
)

// Change is one step of a plan.
type Change struct {
	// Action to take. Created can become Adopted, Restored or Unchanged once the live object is read.
	Action Action
	// Kind, and Name of the object in the owner's namespace.
	Kind schema.GroupVersionKind
	Name string
	// Desired is the object to apply; nil for a deletion.
	Desired *unstructured.Unstructured
	// Live is the metadata of the live object; nil for a creation.
	Live *metav1.PartialObjectMetadata
}

// Plan returns the changes from the live objects to the desired ones; nothing if all are in sync. Applications come
// first, in the order of desired, then deletions in the order of live.
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

// actionFor is the action that brings an object in sync; empty if it is in sync.
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
