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

// Refers reports whether an object has an ownerReference to the owner, or to one of its name that is gone.
func (w Owner) Refers(o *metav1.PartialObjectMetadata) bool {
	_, ours := w.references(o)
	return ours
}

// Refer gives one object its ownerReference, or takes it, and changes nothing else of it: that needs neither a spec that can be carried
// out nor a Flux. The object is read first, as others may have references on it. One that is gone or not the owner's is left alone.
func (a *Applier) Refer(ctx context.Context, writer client.Client, owner Owner, o *metav1.PartialObjectMetadata, wanted bool) error {
	is := &metav1.PartialObjectMetadata{}
	is.SetGroupVersionKind(o.GroupVersionKind())
	err := a.Live.Get(ctx, client.ObjectKey{Namespace: owner.Namespace, Name: o.Name}, is)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("reading it: %w", err)
	case !owner.Belongs(is) && !owner.lost(is) || owner.Refers(is) == wanted:
		return nil
	}
	before := is.DeepCopy()
	is.OwnerReferences = slices.DeleteFunc(is.OwnerReferences, func(r metav1.OwnerReference) bool {
		return isOwner(r) && (r.UID == owner.UID || r.Name == owner.Name)
	})
	if wanted {
		is.OwnerReferences = append(is.OwnerReferences, mark.Reference(owner.Name, owner.UID))
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := writer.Patch(ctx, is, patch, client.FieldOwner(mark.FieldManager)); err != nil {
		return client.IgnoreNotFound(err)
	}
	is.SetGroupVersionKind(o.GroupVersionKind())
	a.Recent.Wrote(is)
	return nil
}

// FailureOf is the failure of a change to an object that was not carried out by Execute.
func FailureOf(o *metav1.PartialObjectMetadata, err error) *Failure {
	err = explained(err)
	return &Failure{Change: Change{Action: Configured, Kind: o.GroupVersionKind(), Name: o.Name}, Cause: causeOf(err), Err: err}
}
