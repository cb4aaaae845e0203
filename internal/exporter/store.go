package exporter

import (
	"sync/atomic"
	"time"
)

// store holds the entries of one kind. A cache.Reflector fills it.
type store struct {
	schema  *kindSchema
	limiter *seriesLimiter
	now     func() time.Time
	// entries of the objects that are exported.
	entries index
	// served and omitted count objects, as of the last change.
	served, omitted atomic.Int64
	// synced is set once all objects have been listed.
	synced atomic.Bool
	// timings of all objects, including omitted ones.
	timings timingSet
	// tooDeepNames are the keys of objects that nest too deeply for other clients, as of the last change.
	tooDeepNames atomic.Pointer[[]string]
	// changed is called when all objects have been listed, when objects begin or cease to be omitted, and when the
	// longest timings change.
	changed func()

	// wake signals that rereadKeys has become non-empty.
	wake chan struct{}

	// The limiter's lock guards the rest.
	tracked map[string]*tracked
	// indexed counts the tracked objects that are in the index.
	indexed int
	// touched are objects that the current change has upserted and that can end up omitted.
	touched []*tracked
	// rereadKeys are the keys of admitted objects whose text must be read again.
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

// Add upserts an object.
func (s *store) Add(item any) error { return s.Update(item) }

// Update upserts an object.
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

// Resync does nothing.
func (s *store) Resync() error { return nil }

// close makes the store ignore further events. Its entries can still be read.
func (s *store) close() {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	s.release()
	s.rebalance()
}

// closeIfUnsynced closes the store unless it is synced, and reports whether it did.
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

// release returns the store's series to the limiter.
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

// update makes a change, rebalances the limit, and calls changed if something observable has changed.
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

// rebalance shares the limit after a change, and reports whether a kind begins or ceases to omit objects.
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

// exports reports whether the object of a key is exported.
func (s *store) exports(key string) bool {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	t := s.tracked[key]
	return t != nil && t.slot != noSlot
}

// lastKnown returns the entry of an object, from here or from the previous store.
func (s *store) lastKnown(key string) *entry {
	if t := s.tracked[key]; t != nil {
		return t.lastKnown()
	}
	if s.previous != nil {
		return s.previous.lastKnown(key)
	}
	return nil
}

// upsert adds or replaces an object.
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

// replace replaces the entry of a tracked object.
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

// admit exports an object: at once if its text is known, else after it has been read again.
func (s *store) admit(t *tracked) {
	if t.entry.text == "" {
		s.queueReread(t)
		return
	}
	t.slot = int32(s.entries.add(t.entry))
	t.entry = nil
	s.indexed++
}

// omit no longer exports an object, and keeps its entry without the text.
func (s *store) omit(t *tracked) {
	t.entry = t.lastKnown().withoutText()
	s.removeFromIndex(t)
}

// removeFromIndex removes an object from the index.
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

// updateCounts updates served and omitted, and reports whether the kind begins or ceases to omit objects.
func (s *store) updateCounts() bool {
	s.served.Store(int64(s.indexed))
	omitted := int64(len(s.tracked) - s.indexed)
	return (s.omitted.Swap(omitted) > 0) != (omitted > 0)
}
