package controllers

import (
	"context"
	"reflect"
	"sync"
	"time"

	"k8s.io/client-go/discovery"
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
)

// Exporter follows Flux objects and serves their state.
type Exporter interface {
	// Follow makes it watch and serve exactly what is wanted, until the context ends.
	Follow(ctx context.Context, wanted exporter.Desired)
	// Health of what it watches.
	Health() exporter.Health
}

// StateReconciler follows which kinds of Flux the cluster serves in which version, and has the exporter watch them as long
// as any FluxMonitoring has its objects' state from it, or alerts: how long they hold back follows from how long the objects
// may take.
type StateReconciler struct {
	// Client reads FluxMonitorings through the cache.
	Client client.Client
	// Discovery asks the API server what it serves.
	Discovery discovery.DiscoveryInterface
	// Own exporter.
	Own Exporter
	// Namespace the operator's pods run in, which serve what the exporter tells; empty where nothing is served.
	Namespace string
	// Trusted are the namespaces that the administrator trusts.
	Trusted Trusted
	// Sharded is that the exporter watches a part of the objects alone. What lies outside is unknown, not absent.
	Sharded bool
	// Changed receives an event when what FluxMonitorings may depend on has changed.
	Changed chan event.GenericEvent
	// Served is called with the kinds served whenever what FluxMonitorings may depend on has changed; nil for nobody.
	Served func([]flux.ServedKind)
	// Signals has an event when the exporter's health has changed. It holds one; the exporter drops what does not fit.
	Signals chan event.GenericEvent

	lifetime context.Context
	looks    looks
	damper   damper
	began    time.Time // the first run
	waiting  time.Time // since when something is to be served and is not

	mu    sync.RWMutex
	known bool
	facts stateFacts
}

// stateFacts is what FluxMonitorings may depend on.
type stateFacts struct {
	kinds    []flux.ServedKind
	exporter facts.Exporter
	waits    map[string]flux.ReconcileTimings
}

// Known reports whether it has been established yet which of Flux's kinds the cluster serves.
func (r *StateReconciler) Known() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.known
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

// Timings of objects by kind, of which the exporter knows.
func (r *StateReconciler) Timings() map[string]flux.ReconcileTimings {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.facts.waits
}

// SetupWithManager adds the controller to the manager. The exporter watches as long as the context lives, which must be the
// one the manager is started with.
func (r *StateReconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	r.lifetime = ctx
	run := []ctrl.Request{{}} // there is but one thing to reconcile
	definitions := predicate.NewPredicateFuncs(func(o client.Object) bool { return fluxDefinitions()[o.GetName()] })
	news := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request {
		r.looks.news()
		return run
	})
	whatever := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request { return run })
	return ctrl.NewControllerManagedBy(mgr).
		Named("state").
		WatchesMetadata(kinds.Metadata(kinds.CustomResourceDefinition), news, builder.WithPredicates(definitions)).
		Watches(&v1alpha1.FluxMonitoring{}, whatever, builder.WithPredicates(sourceChanged())).
		WatchesRawSource(source.Channel(r.Signals, whatever)).
		WatchesRawSource(atStart).
		WithOptions(controller.Options{RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](firstLook, lastRetry)}).
		Complete(reconcile.Func(r.Reconcile))
}

// Reconcile looks at what is served and what is wanted, and sets the exporter to it. It looks again as looks says.
func (r *StateReconciler) Reconcile(ctx context.Context, _ ctrl.Request) (ctrl.Result, error) {
	looked := time.Now()
	kinds, unknown, err := servedKinds(r.Discovery, r.FluxKinds())
	if err != nil {
		return ctrl.Result{}, err
	}
	wanted, err := r.wanted(ctx, kinds)
	if err != nil {
		return ctrl.Result{}, err
	}
	r.Own.Follow(r.lifetime, wanted)
	health := r.Own.Health()
	if remains := r.patience(health); remains > 0 {
		return ctrl.Result{RequeueAfter: remains}, nil
	}
	var calm time.Duration
	if r.Known() {
		health.Failing, calm = r.damper.faults(time.Now(), health.Failing, len(wanted.Kinds))
	}
	facts := r.exporterFacts(wanted, health)
	var late time.Duration
	facts.Overdue, late = r.late(wanted, health)
	r.tell(ctx, stateFacts{kinds: kinds, exporter: facts, waits: r.waits(wanted, health)})
	if unknown != nil {
		return ctrl.Result{}, unknown
	}
	waiting, err := pending(ctx, r.Client, kinds)
	if err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: soonest(r.looks.next(looked, waiting), calm, late)}, nil
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

// tell makes facts known, and announces them where they are new.
func (r *StateReconciler) tell(ctx context.Context, facts stateFacts) {
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
