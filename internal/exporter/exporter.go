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
	budget  *budget
	// share is the label of the counts that tells an exporter of some objects from those of others; empty where it has all.
	share string
	// view is what is served: nil while nothing is.
	view atomic.Pointer[view]

	mu sync.Mutex
	// life ends everything. It is nil while there is none.
	life      context.Context
	order     []identity
	followers map[identity]*follower
	// gate are the kinds without which nothing is served yet.
	gate map[identity]bool
	// silent is that nothing is to be served, whatever is followed.
	silent bool
	told   Health
}

// identity tells kinds apart, whatever their version.
type identity struct{ group, name string }

func identityOf(kind flux.ServedKind) identity { return identity{kind.Group, kind.Name} }

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
		client: client, options: o, budget: newBudget(o.MaxSeries), share: o.share(), followers: map[identity]*follower{},
	}, nil
}

// Follow starts and stops followers so that exactly what is wanted is followed, and returns at once. All ends with the
// context of the first call, after which a call begins anew; contexts of later calls matter in no other way than that
// nothing is done when they have ended. A kind in another version goes on being served in the former until the other has
// been listed. Wanting the same again does nothing.
func (e *Exporter) Follow(ctx context.Context, w Wanted) {
	if ctx.Err() != nil {
		return
	}
	e.mu.Lock()
	if e.life == nil || e.life.Err() != nil {
		e.begin(ctx)
	}
	e.follow(w)
	e.publish()
	e.mu.Unlock()
	e.tell()
}

// Health returns what there is to say now.
func (e *Exporter) Health() Health {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.health()
}

// begin starts a life that lasts as long as the context.
func (e *Exporter) begin(ctx context.Context) {
	e.clear()
	e.life = ctx
	context.AfterFunc(ctx, func() {
		e.mu.Lock()
		if e.life == ctx {
			e.clear()
		}
		e.mu.Unlock()
		e.tell()
	})
}

// clear ends everything.
func (e *Exporter) clear() {
	for _, f := range e.followers {
		f.end()
	}
	clear(e.followers)
	e.life, e.order, e.gate = nil, nil, nil
	e.view.Store(nil)
}

// follow makes the followers those of what is wanted.
func (e *Exporter) follow(w Wanted) {
	e.silent = w.Silent
	e.budget.prefer(w.First, w.Compatible)
	fromNothing := len(e.followers) == 0
	wanted := make(map[identity]bool, len(w.Kinds))
	e.order = e.order[:0]
	for _, kind := range w.Kinds {
		if id := identityOf(kind); !wanted[id] {
			wanted[id] = true
			e.order = append(e.order, id)
			e.followers[id] = e.succeed(e.followers[id], kind)
		}
	}
	for id, f := range e.followers {
		if !wanted[id] {
			f.end()
			delete(e.followers, id)
			delete(e.gate, id)
		}
	}
	if fromNothing {
		e.gate = wanted
	}
}

// succeed returns the follower that a kind is to have after the one it has, which may be the same, or nil.
func (e *Exporter) succeed(f *follower, kind flux.ServedKind) *follower {
	if f != nil && f.follows(kind) {
		return f
	}
	if f != nil && f.store.abandon() {
		f.stop()
		f = f.before // which is still what is served
		if f != nil && f.follows(kind) {
			return f
		}
	}
	return e.start(kind, f)
}

// publish makes what is known of the kinds what is served, once the gate is open.
func (e *Exporter) publish() {
	for id := range e.gate {
		if f := e.followers[id]; f.fault != "" || f.store.synced.Load() {
			delete(e.gate, id)
		}
	}
	if e.life == nil || len(e.gate) > 0 || e.silent {
		e.view.Store(nil)
		return
	}
	v := &view{budget: e.budget, stores: make([]*store, 0, len(e.order))}
	for _, id := range e.order {
		f := e.followers[id]
		if s := f.serves(); s != nil {
			v.stores = append(v.stores, s)
		}
		if f.fault != "" {
			v.unreadable = append(v.unreadable, f.form)
		}
	}
	e.view.Store(v)
}

// reached takes up whether a follower's kind can be read.
func (e *Exporter) reached(f *follower, err error) {
	e.mu.Lock()
	current := e.followers[identityOf(f.form.kind)] == f
	if current {
		f.take(err)
		e.publish()
	}
	e.mu.Unlock()
	if current {
		e.tell()
	}
	if current && isGone(err) {
		e.options.Changed()
	}
}

// changed takes up that a store is complete, that objects are left out or no longer, or that waits have become others.
func (e *Exporter) changed() {
	e.mu.Lock()
	e.publish()
	e.mu.Unlock()
	e.tell()
}

// tell calls Changed if the health is other than when it was last called.
func (e *Exporter) tell() {
	e.mu.Lock()
	health := e.health()
	changed := !reflect.DeepEqual(health, e.told)
	e.told = health
	e.mu.Unlock()
	if changed {
		e.options.Changed()
	}
}
