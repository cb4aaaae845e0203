package exporter

import (
	"sync/atomic"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// waitSlots are where the waits of an object are while it is read.
type waitSlots struct {
	interval, timeout, actions, retries, waiting []slot
}

// waits adds what the kind's waits are read from.
func (f *form) waits(of flux.WaitFields) {
	if of.Interval != nil {
		f.waitSlots.interval = f.slotsAt(of.Interval)
	}
	if of.Timeout != nil {
		f.waitSlots.timeout = f.slotsAt(of.Timeout)
	}
	f.waitSlots.actions = f.slotsAt(of.ActionTimeouts...)
	f.waitSlots.retries = f.slotsAt(of.Retries...)
	f.waitSlots.waiting = f.slotsAt(of.Waiting...)
	for _, path := range of.Waiting {
		end := f.root.lead(path)
		end.truth, end.each = true, (*decoder).readWaiting
	}
}

// readWaiting reads an item of a list that makes its object wait, whatever it is.
func (d *decoder) readWaiting() error {
	d.waiting = true
	return d.json.SkipValue()
}

// waits are those of the object just read. Nobody waits for one that is not reconciled.
func (d *decoder) waits() flux.Waits {
	from := &d.form.waitSlots
	if from.interval == nil || d.suspended() || d.staticType() {
		return flux.Waits{}
	}
	return d.form.kind.Waits.Of(flux.Written{
		Interval: d.longest(from.interval), Timeout: d.longest(from.timeout), ActionTimeout: d.longest(from.actions),
		Retry: d.longest(from.retries), Waiting: d.waiting || len(d.first(from.waiting)) > 0,
	})
}

// longest is the longest duration in these slots. What is none counts as absent.
func (d *decoder) longest(slots []slot) time.Duration {
	longest := time.Duration(0)
	for _, s := range slots {
		if !d.has(s) {
			continue
		}
		if found, err := time.ParseDuration(string(d.get(s))); err == nil {
			longest = max(longest, found)
		}
	}
	return longest
}

// waits are those that several objects of a kind have alike.
type waits struct {
	flux.Waits
	objects int
}

// waitSet holds the distinct waits of a kind's objects. All but longest is guarded by the budget's lock.
type waitSet struct {
	distinct map[flux.Waits]*waits
	// stale is that some have come or gone since longest was determined: without that it is as it was.
	stale bool
	// longest of all, coarse; nil is that there are none.
	longest atomic.Pointer[flux.Waits]
}

// take counts an object that has these waits; nil is that it has none.
func (s *waitSet) take(of flux.Waits) *waits {
	if of == (flux.Waits{}) {
		return nil
	}
	w := s.distinct[of]
	if w == nil {
		if s.distinct == nil {
			s.distinct = map[flux.Waits]*waits{}
		}
		w = &waits{Waits: of}
		s.distinct[of], s.stale = w, true
	}
	w.objects++
	return w
}

// drop no longer counts an object that has these waits.
func (s *waitSet) drop(w *waits) {
	if w == nil {
		return
	}
	if w.objects--; w.objects == 0 {
		delete(s.distinct, w.Waits)
		s.stale = true
	}
}

// settle determines the longest anew where it may have changed, and reports whether it has.
func (s *waitSet) settle() bool {
	if !s.stale {
		return false
	}
	s.stale = false
	var longest flux.Waits
	for of := range s.distinct {
		longest = longest.Longest(of)
	}
	longest = longest.Coarse()
	if longest == s.coarse() {
		return false
	}
	s.longest.Store(&longest)
	return true
}

// coarse is the longest of each, coarse. It may be asked for without a lock.
func (s *waitSet) coarse() flux.Waits {
	if longest := s.longest.Load(); longest != nil {
		return *longest
	}
	return flux.Waits{}
}
