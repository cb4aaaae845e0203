package exporter

import (
	"sync"
	"sync/atomic"
	"time"
)

// budget is how many series of objects may be served, of all kinds together. Its lock is that of every change of a store;
// readers need none.
type budget struct {
	mu   sync.Mutex
	max  int // 0 is no limit
	used int
}

// fits reports whether that many series more are within the limit.
func (b *budget) fits(series int) bool {
	return b.max == 0 || b.used+series <= b.max
}

// store holds what is served of the objects of one kind. A cache.Reflector fills it.
type store struct {
	form   *form
	budget *budget
	now    func() time.Time
	// entries are those of what is served.
	entries index
	served  atomic.Int64
	omitted atomic.Int64
	// synced is set once the store has all objects.
	synced atomic.Bool
	// waits are those of all objects, the ones that are left out too.
	waits waitSet
	// changed is called after all objects have been listed, when objects begin or cease to be left out, and when the longest
	// waits become others.
	changed func()

	// The rest is guarded by the budget's lock.
	used    int
	leftOut map[string]*waits
	before  *store // served until this one is synced
	closed  bool
}

func newStore(f *form, b *budget, before *store, changed func()) *store {
	return &store{
		form: f, budget: b, now: time.Now, before: before, changed: changed, leftOut: map[string]*waits{},
	}
}

// Add puts an object that is new or has changed.
func (s *store) Add(item any) error { return s.Update(item) }

// Update puts an object that is new or has changed.
func (s *store) Update(item any) error {
	if o, ok := item.(*object); ok {
		s.change(func() { s.put(o) })
	}
	return nil
}

// Delete removes an object.
func (s *store) Delete(item any) error {
	if o, ok := item.(*object); ok {
		s.change(func() { s.remove(o.key) })
	}
	return nil
}

// Resync has nothing to do.
func (s *store) Resync() error { return nil }

// close ends the store: what happens from now on is not its concern. What it holds can still be read.
func (s *store) close() {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	s.release()
}

// abandon ends the store unless it has all objects already, and reports whether it did.
func (s *store) abandon() bool {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	if s.synced.Load() {
		return false
	}
	s.release()
	return true
}

func (s *store) release() {
	if !s.closed {
		s.closed = true
		s.budget.used -= s.used
	}
}

// change makes a change and tells of it when it matters to others.
func (s *store) change(make func()) {
	before := s.omitted.Load()
	s.budget.mu.Lock()
	if !s.closed {
		make()
	}
	waits := s.waits.settle()
	s.budget.mu.Unlock()
	if waits || (before > 0) != (s.omitted.Load() > 0) {
		s.changed()
	}
}

// known returns what is served of an object, here or in the store before.
func (s *store) known(key string) *entry {
	if e := s.own(key); e != nil {
		return e
	}
	if s.before != nil {
		return s.before.known(key)
	}
	return nil
}

// own returns what is served of an object here.
func (s *store) own(key string) *entry {
	return s.entries.get(key)
}

// put serves an object, unless it is new and there is no room for it. What is served already stays; when each object
// comes to have more series than before, all are new.
func (s *store) put(o *object) {
	old := s.known(o.key)
	o.entry.since = s.since(o, old)
	series := o.entry.series()
	w := s.waits.take(o.waits)
	stays := old != nil && old.form.compatibility == s.form.compatibility
	if !stays && !s.budget.fits(series) {
		s.leaveOut(o.key, w)
		return
	}
	own := s.own(o.key)
	s.use(series - own.series())
	if own == nil {
		s.served.Add(1)
	} else {
		s.waits.drop(own.waits)
	}
	s.admit(o.key)
	o.entry.waits = w
	s.entries.put(o.key, o.entry)
}

func (s *store) remove(key string) {
	s.admit(key)
	if old := s.own(key); old != nil {
		s.use(-old.series())
		s.waits.drop(old.waits)
		s.served.Add(-1)
		s.entries.remove(key)
	}
}

func (s *store) use(series int) {
	s.used += series
	s.budget.used += series
}

func (s *store) leaveOut(key string, w *waits) {
	s.waits.drop(s.leftOut[key])
	s.leftOut[key] = w
	s.omitted.Store(int64(len(s.leftOut)))
}

func (s *store) admit(key string) {
	s.waits.drop(s.leftOut[key])
	delete(s.leftOut, key)
	s.omitted.Store(int64(len(s.leftOut)))
}

// since is when an object's present run of not being ready began: what is known of it from before, else what the object
// tells. 0 is that it is ready, or suspended.
func (s *store) since(o *object, old *entry) int64 {
	switch {
	case !o.notReady:
		return 0
	case old == nil && o.began != 0:
		return o.began
	case old != nil && old.since != 0:
		return old.since
	case old != nil && o.turned != 0:
		return o.turned
	}
	return s.now().Unix()
}
