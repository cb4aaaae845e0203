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
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/internal/served"
	"github.com/fluxmonitoring/operator/internal/status"
	"github.com/fluxmonitoring/operator/internal/verify"
)

// stalledRetry is how soon a fault is retried that only a human can fix and that no event announces: a permission that is given, an object
// of somebody else that is removed.
const stalledRetry = time.Minute

// FluxMonitoringReconciler reconciles FluxMonitorings.
type FluxMonitoringReconciler struct {
	// Client reads through the caches, and writes FluxMonitorings' status.
	Client client.Client
	// Observer reads the facts.
	Observer *observe.Observer
	// Optional are the kinds that the cluster may lack.
	Optional *served.Kinds
	// State of Flux objects, and of the exporter.
	State *StateReconciler
	// Bootstrap watches the objects that say where Flux itself comes from.
	Bootstrap *served.Bootstrap
	// Shard selects the FluxMonitorings that are this operator's.
	Shard labels.Selector
	// Schemas of generated kinds that lack fields.
	Schemas *served.Schemas
	// Applier carries out changes.
	Applier *apply.Applier
	// Writers gives the client that writes generated objects.
	Writers Writers
	// Verifier asks Prometheus and Alertmanager.
	Verifier *verify.Verifier
	// Events of what changed, and of what went wrong.
	Events events.EventRecorder

	lastRuns   lastRuns
	unreleased sync.Map // FluxMonitorings that were deleted before their objects were released, by key
}

// reconcileResult is what one run over a FluxMonitoring came to, and what is needed to continue.
type reconcileResult struct {
	status.Run

	// schemas of generated kinds that lack fields, and their revision.
	schemas        map[schema.GroupVersionKind]*desired.Schema
	schemaRevision uint64
	// retryContested is how long from now to restore contested objects; 0 if there are none.
	retryContested time.Duration
	// inputs are the digest of spec and facts, and digest is that of all that the run is based on.
	inputs, digest digest
	// idle: everything is as it was when there was nothing to do.
	idle bool
}

// Reconcile makes the cluster what one FluxMonitoring asks for, and reports it.
func (r *FluxMonitoringReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	fm := &v1alpha1.FluxMonitoring{}
	err := r.Client.Get(ctx, req.NamespacedName, fm)
	switch {
	case apierrors.IsNotFound(err):
		r.lastRuns.forget(req.NamespacedName)
		r.Verifier.Forget(req.NamespacedName)
		return ctrl.Result{}, r.release(ctx, req.NamespacedName)
	case err != nil:
		return ctrl.Result{}, err
	case !r.Optional.Known() || !r.State.KnownFor(fm) || !matchesShard(r.Shard, fm):
		return ctrl.Result{}, nil
	}
	r.unreleased.Delete(req.NamespacedName)
	if !fm.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.leave(ctx, fm)
	}
	o := r.reconcile(ctx, fm)
	if !o.idle {
		r.verify(fm, &o)
		if err := r.report(ctx, fm, &o); err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	return next(fm, &o, r.Applier.Writes.Pending(render.OwnerOf(fm)))
}

// reconcile is a run, after deletionPolicy was carried out. In a namespace that is being deleted there is nothing to do.
func (r *FluxMonitoringReconciler) reconcile(ctx context.Context, fm *v1alpha1.FluxMonitoring) reconcileResult {
	var o reconcileResult
	if o.Terminating, o.Err = r.Observer.Terminating(ctx, fm.Namespace); o.Terminating || o.Err != nil {
		return o
	}
	holds, failures, err := r.refer(ctx, fm)
	if !holds {
		r.lastRuns.forget(client.ObjectKeyFromObject(fm))
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
	o.contested(render.OwnerOf(fm), r.Applier.Contests)
	return o
}

// run is one pass of observe, desire and apply.
func (r *FluxMonitoringReconciler) run(ctx context.Context, fm *v1alpha1.FluxMonitoring) (o reconcileResult) {
	owner := render.OwnerOf(fm)
	o.Refusal = r.Writers.refusal(fm)
	if o.Err = r.observe(ctx, fm, &o); o.Err != nil {
		return o
	}
	o.inputs = inputsOf(fm, o.Facts)
	o.digest = digestOf(fm, &o)
	if o.idle = r.lastRuns.idle(fm, o.digest); o.idle {
		return o
	}
	appliable := render.Desire(fm, &o.Run, o.schemas, r.lastRuns.invalid(fm, o.inputs))
	if render.ShouldSkipApply(fm, &o.Run) {
		return o
	}
	o.Replaced = o.Blocked()
	writer, err := r.Writers.For(fm)
	if err != nil {
		o.Err = err
		return o
	}
	unmade := createAdminSecret(ctx, writer, fm, appliable)
	r.write(ctx, writer, owner, appliable, &o)
	o.Failures = append(unmade, o.Failures...)
	return o
}

// write makes the live objects of an owner what is desired.
func (r *FluxMonitoringReconciler) write(
	ctx context.Context, writer client.Client, owner apply.Owner, appliable []*unstructured.Unstructured, o *reconcileResult,
) {
	changes := withoutGuesses(apply.Plan(owner, appliable, o.Live), o.Facts)
	if len(changes) == 0 {
		return
	}
	var refused []*apply.Failure
	if o.Facts.Claim.Step == claims.Retry && !o.Replaced {
		refused = r.dryRun(ctx, writer, owner, changes)
		if apply.TemporaryErrors(refused) != nil {
			o.Failures = refused
			return
		}
	}
	if len(refused) > 0 {
		o.Replaced, changes = true, apply.Plan(owner, nil, o.Live)
	}
	o.Changes, o.Failures = r.Applier.Execute(ctx, writer, owner, changes)
	o.Failures = append(refused, o.Failures...)
}

// observe reads what a run is based on.
func (r *FluxMonitoringReconciler) observe(ctx context.Context, fm *v1alpha1.FluxMonitoring, o *reconcileResult) (err error) {
	if o.Facts, err = r.Observer.Observe(ctx, fm); err != nil {
		return err
	}
	if !r.Writers.Trusted.Has(fm.Namespace) {
		o.Facts.Exporter.Omitting = slices.DeleteFunc(slices.Clone(o.Facts.Exporter.Omitting), func(n string) bool { return n != fm.Namespace })
	}
	o.Facts.Proof = r.Verifier.Findings(client.ObjectKeyFromObject(fm))
	o.schemaRevision = r.Schemas.Revision() // before they are read: one that changes meanwhile is then seen as changed
	if o.schemas, err = r.Schemas.Known(ctx, o.Facts.Served); err != nil {
		return err
	}
	o.Live, err = r.live(ctx, render.OwnerOf(fm), o.Facts.Served)
	return err
}

// dryRun has the API server try changes and keep none of them.
func (r *FluxMonitoringReconciler) dryRun(
	ctx context.Context, writer client.Client, owner apply.Owner, changes []apply.Change,
) []*apply.Failure {
	trial := &apply.Applier{Live: r.Applier.Live, Writes: &apply.WriteTracker{}}
	_, failures := trial.Execute(ctx, client.NewDryRunClient(writer), owner, slices.Clone(changes))
	return failures
}

// live is what the caches hold of the owner's objects, with the operator's own latest writes over it.
func (r *FluxMonitoringReconciler) live(
	ctx context.Context, owner apply.Owner, served map[schema.GroupVersionKind]bool,
) ([]*metav1.PartialObjectMetadata, error) {
	return r.Applier.Writes.Live(ctx, owner, served, func(kind schema.GroupVersionKind) client.Reader {
		if kind == kinds.ConfigMap {
			return r.Client
		}
		return r.Optional.Reader(kind)
	})
}

// withoutGuesses drops the changes of existing objects whose labels follow from the selectors of a Prometheus or an Alertmanager, while these
// cannot be read: the labels that the objects have are better than none. Objects that do not exist are created.
func withoutGuesses(changes []apply.Change, facts facts.Facts) []apply.Change {
	return slices.DeleteFunc(changes, func(c apply.Change) bool {
		var fault error
		switch c.Kind {
		case kinds.PodMonitor, kinds.PrometheusRule:
			fault = facts.PrometheusFault()
		case kinds.AlertmanagerConfig, kinds.AlertmanagerConfigBeta:
			fault = facts.Faults[kinds.Alertmanager]
		}
		return fault != nil && c.Desired != nil && c.Live != nil
	})
}

// report writes the status if it differs, and records events of what has changed.
func (r *FluxMonitoringReconciler) report(ctx context.Context, fm *v1alpha1.FluxMonitoring, o *reconcileResult) error {
	countRestores(fm, o.Changes)
	r.record(fm, status.ChangeEvents(fm, o.Changes))
	before := fm.DeepCopy()
	status.Set(fm, &o.Run)
	changed := !equality.Semantic.DeepEqual(before.Status, fm.Status)
	r.lastRuns.keep(before, o, changed)
	if changed {
		if err := r.Client.Status().Patch(ctx, fm, client.MergeFrom(before)); err != nil {
			return fmt.Errorf("writing the status: %w", err)
		}
	}
	r.record(fm, status.ConditionEvents(before, fm))
	return nil
}

// next is when to reconcile again: with backoff after a fault that may pass; else after the interval, or sooner if no event will announce
// that a human has fixed a fault, or if the caches have not shown a write yet and may never do.
func next(fm *v1alpha1.FluxMonitoring, o *reconcileResult, pending bool) (ctrl.Result, error) {
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
	if o.retryContested > 0 {
		after = min(after, o.retryContested)
	}
	return ctrl.Result{RequeueAfter: after}, nil
}
