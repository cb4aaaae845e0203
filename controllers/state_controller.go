package controllers

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/exporter"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/served"
)

// Exporter follows Flux objects and serves their state.
type Exporter interface {
	// Follow makes it watch and serve exactly what is desired, until the context of the first call ends.
	Follow(ctx context.Context, desired exporter.Desired)
	// Health of what it watches.
	Health() exporter.Health
}

// StateReconciler follows which kinds of Flux the cluster serves in which version, and has the exporter watch them while a
// FluxMonitoring has its objects' state from it, or has alerts: how long an alert waits follows from how long the objects may take.
type StateReconciler struct {
	// Client reads FluxMonitorings through the cache.
	Client client.Client
	// Observer reads the facts from which follows where the state of objects comes from.
	Observer *observe.Observer
	// Discovery asks the API server which kinds of Flux it serves.
	Discovery served.Discovery
	// Own exporter.
	Own Exporter
	// Namespace the operator's pods run in, which serve what the exporter exports; empty if nothing is served.
	Namespace string
	// Trusted are the namespaces that the administrator trusts.
	Trusted Trusted
	// Sharded: the exporter watches only a part of the objects. Objects outside are unknown, not absent.
	Sharded bool
	// Changed receives an event when what FluxMonitorings may depend on has changed.
	Changed chan event.GenericEvent
	// Served is called with the kinds served whenever what FluxMonitorings may depend on has changed; it may be nil.
	Served func([]flux.ServedKind)
	// Signals has an event when the exporter's health has changed, or where the state of objects comes from may have. It holds one.
	Signals chan event.GenericEvent

	rediscovery served.Rediscovery
	current     atomic.Bool // nothing has happened since the discovery API was asked
	discovered  []flux.ServedKind
	damper      damper
	began       time.Time // when the objects that are followed were first desired
	waiting     time.Time // since when something is to be served and is not

	mu    sync.RWMutex
	known bool
	facts stateFacts
}

// ExporterChanged has it run, and ask which kinds are served: one may have left.
func (r *StateReconciler) ExporterChanged() {
	r.current.Store(false)
	r.Signal()
}

// Signal has it run.
func (r *StateReconciler) Signal() {
	select {
	case r.Signals <- event.GenericEvent{Object: &v1alpha1.FluxMonitoring{}}:
	default: // one is waiting already, and says the same
	}
}

// stateFacts is what FluxMonitorings may depend on.
type stateFacts struct {
	kinds    []flux.ServedKind
	followed bool // some FluxMonitoring wants Flux's objects followed
	exporter facts.Exporter
	waits    map[string]flux.ReconcileTimings
}

// Known reports whether it is known which of Flux's kinds the cluster serves.
func (r *StateReconciler) Known() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known
}

// KnownFor reports whether all is known that a FluxMonitoring is rendered from. Before the objects on which its alerts are have been
// listed, its rules would be written twice.
func (r *StateReconciler) KnownFor(fm *v1alpha1.FluxMonitoring) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known && (r.facts.followed || !alerting(fm))
}

// FluxKinds are those served, in the order of flux.Kinds.
func (r *StateReconciler) FluxKinds() []flux.ServedKind {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.facts.kinds
}

// Exporter is what is known of the operator's own exporter.
func (r *StateReconciler) Exporter() facts.Exporter {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.facts.exporter
}

// Timings are how long objects may take, by kind.
func (r *StateReconciler) Timings() map[string]flux.ReconcileTimings {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.facts.waits
}

// SetupWithManager adds the controller to the manager.
func (r *StateReconciler) SetupWithManager(mgr ctrl.Manager) error {
	run := []ctrl.Request{{}} // there is but one thing to reconcile
	fluxCRD := predicate.NewPredicateFuncs(func(o client.Object) bool { return served.IsFluxCRD(o.GetName()) })
	crdChanged := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request {
		r.rediscovery.CRDChanged()
		r.current.Store(false)
		return run
	})
	whatever := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request { return run })
	return ctrl.NewControllerManagedBy(mgr).
		Named("state").
		WatchesMetadata(kinds.Metadata(kinds.CustomResourceDefinition), crdChanged, builder.WithPredicates(fluxCRD)).
		Watches(&v1alpha1.FluxMonitoring{}, whatever, builder.WithPredicates(sourceChanged())).
		Watches(&appsv1.Deployment{}, whatever, builder.WithPredicates(controllerChanged())).
		WatchesRawSource(source.Channel(r.Signals, whatever)).
		WatchesRawSource(source.Func(func(ctx context.Context, q queue) error {
			r.Own.Follow(ctx, exporter.Desired{WatchOnly: true}) // it follows as long as the context lives, which is that of the manager
			q.Add(run[0])
			return nil
		})).
		WithOptions(controller.Options{RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](served.MinPoll, lastRetry)}).
		Complete(reconcile.Func(r.Reconcile))
}

// Reconcile asks which kinds are served and finds out which of them are to be followed, and sets the exporter to it.
func (r *StateReconciler) Reconcile(ctx context.Context, _ ctrl.Request) (ctrl.Result, error) {
	asked := time.Now()
	kinds, unknown, err := r.discover()
	if err != nil {
		return ctrl.Result{}, err
	}
	desired, followed, err := r.desired(ctx, kinds)
	if err != nil {
		return ctrl.Result{}, err
	}
	r.Own.Follow(ctx, desired)
	health := r.Own.Health()
	reported := r.reported(followed)
	if remains := r.patience(reported, health); remains > 0 {
		return ctrl.Result{RequeueAfter: remains}, nil
	}
	var calm time.Duration
	if reported {
		health.Failing, calm = r.damper.faults(time.Now(), health.Failing, len(desired.Kinds))
	}
	facts := r.exporterFacts(desired, health)
	var late time.Duration
	facts.Overdue, late = r.late(desired, health)
	r.publish(ctx, stateFacts{kinds: kinds, followed: followed, exporter: facts, waits: r.waits(desired, health)})
	if unknown != nil {
		return ctrl.Result{}, unknown
	}
	pending, err := r.Discovery.FluxPending(ctx, kinds)
	if err != nil {
		return ctrl.Result{}, err
	}
	next := r.rediscovery.Next(asked, pending)
	if next > 0 {
		r.current.Store(false)
	}
	return ctrl.Result{RequeueAfter: soonest(next, calm, late)}, nil
}

// discover are the kinds that are served. It asks the discovery API only if something may have changed, or after a failure.
func (r *StateReconciler) discover() (kinds []flux.ServedKind, unknown, err error) {
	if r.current.Swap(true) {
		return r.discovered, nil, nil
	}
	kinds, unknown, err = r.Discovery.FluxKinds(r.discovered)
	if err == nil {
		r.discovered = kinds
	}
	if err != nil || unknown != nil {
		r.current.Store(false)
	}
	return kinds, unknown, err
}

// soonest is the shortest of these times, of which 0 is none.
func soonest(times ...time.Duration) (first time.Duration) {
	for _, t := range times {
		if t > 0 && (first == 0 || t < first) {
			first = t
		}
	}
	return first
}

// publish makes facts known, and announces them if they are new.
func (r *StateReconciler) publish(ctx context.Context, facts stateFacts) {
	r.mu.Lock()
	changed := !r.known || !reflect.DeepEqual(r.facts, facts)
	r.known, r.facts = true, facts
	r.mu.Unlock()
	if !changed {
		return
	}
	if r.Served != nil {
		r.Served(facts.kinds)
	}
	select {
	case r.Changed <- event.GenericEvent{Object: &v1alpha1.FluxMonitoring{}}:
	case <-ctx.Done():
	}
}
