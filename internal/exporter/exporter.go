package exporter

import (
	"context"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Exporter follows Flux's objects and serves their state as metrics. The zero value is of no use; see New.
type Exporter struct {
	client  rest.Interface
	options Options
	limiter *seriesLimiter
	// shardLabel is the label of the counts that tells an exporter of some objects from those of others; empty where it has all.
	shardLabel string
	// view is what is served: nil while nothing is.
	view atomic.Pointer[view]

	mu sync.Mutex
	// ctx ends everything. It is nil while there is none.
	ctx       context.Context
	order     []kindID
	followers map[kindID]*follower
	// pending are the kinds without which nothing is served yet.
	pending map[kindID]bool
	// watchOnly is that nothing is to be served, whatever is followed.
	watchOnly bool
	reported  Health
}

// kindID tells kinds apart, whatever their version.
type kindID struct{ group, name string }

func kindIDOf(kind flux.ServedKind) kindID { return kindID{kind.Group, kind.Name} }

// New makes an Exporter that follows nothing yet. A nil client is made from the configuration.
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
	}, nil
}

// Follow starts and stops followers so that exactly what is wanted is followed, and returns at once. All ends with the
// context of the first call, after which a call begins anew; contexts of later calls matter in no other way than that
// nothing is done when they have ended. A kind in another version goes on being served in the former until the other has
// been listed. Wanting the same again does nothing.
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

// Health returns what there is to say now.
func (e *Exporter) Health() Health {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.health()
}

// bind starts a life that lasts as long as the context.
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

// reset ends everything.
func (e *Exporter) reset() {
	for _, f := range e.followers {
		f.shutdown()
	}
	clear(e.followers)
	e.ctx, e.order, e.pending = nil, nil, nil
	e.view.Store(nil)
}

// updateFollowers makes the followers those of what is wanted.
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
}

// replaceFollower returns the follower that a kind is to have after the one it has, which may be the same, or nil.
func (e *Exporter) replaceFollower(f *follower, kind flux.ServedKind) *follower {
	if f != nil && f.matches(kind) {
		return f
	}
	if f != nil && f.store.closeIfUnsynced() {
		f.stop()
		f = f.previous // which is still what is served
		if f != nil && f.matches(kind) {
			return f
		}
	}
	return e.start(kind, f)
}

// updateView makes what is known of the kinds what is served, once the gate is open.
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
	v := &view{limiter: e.limiter, stores: make([]*store, 0, len(e.order))}
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

// onRequest takes up whether a follower's kind can be read.
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

// onStoreChange takes up that a store is complete, that objects are left out or no longer, or that waits have become others.
func (e *Exporter) onStoreChange() {
	e.mu.Lock()
	e.updateView()
	e.mu.Unlock()
	e.notifyIfChanged()
}

// notifyIfChanged calls Changed if the health is other than when it was last called.
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
