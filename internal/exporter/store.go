package exporter

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// store holds what is served of the objects of one kind. A cache.Reflector fills it.
type store struct {
	form   *form
	budget *budget
	now    func() time.Time
	// entries are those of what is served.
	entries index
	// served and omitted are how many objects are served and left out, as of the last change.
	served, omitted atomic.Int64
	// synced is set once the store has all objects.
	synced atomic.Bool
	// waits are those of all objects, the ones that are left out too.
	waits waitSet
	// nested are the names of objects that nest too deeply for others, as of the last change.
	nested atomic.Pointer[[]string]
	// changed is called after all objects have been listed, when objects begin or cease to be left out, and when the longest
	// waits become others.
	changed func()

	// The rest is guarded by the budget's lock.
	used    int
	leftOut map[string]*leftOut
	deep    map[string]bool
	before  *store // served until this one is synced
	closed  bool
}

func newStore(f *form, b *budget, before *store, changed func()) *store {
	return &store{
		form: f, budget: b, now: time.Now, before: before, changed: changed, leftOut: map[string]*leftOut{},
		deep: map[string]bool{},
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
	s.budget.admit()
}

// abandon ends the store unless it has all objects already, and reports whether it did.
func (s *store) abandon() bool {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	if s.synced.Load() {
		return false
	}
	s.release()
	s.budget.admit()
	return true
}

func (s *store) release() {
	if s.closed {
		return
	}
	s.closed = true
	s.budget.used -= s.used
	for _, o := range s.leftOut {
		s.budget.pull(o)
	}
	clear(s.leftOut)
}

// change makes a change, has what there is room for then served, and tells of it when it matters to others.
func (s *store) change(make func()) {
	s.budget.mu.Lock()
	changed := false
	if !s.closed {
		make()
		changed = s.budget.admit()
		changed = s.count() || changed
		changed = s.name() || changed
	}
	changed = s.waits.settle() || changed
	s.budget.mu.Unlock()
	if changed {
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

// put serves an object, unless it is new and there is no room for it, or others wait for some. What is served already stays;
// when each object comes to have more series than before, all are new.
func (s *store) put(o *object) {
	if o.deep {
		s.deep[o.key] = true
	} else {
		delete(s.deep, o.key)
	}
	old, out := s.known(o.key), s.leftOut[o.key]
	stays := old != nil && old.form.compatibility == s.form.compatibility
	if old == nil && out != nil {
		old = out.entry
	}
	o.entry.run, o.entry.waits = s.run(o, old), s.waits.take(o.waits)
	switch {
	case stays, out == nil && len(s.budget.leftOut) == 0 && s.budget.fits(o.entry.series()):
		s.serve(o.key, o.entry)
	case out != nil:
		s.budget.pull(out)
		s.waits.drop(out.entry.waits)
		out.entry = o.entry
		s.budget.push(out)
	default:
		s.leftOut[o.key] = &leftOut{store: s, key: o.key, entry: o.entry}
		s.budget.leave(s.leftOut[o.key])
	}
}

// serve serves an object.
func (s *store) serve(key string, e *entry) {
	own := s.own(key)
	s.use(e.series() - own.series())
	if own != nil {
		s.waits.drop(own.waits)
	}
	s.entries.put(key, e)
}

// admit serves an object that was left out.
func (s *store) admit(o *leftOut) {
	s.budget.pull(o)
	delete(s.leftOut, o.key)
	s.serve(o.key, o.entry)
}

func (s *store) remove(key string) {
	delete(s.deep, key)
	if out := s.leftOut[key]; out != nil {
		s.budget.pull(out)
		s.waits.drop(out.entry.waits)
		delete(s.leftOut, key)
	}
	if old := s.own(key); old != nil {
		s.use(-old.series())
		s.waits.drop(old.waits)
		s.entries.remove(key)
	}
}

func (s *store) use(series int) {
	s.used += series
	s.budget.used += series
}

// count takes up how many objects are served and left out now, and reports whether some have come to be left out, or none are any
// longer.
func (s *store) count() bool {
	s.served.Store(int64(len(s.entries.places)))
	omitted := int64(len(s.leftOut))
	return (s.omitted.Swap(omitted) > 0) != (omitted > 0)
}

// name takes up which objects nest too deeply, and reports whether they are others than before.
func (s *store) name() bool {
	before := s.nested.Load()
	if before == nil && len(s.deep) == 0 || before != nil && len(*before) == len(s.deep) && !slices.ContainsFunc(*before, s.isNot) {
		return false
	}
	s.nested.Store(new(slices.Sorted(maps.Keys(s.deep))))
	return true
}

// isNot reports whether an object does not nest too deeply.
func (s *store) isNot(key string) bool { return !s.deep[key] }

// tooDeep are the keys of the objects that nest too deeply for others, sorted.
func (s *store) tooDeep() []string {
	if nested := s.nested.Load(); nested != nil {
		return *nested
	}
	return nil
}

// since is when an object's present run of not being ready began: what is known of it from before, else what the object
// tells. 0 is that it is ready, or suspended.
func (s *store) since(o *object, old *entry) int64 {
	switch {
	case !o.notReady:
		return 0
	case old == nil && o.began != 0:
		return o.began
	case old != nil && old.run != nil:
		return old.run.since
	case old != nil && o.turned != 0:
		return o.turned
	}
	return s.now().Unix()
}
