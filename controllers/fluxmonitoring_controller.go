package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/status"
)

// stalledRetry is how soon a fault is looked at again that only a human can mend and no event tells of: a permission
// given, a foreign object removed.
const stalledRetry = time.Minute

// FluxMonitoringReconciler reconciles FluxMonitorings.
type FluxMonitoringReconciler struct {
	// Client reads through the caches, and writes FluxMonitorings' status.
	Client client.Client
	// Observer reads the facts.
	Observer *observe.Observer
	// Optional kinds: those that may be absent.
	Optional *OptionalKinds
	// State of Flux objects: who tells it.
	State *StateReconciler
	// Bootstrap watches the objects that say where Flux itself comes from.
	Bootstrap *Bootstrap
	// Shard selects the FluxMonitorings that are this operator's.
	Shard labels.Selector
	// Schemas of generated kinds that lack fields.
	Schemas *Schemas
	// Applier carries out changes.
	Applier *apply.Applier
	// Writers gives the client that writes generated objects.
	Writers Writers
	// Events of what changed, and of what went wrong.
	Events events.EventRecorder

	// faults of specs, as they were found.
	faults faults
	// idle are those with nothing to do.
	idle idle
	left sync.Map // FluxMonitorings that were deleted before their objects were released, by key
}

// outcome is what one run over a FluxMonitoring came to, and what is needed to continue.
type outcome struct {
	status.Run

	// schemas of generated kinds that lack fields.
	schemas map[schema.GroupVersionKind]*desired.Schema
	// again is when to look again at objects that are contested, counted from now; 0 where there are none.
	again time.Duration
	// revision of the schemas.
	revision uint64
	// digest of all that the run goes by.
	digest digest
	// idle: everything is as it was when there was nothing to do.
	idle bool
}

// Reconcile brings one FluxMonitoring about.
func (r *FluxMonitoringReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	fm := &v1alpha1.FluxMonitoring{}
	err := r.Client.Get(ctx, req.NamespacedName, fm)
	switch {
	case apierrors.IsNotFound(err):
		r.faults.forget(req.NamespacedName)
		r.idle.forget(req.NamespacedName)
		return ctrl.Result{}, r.release(ctx, req.NamespacedName)
	case err != nil:
		return ctrl.Result{}, err
	case !r.Optional.Known() || !r.State.Known() || !ours(r.Shard, fm):
		return ctrl.Result{}, nil
	}
	r.left.Delete(req.NamespacedName)
	if !fm.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.leave(ctx, fm)
	}
	o := r.outcome(ctx, fm)
	if !o.idle {
		if err := r.report(ctx, fm, &o); err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	return next(fm, &o, r.Applier.Writes.Pending(ownerOf(fm)))
}

// outcome of a run, after deletionPolicy was seen to. In a namespace that is being deleted there is nothing to be done.
func (r *FluxMonitoringReconciler) outcome(ctx context.Context, fm *v1alpha1.FluxMonitoring) outcome {
	var o outcome
	if o.Terminating, o.Err = r.Observer.Terminating(ctx, fm.Namespace); o.Terminating || o.Err != nil {
		return o
	}
	holds, failures, err := r.refer(ctx, fm)
	if !holds {
		r.idle.forget(client.ObjectKeyFromObject(fm))
	}
	if !fm.Spec.Suspend {
		o = r.run(ctx, fm)
		if r.Schemas.Learn(ctx, o.Failures) {
			before := o.Changes
			o = r.run(ctx, fm)
			o.Changes = append(before, o.Changes...)
			r.Schemas.Learn(ctx, o.Failures)
		}
	}
	o.PolicyPending = !holds
	if o.Err == nil {
		o.Err = err
	}
	for _, f := range failures {
		if !slices.ContainsFunc(o.Failures, func(of *apply.Failure) bool {
			return of.Change.Kind == f.Change.Kind && of.Change.Name == f.Change.Name
		}) {
			o.Failures = append(o.Failures, f)
		}
	}
	o.contested(ownerOf(fm), r.Applier.Contests)
	return o
}

// run is one pass of observe, desire and apply.
func (r *FluxMonitoringReconciler) run(ctx context.Context, fm *v1alpha1.FluxMonitoring) (o outcome) {
	owner := ownerOf(fm)
	o.Refusal = r.Writers.refusal(fm)
	if o.Err = r.look(ctx, fm, &o); o.Err != nil {
		return o
	}
	o.digest = digestOf(fm, &o)
	if o.idle = r.idle.is(fm, o.digest); o.idle {
		return o
	}
	served := o.desire(fm, r.faults.recall(fm, o.Facts))
	r.faults.keep(fm, o.Facts, o.Invalid)
	if o.undecided(fm) {
		return o
	}
	o.Replaced = o.Blocked()
	changes := cautious(apply.Plan(owner, served, o.Live), o.Facts)
	if len(changes) == 0 {
		return o
	}
	writer, err := r.Writers.For(fm)
	if err != nil {
		o.Err = err
		return o
	}
	var refused []*apply.Failure
	if o.Facts.Claim.Step == claims.Retry && !o.Replaced {
		refused = r.try(ctx, writer, owner, changes)
		if apply.TemporaryErrors(refused) != nil {
			o.Failures = refused
			return o
		}
	}
	if len(refused) > 0 {
		o.Replaced, changes = true, apply.Plan(owner, nil, o.Live)
	}
	o.Changes, o.Failures = r.Applier.Execute(ctx, writer, owner, changes)
	o.Failures = append(refused, o.Failures...)
	return o
}

// look reads what a run goes by.
func (r *FluxMonitoringReconciler) look(ctx context.Context, fm *v1alpha1.FluxMonitoring, o *outcome) (err error) {
	if o.Facts, err = r.Observer.Observe(ctx, fm); err != nil {
		return err
	}
	if !r.Writers.Trusted.Has(fm.Namespace) {
		o.Facts.Exporter.Omitting = slices.DeleteFunc(slices.Clone(o.Facts.Exporter.Omitting), func(n string) bool { return n != fm.Namespace })
	}
	o.revision = r.Schemas.Revision() // before they are read: one that changes meanwhile is then seen as changed
	if o.schemas, err = r.Schemas.Known(ctx, o.Facts.Served); err != nil {
		return err
	}
	o.Live, err = r.actual(ctx, ownerOf(fm), o.Facts)
	return err
}

// try asks the API server what would come of changes, and has it keep none of them.
func (r *FluxMonitoringReconciler) try(
	ctx context.Context, writer client.Client, owner apply.Owner, changes []apply.Change,
) []*apply.Failure {
	trial := &apply.Applier{Live: r.Applier.Live, Writes: &apply.WriteTracker{}}
	_, failures := trial.Execute(ctx, client.NewDryRunClient(writer), owner, slices.Clone(changes))
	return failures
}

// actual is what the caches hold of the owner's objects, with our own latest writes over it.
func (r *FluxMonitoringReconciler) actual(
	ctx context.Context, owner apply.Owner, facts facts.Facts,
) ([]*metav1.PartialObjectMetadata, error) {
	return owned(ctx, owner, facts, r.Applier.Writes, func(kind schema.GroupVersionKind) client.Reader {
		if kind == kinds.ConfigMap {
			return r.Client
		}
		return r.Optional.Reader(kind)
	})
}

// owned lists the owner's objects, with recent writes over them. The label may name another owner by mistake, so it does not narrow
// the list. It reads those kinds that were observed to be served: of one in two versions the other may have taken its place meanwhile,
// and what is wanted would be missed in the first and be found too many in the second.
func owned(
	ctx context.Context, owner apply.Owner, facts facts.Facts, recent *apply.WriteTracker, readerOf func(schema.GroupVersionKind) client.Reader,
) ([]*metav1.PartialObjectMetadata, error) {
	var all []*metav1.PartialObjectMetadata
	for _, kind := range kinds.Generated() {
		if !facts.Served[kind] {
			continue
		}
		reader := readerOf(kind)
		if reader == nil {
			continue
		}
		list := kinds.MetadataList(kind)
		err := reader.List(ctx, list, client.InNamespace(owner.Namespace),
			client.MatchingLabelsSelector{Selector: Owned()}, client.UnsafeDisableDeepCopy)
		if err != nil {
			return nil, fmt.Errorf("listing %s objects: %w", kind.Kind, err)
		}
		all = append(all, recent.Merge(kind, owner, list.Items)...)
	}
	return all, nil
}

func ownerOf(fm *v1alpha1.FluxMonitoring) apply.Owner {
	return apply.Owner{
		Namespace: fm.Namespace, Name: fm.Name, UID: fm.UID,
		Adopt: fm.Spec.AdoptionPolicy == v1alpha1.AdoptionPolicyAdopt,
	}
}

// report writes the status where it differs, and says in events what is new.
func (r *FluxMonitoringReconciler) report(ctx context.Context, fm *v1alpha1.FluxMonitoring, o *outcome) error {
	countRestores(fm, o.Changes)
	r.record(fm, status.ChangeEvents(fm, o.Changes))
	before := fm.DeepCopy()
	status.Set(fm, &o.Run)
	changed := !equality.Semantic.DeepEqual(before.Status, fm.Status)
	r.idle.keep(before, o, changed)
	if changed {
		if err := r.Client.Status().Patch(ctx, fm, client.MergeFrom(before)); err != nil {
			return fmt.Errorf("writing the status: %w", err)
		}
	}
	r.record(fm, status.ConditionEvents(before, fm))
	return nil
}

// next says when to look again: at once, with backoff, after a fault that may pass; else after the interval, or sooner
// where no event will tell that a human has helped, or, while the caches have yet to show a write, that they never will.
func next(fm *v1alpha1.FluxMonitoring, o *outcome, pending bool) (ctrl.Result, error) {
	if o.Terminating {
		return ctrl.Result{}, nil
	}
	if err := errors.Join(o.Err, apply.TemporaryErrors(o.Failures)); err != nil {
		return ctrl.Result{}, err
	}
	after := fm.Spec.IntervalInEffect()
	if fm.Spec.Suspend && len(o.Failures) == 0 {
		return ctrl.Result{}, nil
	}
	if len(o.Failures) > 0 {
		after = min(after, stalledRetry)
	}
	if pending {
		after = min(after, apply.WriteTTL)
	}
	if o.again > 0 {
		after = min(after, o.again)
	}
	return ctrl.Result{RequeueAfter: after}, nil
}
