package exporter

import (
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

	// wake has something once objects are awaited.
	wake chan struct{}

	// The rest is guarded by the budget's lock.
	seats map[string]*seat
	// placed is how many of the objects are in the index.
	placed int
	// fresh are those that the present change has brought or changed, and that may be left out.
	fresh []*seat
	// awaited are the keys of objects that are to be served, and of which the text has to be read again first.
	awaited []string
	deep    map[string]bool
	before  *store // served until this one is synced
	closed  bool
}

func newStore(f *form, b *budget, before *store, changed func()) *store {
	return &store{
		form: f, budget: b, now: time.Now, before: before, changed: changed, seats: map[string]*seat{}, deep: map[string]bool{},
		wake: make(chan struct{}, 1),
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
	s.settle()
}

// abandon ends the store unless it has all objects already, and reports whether it did.
func (s *store) abandon() bool {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	if s.synced.Load() {
		return false
	}
	s.release()
	s.settle()
	return true
}

// release gives back what the store has of the budget.
func (s *store) release() {
	if s.closed {
		return
	}
	s.closed = true
	for _, of := range s.seats {
		s.budget.leave(of)
	}
	delete(s.budget.touched, s)
}

// change makes a change, has what there is room for then served, and tells of it when it matters to others.
func (s *store) change(make func()) {
	s.budget.mu.Lock()
	changed := false
	if !s.closed {
		make()
		changed = s.settle()
		changed = s.count() || changed
		changed = s.name() || changed
	}
	changed = s.waits.settle() || changed
	s.budget.mu.Unlock()
	if changed {
		s.changed()
	}
}

// settle shares the budget anew after a change, and reports whether some of a kind have come to be left out, or none are any longer.
func (s *store) settle() bool {
	s.budget.settle()
	for _, of := range s.fresh {
		if !of.seated {
			of.entry = of.entry.withoutText()
		}
	}
	clear(s.fresh)
	s.fresh = s.fresh[:0]
	return s.budget.changed()
}

// known returns what is known of an object, here or in the store before.
func (s *store) known(key string) *entry {
	if of := s.seats[key]; of != nil {
		return of.known()
	}
	if s.before != nil {
		return s.before.known(key)
	}
	return nil
}

// put takes an object in, as it is now.
func (s *store) put(o *object) {
	if o.deep {
		s.deep[o.key] = true
	} else {
		delete(s.deep, o.key)
	}
	old := s.known(o.key)
	o.entry.run, o.entry.waits = s.run(o, old), s.waits.take(o.waits)
	if of := s.seats[o.key]; of != nil {
		s.waits.drop(old.waits)
		s.replace(of, o.entry)
		return
	}
	of := &seat{store: s, key: o.key, entry: o.entry, extra: o.entry.extra()}
	s.seats[o.key] = of
	s.budget.enter(of)
	if !of.seated {
		s.fresh = append(s.fresh, of)
	}
}

// replace replaces what is known of an object.
func (s *store) replace(of *seat, e *entry) {
	e.share = of.share
	if extra := e.extra(); extra != of.extra {
		s.budget.resize(of, extra)
	}
	switch {
	case of.place != noPlace:
		s.entries.set(int(of.place), e)
	case of.seated:
		of.entry = e
		s.seat(of)
	default:
		of.entry = e
		s.fresh = append(s.fresh, of)
	}
}

// seat serves an object that has a seat: at once if its text is at hand, else when it has been read again.
func (s *store) seat(of *seat) {
	if of.entry.text == "" {
		s.await(of)
		return
	}
	of.place = int32(s.entries.add(of.entry))
	of.entry = nil
	s.placed++
}

// unseat no longer serves an object, and keeps the little of it that must not be forgotten.
func (s *store) unseat(of *seat) {
	of.entry = of.known().withoutText()
	s.unplace(of)
}

// unplace takes an object out of the index.
func (s *store) unplace(of *seat) {
	if of.place != noPlace {
		s.entries.remove(int(of.place))
		of.place = noPlace
		s.placed--
	}
}

func (s *store) remove(key string) {
	delete(s.deep, key)
	if of := s.seats[key]; of != nil {
		s.waits.drop(of.known().waits)
		s.budget.leave(of)
		s.unplace(of)
		delete(s.seats, key)
	}
}

// count takes up how many objects are served and left out now, and reports whether some have come to be left out, or none are any
// longer.
func (s *store) count() bool {
	s.served.Store(int64(s.placed))
	omitted := int64(len(s.seats) - s.placed)
	return (s.omitted.Swap(omitted) > 0) != (omitted > 0)
}
