package served

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/status"
)

const (
	// maxRetry is the longest time between two attempts at a kind that cannot be read, which no event may announce.
	maxRetry = time.Minute
	// firstFaults is how long faults may last at the start before the other kinds are reported: many pass.
	firstFaults = 10 * time.Second
	// workers are so many that a kind that is slow to list holds back no other.
	workers = 3
)

// Kinds follows which optional kinds the cluster serves, and holds a cache of each of them. It is a controller that reconciles the names of
// CRDs, so that each kind has its own retries. A kind's own cache is what makes leaving clean: no informer is left that lists what is gone.
type Kinds struct {
	// Manager runs the caches.
	Manager Manager
	// Discovery asks which kinds are served.
	Discovery Discovery
	// Watch attaches a reconciler to the new cache of a kind.
	Watch func(kind schema.GroupVersionKind, informers cache.Cache) error
	// Recent writes, of which those of kinds that have left are forgotten.
	Recent *apply.WriteTracker
	// Changed receives an event whenever other kinds are served than before, or cannot be read.
	Changed chan event.GenericEvent

	mu     sync.RWMutex
	crds   map[string]*Rediscovery
	asked  map[string]bool // the CRDs of which something is known
	began  time.Time       // when the first of them was asked for
	known  bool
	faults map[schema.GroupVersionKind]error
	caches map[schema.GroupVersionKind]*runningCache
}

// SetupWithManager adds the controller to a manager.
func (k *Kinds) SetupWithManager(mgr ctrl.Manager) error {
	k.crds = map[string]*Rediscovery{}
	for _, name := range kinds.CRDs() {
		k.crds[name] = &Rediscovery{}
	}
	optional := predicate.NewPredicateFuncs(func(o client.Object) bool { return k.crds[o.GetName()] != nil })
	changed := handler.EnqueueRequestsFromMapFunc(func(_ context.Context, crd client.Object) []ctrl.Request {
		k.crds[crd.GetName()].CRDChanged()
		return []ctrl.Request{requestFor(crd.GetName())}
	})
	return ctrl.NewControllerManagedBy(mgr).
		Named("apis").
		WatchesMetadata(kinds.Metadata(kinds.CustomResourceDefinition), changed, builder.WithPredicates(optional)).
		WatchesRawSource(source.Func(func(_ context.Context, q workqueue.TypedRateLimitingInterface[ctrl.Request]) error {
			for name := range k.crds {
				q.Add(requestFor(name))
			}
			return nil
		})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: workers,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](MinPoll, maxRetry),
		}).
		Complete(reconcile.Func(k.Reconcile))
}

func requestFor(crd string) ctrl.Request {
	return ctrl.Request{NamespacedName: types.NamespacedName{Name: crd}}
}

// Reconcile asks whether the kind of a CRD is served, and starts or stops its cache. A kind that cannot be read is retried, less and less often.
func (k *Kinds) Reconcile(ctx context.Context, crd ctrl.Request) (ctrl.Result, error) {
	asked := time.Now()
	finding := k.Discovery.Optional(ctx, crd.Name, func(kind schema.GroupVersionKind) bool { return k.Reader(kind) != nil })
	if err := k.Follow(ctx, crd.Name, finding); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: k.crds[crd.Name].Next(asked, finding.pending())}, nil
}

// Known reports whether it is known which kinds the cluster serves. Before that nothing can be said of a kind that is missing.
func (k *Kinds) Known() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.known
}

// Fault is why a kind that is served cannot be read; nil while it can be, and while it is not served.
func (k *Kinds) Fault(kind schema.GroupVersionKind) error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.faults[kind]
}

// Reader is the cache of a kind; nil while the cluster does not serve it.
func (k *Kinds) Reader(kind schema.GroupVersionKind) client.Reader {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if c := k.caches[kind]; c != nil {
		return c
	}
	return nil
}

// Follow starts and stops caches so that the kind of a CRD has one in the version that is served. A kind that has a cache keeps it while it is
// not known whether the kind is served. The error is to be retried.
func (k *Kinds) Follow(ctx context.Context, crd string, f Finding) error {
	changed := k.stopOthers(crd, f)
	fault := f.Err
	switch {
	case k.Reader(f.Kind) != nil:
		fault = nil
	case f.Served:
		fault = k.start(ctx, f.Kind)
		changed = changed || fault == nil
	}
	if k.note(crd, f.Kind, fault, changed) {
		select {
		case k.Changed <- event.GenericEvent{Object: &v1alpha1.FluxMonitoring{}}:
		case <-ctx.Done():
		}
	}
	return cmp.Or(fault, f.Err)
}

// stopOthers stops the caches of the versions of a kind that are known not to be served, and reports whether there were any. It comes before
// another version is started, so that no kind is read in two.
func (k *Kinds) stopOthers(crd string, f Finding) (stopped bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, version := range kinds.OfCRD(crd) {
		if c := k.caches[version]; c != nil && (version != f.Kind || f.pending()) {
			c.stop()
			delete(k.caches, version)
			k.Recent.DropKind(version)
			stopped = true
		}
	}
	return stopped
}

// note makes known what is known of a kind, and reports whether that is to be announced: at the start, not before all kinds are known, or
// their faults have lasted for a while.
func (k *Kinds) note(crd string, kind schema.GroupVersionKind, fault error, changed bool) (announce bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.asked == nil {
		k.asked, k.faults, k.began = map[string]bool{}, map[schema.GroupVersionKind]error{}, time.Now()
	}
	k.asked[crd] = true
	changed = k.setFault(crd, kind, fault) || changed
	if k.known {
		return changed
	}
	k.known = len(k.asked) == len(kinds.CRDs()) && (len(k.faults) == 0 || time.Since(k.began) >= firstFaults)
	return k.known
}

// setFault makes a fault, or that there is none, the only one of the kind of a CRD, and reports whether people read another than before. The
// caller holds the lock.
func (k *Kinds) setFault(crd string, kind schema.GroupVersionKind, fault error) (changed bool) {
	before := ""
	for _, version := range kinds.OfCRD(crd) {
		before += sentence(k.faults[version])
		delete(k.faults, version)
	}
	if fault != nil {
		k.faults[kind] = fault
	}
	return before != sentence(fault)
}

// sentence is what people read of a fault.
func sentence(fault error) string {
	if fault == nil {
		return ""
	}
	return status.Sentence(fault)
}

// start fills a cache before anybody can read from it, so that an empty answer is never that of a cache that is not filled. A kind that has
// only just arrived may answer one request and not the next: to try again at once is for the caller, because the informer would back off for
// many seconds.
func (k *Kinds) start(ctx context.Context, kind schema.GroupVersionKind) error {
	syncing, done := context.WithTimeout(ctx, syncTimeout)
	defer done()
	c, err := runCache(k.Manager, cacheOptions(kind), done)
	if err != nil {
		return fmt.Errorf("making a cache for %s: %w", kind.Kind, err)
	}
	if err := fill(syncing, c, kinds.Of(kind)); err != nil {
		c.stop()
		return fmt.Errorf("listing %s objects: %w", kind.Kind, err)
	}
	if err := k.Watch(kind, c.Cache); err != nil {
		c.stop()
		return fmt.Errorf("watching %s objects: %w", kind.Kind, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.caches == nil {
		k.caches = map[schema.GroupVersionKind]*runningCache{}
	}
	k.caches[kind] = c
	return nil
}

// fill waits until a cache holds every object of a kind. GetInformer does not wait if the cache has not begun to run.
func fill(ctx context.Context, informers cache.Cache, kind kinds.Kind) error {
	if kind.Cached == kinds.Sidecars {
		if err := informers.IndexField(ctx, kind.New(), observe.GrafanaIndex, observe.IndexGrafana); err != nil {
			return err
		}
	}
	if _, err := informers.GetInformer(ctx, kind.New()); err != nil {
		return err
	}
	if kind.Status {
		if _, err := informers.GetInformer(ctx, kinds.Plain(kind.GroupVersionKind)); err != nil {
			return err
		}
	}
	if !informers.WaitForCacheSync(ctx) {
		return ctx.Err()
	}
	return nil
}

// cacheOptions are those of the cache of a kind, which keeps what the table of kinds says.
func cacheOptions(kind schema.GroupVersionKind) cache.Options {
	if kinds.Of(kind).Cached == kinds.Ownership {
		return cache.Options{DefaultLabelSelector: mark.Owned(), DefaultTransform: stripGenerated}
	}
	return cache.Options{DefaultTransform: observe.Strip}
}

// stripGenerated keeps what shows drift of the metadata of an object, and the conditions of an object that is read for its status.
func stripGenerated(in any) (any, error) {
	o, ok := in.(*unstructured.Unstructured)
	switch {
	case ok && o.GetKind() == kinds.HelmRelease.Kind:
		return observe.StripRelease(o), nil
	case ok:
		return observe.StripStatus(o), nil
	}
	return apply.Strip(in)
}
