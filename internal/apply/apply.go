package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// Applier executes changes.
type Applier struct {
	// Live reads from the API server, never from a cache.
	Live client.Reader
	// Writes records every write.
	Writes *WriteTracker
	// Contests delays restores of objects that somebody else keeps changing; nil for none.
	Contests *Contests
}

// Execute carries out the changes of one owner in parallel, with a writer that can be impersonated. It returns the
// changes that took effect and the failures, both in the order of changes. One failure does not stop the others.
// Delayed restores are in neither; see Contests.
func (a *Applier) Execute(ctx context.Context, writer client.Client, owner Owner, changes []Change) ([]Change, []*Failure) {
	changes = a.Contests.allow(owner, changes)
	done := make([]*Failure, len(changes))
	var running sync.WaitGroup
	for i := range changes {
		running.Go(func() {
			if err := explain(a.execute(ctx, writer, owner, &changes[i])); err != nil {
				done[i] = &Failure{Change: changes[i], Cause: causeOf(err), Err: err}
				return
			}
			a.Contests.restored(owner, &changes[i])
		})
	}
	running.Wait()
	var effective []Change
	var failures []*Failure
	for i, failure := range done {
		if failure == nil {
			effective = append(effective, changes[i])
		} else {
			failures = append(failures, failure)
		}
	}
	return effective, failures
}

func (a *Applier) execute(ctx context.Context, writer client.Client, owner Owner, c *Change) error {
	switch c.Action {
	case Deleted:
		return deleteObject(ctx, writer, c)
	case Created:
		return a.create(ctx, writer, owner, c)
	default:
		return a.apply(ctx, writer, c, client.ForceOwnership)
	}
}

// create applies an object that no cache shows as owned. It reads the live object first, which can belong to somebody
// else, and does not force ownership, in case one is created meanwhile.
func (a *Applier) create(ctx context.Context, writer client.Client, owner Owner, c *Change) error {
	existing := &metav1.PartialObjectMetadata{}
	existing.SetGroupVersionKind(c.Kind)
	err := a.Live.Get(ctx, client.ObjectKey{Namespace: owner.Namespace, Name: c.Name}, existing)
	switch {
	case apierrors.IsNotFound(err):
		err = a.apply(ctx, writer, c)
		if apierrors.IsConflict(err) {
			return errNotOwned{}
		}
		return err
	case err != nil:
		return fmt.Errorf("looking whether it exists: %w", err)
	}
	if c.Action, err = owner.actionOnExisting(c.Desired, existing); err != nil {
		return err
	}
	if c.Action == Restored && sameDigest(c.Desired, existing) {
		c.Live = existing
	}
	if c.Action == Unchanged {
		existing.SetGroupVersionKind(c.Kind)
		a.Writes.Record(existing)
		return nil
	}
	return a.apply(ctx, writer, c, client.ForceOwnership)
}

// actionOnExisting returns what to do with a live object that no cache showed as owned. The error says who owns it.
func (w Owner) actionOnExisting(desired *unstructured.Unstructured, existing *metav1.PartialObjectMetadata) (Action, error) {
	switch {
	case w.Owns(existing) && InSync(desired, existing) && existing.DeletionTimestamp == nil:
		return Unchanged, nil
	case w.Owns(existing), w.isOrphaned(existing):
		return Restored, nil
	case w.isAnothers(existing):
		return Created, errOwnedByOther
	case sameDigest(desired, existing):
		return Restored, nil // it was written back as applied, for example from a backup
	case !w.Adopt:
		return Created, foreign(existing)
	}
	return Adopted, nil
}

// apply sends the object and reads back only its metadata.
func (a *Applier) apply(ctx context.Context, writer client.Client, c *Change, options ...client.PatchOption) error {
	content, err := json.Marshal(c.Desired.Object)
	if err != nil {
		return fmt.Errorf("encoding it: %w", err)
	}
	result := &metav1.PartialObjectMetadata{}
	result.SetGroupVersionKind(c.Kind)
	result.Namespace, result.Name = c.Desired.GetNamespace(), c.Name
	patch := client.RawPatch(types.ApplyPatchType, content)
	if err := writer.Patch(ctx, result, patch, append(options, client.FieldOwner(mark.FieldManager))...); err != nil {
		return err
	}
	result.SetGroupVersionKind(c.Kind)
	a.Writes.Record(result)
	return nil
}

// deleteObject deletes the object with the UID that was planned. If it is gone, or another has its name, nothing
// happens.
func deleteObject(ctx context.Context, writer client.Client, c *Change) error {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(c.Kind)
	object.Namespace, object.Name = c.Live.Namespace, c.Name
	err := writer.Delete(ctx, object, client.Preconditions{UID: &c.Live.UID})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		c.Action = Gone
		return nil
	}
	return err
}

// TemporaryErrors joins the failures that a retry can fix; nil if there are none.
func TemporaryErrors(failures []*Failure) error {
	var errs []error
	for _, f := range failures {
		if f.Cause == Temporary {
			errs = append(errs, f)
		}
	}
	return errors.Join(errs...)
}
