package controllers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/status"
)

// syncTimeout bounds the first listing of a kind that has arrived.
const syncTimeout = 30 * time.Second

// OptionalKinds holds a cache for each kind that may be absent while the cluster serves it, started when the kind arrives
// and stopped when it leaves. A kind's own cache is what makes leaving clean: no informer is left that lists what is gone.
type OptionalKinds struct {
	// Config, HTTPClient, Scheme and Mapper of the manager, for the caches.
	Config     *rest.Config
	HTTPClient *http.Client
	Scheme     *runtime.Scheme
	Mapper     meta.RESTMapper
	// Watch attaches the reconciler to a kind's new cache.
	Watch func(kind schema.GroupVersionKind, informers cache.Cache) error
	// Recent is told of kinds that have left.
	Recent *apply.WriteTracker
	// Changed receives an event whenever the set of kinds served has changed.
	Changed chan event.GenericEvent

	began time.Time // the first look

	mu      sync.RWMutex
	known   bool
	faults  map[schema.GroupVersionKind]error
	running map[schema.GroupVersionKind]*runningKind
}

type runningKind struct {
	cache cache.Cache
	stop  context.CancelFunc
}

// Known reports whether it has been established yet which kinds the cluster serves. Before that nothing can be said of
// what is missing.
func (k *OptionalKinds) Known() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.known
}

// Fault is why a kind that is served cannot be read; nil while it can, and while it is not served.
func (k *OptionalKinds) Fault(kind schema.GroupVersionKind) error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.faults[kind]
}

// Reader returns the cache of a kind; nil while the cluster does not serve it.
func (k *OptionalKinds) Reader(kind schema.GroupVersionKind) client.Reader {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if running, ok := k.running[kind]; ok {
		return running.cache
	}
	return nil
}

// firstFaults is how long faults may last at the start before anything is said of the kinds that have them.
const firstFaults = 10 * time.Second

// availability is which kinds the cluster serves, and why it is not known of some, or why they cannot be read.
type availability struct {
	served map[schema.GroupVersionKind]bool
	faults map[schema.GroupVersionKind]error
}

// Follow starts and stops caches so that exactly the kinds served have one. It returns once the new ones are filled. The
// caches live until the context ends or their kind leaves. What leaves goes first, so that no kind is seen in two versions.
// A kind that has a cache and a fault keeps the cache. One that cannot be started keeps no other back, and what has changed is
// announced nevertheless; at the start after some time, for many a fault passes. The error is that of all kinds with faults.
func (k *OptionalKinds) Follow(ctx context.Context, served map[schema.GroupVersionKind]bool) error {
	return k.follow(ctx, availability{served: served})
}

func (k *OptionalKinds) follow(ctx context.Context, a availability) error {
	faults := map[schema.GroupVersionKind]error{}
	for kind, fault := range a.faults {
		if k.Reader(kind) == nil {
			faults[kind] = fault
		}
	}
	stopped := k.stopAllBut(a)
	started := k.startAll(ctx, a.served, faults)
	if faulty := k.take(faults); k.ripe(len(faults) == 0) && (stopped || started || faulty || !k.Known()) {
		k.announce(ctx)
	}
	return errors.Join(slices.Collect(maps.Values(faults))...)
}

// take makes the faults known, and reports whether people would see others than before.
func (k *OptionalKinds) take(faults map[schema.GroupVersionKind]error) (changed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	changed = !maps.EqualFunc(k.faults, faults, func(a, b error) bool { return status.Sentence(a) == status.Sentence(b) })
	k.faults = faults
	return changed
}

// ripe reports whether enough is known to announce anything.
func (k *OptionalKinds) ripe(complete bool) bool {
	if k.began.IsZero() {
		k.began = time.Now()
	}
	return complete || k.Known() || time.Since(k.began) >= firstFaults
}

// stopAllBut stops the caches of the kinds that are known not to be served, and reports whether there were any.
func (k *OptionalKinds) stopAllBut(a availability) (stopped bool) {
	for _, kind := range kinds.Optional() {
		if !a.served[kind] && a.faults[kind] == nil && k.Reader(kind) != nil {
			k.stop(kind)
			stopped = true
		}
	}
	return stopped
}

// startAll starts the caches that the kinds served lack, and reports whether any was. It adds the faults of those that could not be.
func (k *OptionalKinds) startAll(
	ctx context.Context, served map[schema.GroupVersionKind]bool, faults map[schema.GroupVersionKind]error,
) (started bool) {
	for _, kind := range kinds.Optional() {
		if !served[kind] || k.Reader(kind) != nil {
			continue
		}
		if fault := k.start(ctx, kind); fault != nil {
			faults[kind] = fault
		} else {
			started = true
		}
	}
	return started
}

// announce makes what is known now known to the reconciler.
func (k *OptionalKinds) announce(ctx context.Context) {
	k.mu.Lock()
	k.known = true
	k.mu.Unlock()
	select {
	case k.Changed <- event.GenericEvent{Object: &v1alpha1.FluxMonitoring{}}:
	case <-ctx.Done():
	}
}

// start fills a cache before anybody can read from it, so that an empty answer is never a cache that was not yet filled.
func (k *OptionalKinds) start(ctx context.Context, kind schema.GroupVersionKind) error {
	cacheContext, stop := context.WithCancel(ctx)
	syncContext, done := context.WithTimeout(cacheContext, syncTimeout)
	defer done()
	options := k.options(kind)
	// A kind that has only just arrived may answer one request and not the next. Trying again is for the caller, at once: the
	// informer would back off for many seconds.
	options.DefaultWatchErrorHandler = func(ctx context.Context, r *toolscache.Reflector, err error) {
		done()
		toolscache.DefaultWatchErrorHandler(ctx, r, err)
	}
	informers, err := cache.New(k.Config, options)
	if err != nil {
		stop()
		return fmt.Errorf("making a cache for %s: %w", kind.Kind, err)
	}
	go func() {
		_ = informers.Start(cacheContext) // it returns an error only when started twice
	}()
	if err := fill(syncContext, informers, kind); err != nil {
		stop()
		return fmt.Errorf("listing %s objects: %w", kind.Kind, err)
	}
	if err := k.Watch(kind, informers); err != nil {
		stop()
		return fmt.Errorf("watching %s objects: %w", kind.Kind, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running == nil {
		k.running = map[schema.GroupVersionKind]*runningKind{}
	}
	k.running[kind] = &runningKind{cache: informers, stop: stop}
	return nil
}

// fill waits until a cache that has just been started holds every object of a kind. GetInformer does not wait where it is asked before
// the start has been noticed.
func fill(ctx context.Context, informers cache.Cache, kind schema.GroupVersionKind) error {
	if _, err := informers.GetInformer(ctx, kinds.Of(kind).New()); err != nil {
		return err
	}
	if !informers.WaitForCacheSync(ctx) {
		return ctx.Err()
	}
	return nil
}

func (k *OptionalKinds) stop(kind schema.GroupVersionKind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.running[kind].stop()
	delete(k.running, kind)
	k.Recent.DropKind(kind)
}

// options of the cache of a kind, which keeps what the table of kinds says.
func (k *OptionalKinds) options(kind schema.GroupVersionKind) cache.Options {
	options := cache.Options{HTTPClient: k.HTTPClient, Scheme: k.Scheme, Mapper: k.Mapper, DefaultTransform: observe.Strip}
	if kinds.Of(kind).Cached == kinds.Ownership {
		options.DefaultLabelSelector, options.DefaultTransform = Owned(), apply.Strip
	}
	return options
}

// Owned selects the objects that bear the owner label.
func Owned() labels.Selector {
	exists, err := labels.NewRequirement(mark.OwnerLabel, selection.Exists, nil)
	if err != nil {
		panic(err) // the label is a constant
	}
	return labels.NewSelector().Add(*exists)
}
