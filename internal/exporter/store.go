package exporter

import (
	"sync/atomic"
	"time"
)

// store holds what is served of the objects of one kind. A cache.Reflector fills it.
type store struct {
	schema  *kindSchema
	limiter *seriesLimiter
	now     func() time.Time
	// entries are those of what is served.
	entries index
	// served and omitted are how many objects are served and left out, as of the last change.
	served, omitted atomic.Int64
	// synced is set once the store has all objects.
	synced atomic.Bool
	// timings are those of all objects, the ones that are left out too.
	timings timingSet
	// tooDeepNames are the names of objects that nest too deeply for others, as of the last change.
	tooDeepNames atomic.Pointer[[]string]
	// changed is called after all objects have been listed, when objects begin or cease to be left out, and when the longest
	// waits become others.
	changed func()

	// wake has something once objects are awaited.
	wake chan struct{}

	// The rest is guarded by the budget's lock.
	tracked map[string]*tracked
	// indexed is how many of the objects are in the index.
	indexed int
	// touched are those that the present change has brought or changed, and that may be left out.
	touched []*tracked
	// rereadKeys are the keys of objects that are to be served, and of which the text has to be read again first.
	rereadKeys  []string
	tooDeepKeys map[string]bool
	previous    *store // served until this one is synced
	closed      bool
}

func newStore(schema *kindSchema, limiter *seriesLimiter, previous *store, changed func()) *store {
	return &store{
		schema: schema, limiter: limiter, now: time.Now, previous: previous, changed: changed,
		tracked: map[string]*tracked{}, tooDeepKeys: map[string]bool{}, wake: make(chan struct{}, 1),
	}
}

// Add puts an object that is new or has changed.
func (s *store) Add(item any) error { return s.Update(item) }

// Update puts an object that is new or has changed.
func (s *store) Update(item any) error {
	if o, ok := item.(*object); ok {
		s.update(func() { s.upsert(o) })
	}
	return nil
}

// Delete removes an object.
func (s *store) Delete(item any) error {
	if o, ok := item.(*object); ok {
		s.update(func() { s.remove(o.key) })
	}
	return nil
}

// Resync has nothing to do.
func (s *store) Resync() error { return nil }

// close ends the store: what happens from now on is not its concern. What it holds can still be read.
func (s *store) close() {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	s.release()
	s.rebalance()
}

// closeIfUnsynced ends the store unless it has all objects already, and reports whether it did.
func (s *store) closeIfUnsynced() bool {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	if s.synced.Load() {
		return false
	}
	s.release()
	s.rebalance()
	return true
}

// release gives back what the store has of the budget.
func (s *store) release() {
	if s.closed {
		return
	}
	s.closed = true
	for _, t := range s.tracked {
		s.limiter.remove(t)
	}
	delete(s.limiter.changedStores, s)
}

// update makes a change, has what there is room for then served, and tells of it when it matters to others.
func (s *store) update(mutate func()) {
	s.limiter.mu.Lock()
	changed := false
	if !s.closed {
		mutate()
		changed = s.rebalance()
		changed = s.updateCounts() || changed
		changed = s.updateTooDeep() || changed
	}
	changed = s.timings.updateLongest() || changed
	s.limiter.mu.Unlock()
	if changed {
		s.changed()
	}
}

// rebalance shares the budget anew after a change, and reports whether some of a kind have come to be left out, or none are any longer.
func (s *store) rebalance() bool {
	s.limiter.rebalance()
	for _, t := range s.touched {
		if !t.admitted {
			t.entry = t.entry.withoutText()
		}
	}
	clear(s.touched)
	s.touched = s.touched[:0]
	return s.limiter.updateCounts()
}

// lastKnown returns what is known of an object, here or in the store before.
func (s *store) lastKnown(key string) *entry {
	if t := s.tracked[key]; t != nil {
		return t.lastKnown()
	}
	if s.previous != nil {
		return s.previous.lastKnown(key)
	}
	return nil
}

// upsert takes an object in, as it is now.
func (s *store) upsert(o *object) {
	if o.tooDeep {
		s.tooDeepKeys[o.key] = true
	} else {
		delete(s.tooDeepKeys, o.key)
	}
	old := s.lastKnown(o.key)
	o.entry.notReady, o.entry.timings = s.notReadyPeriod(o, old), s.timings.acquire(o.timings)
	if t := s.tracked[o.key]; t != nil {
		s.timings.release(old.timings)
		s.replace(t, o.entry)
		return
	}
	t := &tracked{store: s, key: o.key, entry: o.entry, extraSeries: o.entry.extraSeries()}
	s.tracked[o.key] = t
	s.limiter.add(t)
	if !t.admitted {
		s.touched = append(s.touched, t)
	}
}

// replace replaces what is known of an object.
func (s *store) replace(t *tracked, e *entry) {
	e.usage = t.usage
	if extra := e.extraSeries(); extra != t.extraSeries {
		s.limiter.resize(t, extra)
	}
	switch {
	case t.slot != noSlot:
		s.entries.set(int(t.slot), e)
	case t.admitted:
		t.entry = e
		s.admit(t)
	default:
		t.entry = e
		s.touched = append(s.touched, t)
	}
}

// admit serves an object that has a seat: at once if its text is at hand, else when it has been read again.
func (s *store) admit(t *tracked) {
	if t.entry.text == "" {
		s.queueReread(t)
		return
	}
	t.slot = int32(s.entries.add(t.entry))
	t.entry = nil
	s.indexed++
}

// omit no longer serves an object, and keeps the little of it that must not be forgotten.
func (s *store) omit(t *tracked) {
	t.entry = t.lastKnown().withoutText()
	s.removeFromIndex(t)
}

// removeFromIndex takes an object out of the index.
func (s *store) removeFromIndex(t *tracked) {
	if t.slot != noSlot {
		s.entries.remove(int(t.slot))
		t.slot = noSlot
		s.indexed--
	}
}

func (s *store) remove(key string) {
	delete(s.tooDeepKeys, key)
	if t := s.tracked[key]; t != nil {
		s.timings.release(t.lastKnown().timings)
		s.limiter.remove(t)
		s.removeFromIndex(t)
		delete(s.tracked, key)
	}
}

// updateCounts takes up how many objects are served and left out now, and reports whether some have come to be left out, or none are any
// longer.
func (s *store) updateCounts() bool {
	s.served.Store(int64(s.indexed))
	omitted := int64(len(s.tracked) - s.indexed)
	return (s.omitted.Swap(omitted) > 0) != (omitted > 0)
}
