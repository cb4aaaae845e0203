package controllers

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
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
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// Exporter serves the state of Flux objects.
type Exporter interface {
	// Follow makes it watch exactly these kinds, until the context ends.
	Follow(ctx context.Context, wanted exporter.Wanted)
	// Health of what it watches.
	Health() exporter.Health
}

// StateReconciler follows which kinds of Flux the cluster serves in which version, and has the exporter watch them as long
// as any FluxMonitoring has its objects' state from it.
type StateReconciler struct {
	// Client reads FluxMonitorings through the cache.
	Client client.Client
	// Discovery asks the API server what it serves.
	Discovery discovery.DiscoveryInterface
	// Own exporter; nil where it is turned off.
	Own Exporter
	// Namespace the operator's pods run in.
	Namespace string
	// Changed receives an event when what FluxMonitorings may depend on has changed.
	Changed chan event.GenericEvent
	// Signals has an event when the exporter's health has changed. It holds one; the exporter drops what does not fit.
	Signals chan event.GenericEvent

	lifetime context.Context
	looks    atomic.Int64 // since the last news of a CRD

	mu    sync.RWMutex
	known bool
	facts stateFacts
}

// stateFacts is what FluxMonitorings may depend on.
type stateFacts struct {
	kinds    []flux.ServedKind
	exporter observe.ExporterFacts
}

// again is when to look at what is served after the news of a CRD: discovery lags behind it.
var again = []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second}

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
func (r *StateReconciler) Exporter() observe.ExporterFacts {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.facts.exporter
}

// SetupWithManager adds the controller to the manager. The exporter watches as long as the context lives, which must be the
// one the manager is started with.
func (r *StateReconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	r.lifetime = ctx
	r.looks.Store(int64(len(again))) // until there is news of a CRD
	run := []ctrl.Request{{}}        // there is but one thing to reconcile
	definitions := predicate.NewPredicateFuncs(func(o client.Object) bool { return fluxDefinitions()[o.GetName()] })
	news := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request {
		r.looks.Store(0)
		return run
	})
	whatever := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request { return run })
	return ctrl.NewControllerManagedBy(mgr).
		Named("state").
		WatchesMetadata(observe.Metadata(crdKind), news, builder.WithPredicates(definitions)).
		Watches(&v1alpha1.FluxMonitoring{}, whatever, builder.WithPredicates(sourceChanged())).
		WatchesRawSource(source.Channel(r.Signals, whatever)).
		WatchesRawSource(atStart).
		WithOptions(controller.Options{RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](firstLook, lastRetry)}).
		Complete(reconcile.Func(r.Reconcile))
}

// Reconcile looks at what is served and what is wanted, and sets the exporter to it.
func (r *StateReconciler) Reconcile(ctx context.Context, _ ctrl.Request) (ctrl.Result, error) {
	kinds, err := servedKinds(r.Discovery)
	if err != nil {
		return ctrl.Result{}, err
	}
	facts := stateFacts{kinds: kinds}
	if r.Own != nil {
		if facts.exporter, err = r.export(ctx, kinds); err != nil {
			return ctrl.Result{}, err
		}
	}
	r.tell(ctx, facts)
	return r.next(ctx, kinds)
}

// next says when to look again at what is served: a few times after the news of a CRD, and as long as one is there whose kind is
// not served.
func (r *StateReconciler) next(ctx context.Context, kinds []flux.ServedKind) (ctrl.Result, error) {
	if look := r.looks.Add(1) - 1; look < int64(len(again)) {
		return ctrl.Result{RequeueAfter: again[look]}, nil
	}
	waiting, err := pending(ctx, r.Client, kinds)
	if err != nil || !waiting {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: lastLook}, nil
}

// export has the exporter follow what is wanted of it, and returns how it fares. While nobody wants anything it serves nothing.
func (r *StateReconciler) export(ctx context.Context, kinds []flux.ServedKind) (observe.ExporterFacts, error) {
	wanted, isWanted, err := r.wanted(ctx, kinds)
	if err != nil {
		return observe.ExporterFacts{}, err
	}
	r.Own.Follow(r.lifetime, wanted)
	facts := exporterFacts(r.Namespace, r.Own.Health())
	facts.Serving = facts.Serving && isWanted
	return facts, nil
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
	select {
	case r.Changed <- event.GenericEvent{Object: &v1alpha1.FluxMonitoring{}}:
	case <-ctx.Done():
	}
}

// wanted is what the exporter has to watch: nothing, unless a FluxMonitoring has the state of its objects from it.
func (r *StateReconciler) wanted(
	ctx context.Context, kinds []flux.ServedKind,
) (wanted exporter.Wanted, isWanted bool, err error) {
	var all v1alpha1.FluxMonitoringList
	if err := r.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return wanted, false, fmt.Errorf("listing FluxMonitorings: %w", err)
	}
	for i := range all.Items {
		if exported(&all.Items[i]) {
			wanted.Kinds, isWanted = kinds, true
			wanted.Compatibility = wanted.Compatibility || all.Items[i].Spec.ResourceMetrics.Compatible()
		}
	}
	return wanted, isWanted, nil
}

// exported reports whether a FluxMonitoring has the state of its objects from the exporter.
func exported(fm *v1alpha1.FluxMonitoring) bool {
	s := fm.Status.ResourceMetrics
	return s != nil && s.Source == v1alpha1.ResourceMetricsSourceExporter && fm.DeletionTimestamp.IsZero()
}

// sourceChanged lets through what may change what the exporter has to watch.
func sourceChanged() predicate.Predicate {
	asked := func(o client.Object) [2]bool {
		fm, ok := o.(*v1alpha1.FluxMonitoring)
		return [2]bool{ok && exported(fm), ok && fm.Spec.ResourceMetrics.Compatible()}
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return asked(e.ObjectOld) != asked(e.ObjectNew) }}
}

// exporterFacts puts the exporter's health into facts.
func exporterFacts(namespace string, h exporter.Health) observe.ExporterFacts {
	facts := observe.ExporterFacts{Namespace: namespace, Serving: h.Serving, Limited: h.Limited}
	for _, fault := range h.Failing {
		facts.Faults = append(facts.Faults, fault.Kind+": "+fault.Reason)
	}
	return facts
}
