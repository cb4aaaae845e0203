package apply

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// IsReferencedBy reports whether an object has an ownerReference to the owner, or to a deleted one of its name.
func (w Owner) IsReferencedBy(o *metav1.PartialObjectMetadata) bool {
	_, ours := w.references(o)
	return ours
}

// SetOwnerReference adds or removes the ownerReference of one object and changes nothing else, so it needs neither a
// valid spec nor Flux. It reads the live object first, because others can have references on it. An object that is
// gone, or that the owner does not own, is left alone.
func (a *Applier) SetOwnerReference(ctx context.Context, writer client.Client, owner Owner, o *metav1.PartialObjectMetadata, present bool) error {
	live := &metav1.PartialObjectMetadata{}
	live.SetGroupVersionKind(o.GroupVersionKind())
	err := a.Live.Get(ctx, client.ObjectKey{Namespace: owner.Namespace, Name: o.Name}, live)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("reading it: %w", err)
	case !owner.Owns(live) && !owner.isOrphaned(live) || owner.IsReferencedBy(live) == present:
		return nil
	}
	before := live.DeepCopy()
	live.OwnerReferences = slices.DeleteFunc(live.OwnerReferences, func(r metav1.OwnerReference) bool {
		return isOwner(r) && (r.UID == owner.UID || r.Name == owner.Name)
	})
	if present {
		live.OwnerReferences = append(live.OwnerReferences, mark.OwnerReference(owner.Name, owner.UID))
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := writer.Patch(ctx, live, patch, client.FieldOwner(mark.FieldManager)); err != nil {
		return client.IgnoreNotFound(err)
	}
	live.SetGroupVersionKind(o.GroupVersionKind())
	a.Writes.Record(live)
	return nil
}

// FailureOf is the failure of a change that Execute did not carry out.
func FailureOf(o *metav1.PartialObjectMetadata, err error) *Failure {
	err = explain(err)
	return &Failure{Change: Change{Action: Configured, Kind: o.GroupVersionKind(), Name: o.Name}, Cause: causeOf(err), Err: err}
}
