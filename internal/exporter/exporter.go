package exporter

import (
	"context"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Exporter watches Flux objects and exports their state as metrics. Create one with New.
type Exporter struct {
	client  rest.Interface
	options Options
	limiter *seriesLimiter
	// shardLabel distinguishes the counts of this exporter from those of exporters of other objects; empty if it
	// exports all objects.
	shardLabel string
	// view is what a scrape reads; nil while nothing is exported.
	view atomic.Pointer[view]

	mu sync.Mutex
	// ctx ends all followers; nil before the first Follow and after it has ended.
	ctx       context.Context
	order     []kindID
	followers map[kindID]*follower
	// pending are the kinds that must be listed before anything is exported.
	pending map[kindID]bool
	// watchOnly: objects are watched for Health, and none is exported.
	watchOnly bool
	// failures counts failed notifications until stopFailures is called; nil while nothing does.
	failures     *failureCounter
	stopFailures context.CancelFunc
	// now and retryForbidden are of the counter, for tests.
	now            func() time.Time
	retryForbidden time.Duration
	// reported is the health at the last call of Options.Changed.
	reported Health
}

// kindID identifies a kind regardless of its version.
type kindID struct{ group, name string }

func kindIDOf(kind flux.ServedKind) kindID { return kindID{kind.Group, kind.Name} }

// New returns an Exporter that follows nothing yet. If httpClient is nil, it is created from the configuration.
func New(cfg *rest.Config, httpClient *http.Client, o Options) (*Exporter, error) {
	client, err := newClient(cfg, httpClient)
	if err != nil {
		return nil, err
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Exporter{
		client: client, options: o, limiter: newSeriesLimiter(o.MaxSeries), shardLabel: o.shardLabel(), followers: map[kindID]*follower{},
		now: time.Now, retryForbidden: retryForbidden,
	}, nil
}

// Follow starts and stops followers until exactly the desired kinds are followed. It does not block and is
// idempotent. All followers end with the context of the first call; a later call starts anew. The context of any
// other call is only checked for having ended. When a kind changes its version, the old one is exported until the new
// one has been listed.
func (e *Exporter) Follow(ctx context.Context, desired Desired) {
	if ctx.Err() != nil {
		return
	}
	e.mu.Lock()
	if e.ctx == nil || e.ctx.Err() != nil {
		e.bind(ctx)
	}
	e.updateFollowers(desired)
	e.updateView()
	e.mu.Unlock()
	e.notifyIfChanged()
}

// Health returns the current health.
func (e *Exporter) Health() Health {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.health()
}

// bind ties the followers to a context: when it ends, all of them end.
func (e *Exporter) bind(ctx context.Context) {
	e.reset()
	e.ctx = ctx
	context.AfterFunc(ctx, func() {
		e.mu.Lock()
		if e.ctx == ctx {
			e.reset()
		}
		e.mu.Unlock()
		e.notifyIfChanged()
	})
}

// reset ends all followers.
func (e *Exporter) reset() {
	for _, f := range e.followers {
		f.shutdown()
	}
	e.stopWatchingFailures()
	clear(e.followers)
	e.ctx, e.order, e.pending = nil, nil, nil
	e.view.Store(nil)
}

// updateFollowers starts and stops followers to match what is desired.
func (e *Exporter) updateFollowers(desired Desired) {
	e.watchOnly = desired.WatchOnly
	e.limiter.configure(desired.PriorityNamespaces, desired.LegacyMetrics)
	fromNothing := len(e.followers) == 0
	kinds := make(map[kindID]bool, len(desired.Kinds))
	e.order = e.order[:0]
	for _, kind := range desired.Kinds {
		if id := kindIDOf(kind); !kinds[id] {
			kinds[id] = true
			e.order = append(e.order, id)
			e.followers[id] = e.replaceFollower(e.followers[id], kind)
		}
	}
	for id, f := range e.followers {
		if !kinds[id] {
			f.shutdown()
			delete(e.followers, id)
			delete(e.pending, id)
		}
	}
	if fromNothing {
		e.pending = kinds
	}
	e.watchFailures(desired)
}

// replaceFollower returns the follower for a kind, given the current one, which can be nil and can be kept.
func (e *Exporter) replaceFollower(f *follower, kind flux.ServedKind) *follower {
	if f != nil && f.matches(kind) {
		return f
	}
	if f != nil && f.store.closeIfUnsynced() {
		f.stop()
		f = f.previous // which is still exported
		if f != nil && f.matches(kind) {
			return f
		}
	}
	return e.start(kind, f)
}

// updateView rebuilds what a scrape reads. Nothing is exported before all pending kinds have been listed or have
// failed.
func (e *Exporter) updateView() {
	for id := range e.pending {
		if f := e.followers[id]; f.fault != "" || f.store.synced.Load() {
			delete(e.pending, id)
		}
	}
	if e.ctx == nil || len(e.pending) > 0 || e.watchOnly {
		e.view.Store(nil)
		return
	}
	v := &view{limiter: e.limiter, failures: e.failures, stores: make([]*store, 0, len(e.order))}
	for _, id := range e.order {
		f := e.followers[id]
		if s := f.servingStore(); s != nil {
			v.stores = append(v.stores, s)
		}
		if f.fault != "" {
			v.unreadable = append(v.unreadable, f.schema)
		}
	}
	e.view.Store(v)
}

// onRequest records whether a follower's kind can be read.
func (e *Exporter) onRequest(f *follower, err error) {
	e.mu.Lock()
	current := e.followers[kindIDOf(f.schema.kind)] == f
	if current {
		f.recordResult(err)
		e.updateView()
	}
	e.mu.Unlock()
	if current {
		e.notifyIfChanged()
	}
	if current && isGone(err) {
		e.options.Changed()
	}
}

// onStoreChange is called when a store is complete, begins or ceases to omit objects, or has other longest timings.
func (e *Exporter) onStoreChange() {
	e.mu.Lock()
	e.updateView()
	e.mu.Unlock()
	e.notifyIfChanged()
}

// notifyIfChanged calls Options.Changed if the health differs from what was last reported.
func (e *Exporter) notifyIfChanged() {
	e.mu.Lock()
	health := e.health()
	changed := !reflect.DeepEqual(health, e.reported)
	e.reported = health
	e.mu.Unlock()
	if changed {
		e.options.Changed()
	}
}
