package exporter

import (
	"sync/atomic"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// timingFields are where the waits of an object are while it is read.
type timingFields struct {
	interval, timeout, actions, retries, healthChecks []field
}

// addTimings adds what the kind's waits are read from.
func (s *kindSchema) addTimings(paths flux.WaitFields) {
	if paths.Interval != nil {
		s.timingFields.interval = s.fieldsAt(paths.Interval)
	}
	if paths.Timeout != nil {
		s.timingFields.timeout = s.fieldsAt(paths.Timeout)
	}
	s.timingFields.actions = s.fieldsAt(paths.ActionTimeouts...)
	s.timingFields.retries = s.fieldsAt(paths.Retries...)
	s.timingFields.healthChecks = s.fieldsAt(paths.Waiting...)
	for _, path := range paths.Waiting {
		end := s.root.descend(path)
		end.isBool, end.readItem = true, (*decoder).readHealthCheck
	}
}

// readHealthCheck reads an item of a list that makes its object wait, whatever it is.
func (d *decoder) readHealthCheck() error {
	d.waitsForHealth = true
	return d.json.SkipValue()
}

// timings are those of the object just read. Nobody waits for one that is not reconciled.
func (d *decoder) timings() flux.Waits {
	fields := &d.schema.timingFields
	if fields.interval == nil || d.suspended() || d.staticType() {
		return flux.Waits{}
	}
	return d.schema.kind.Waits.Of(flux.Written{
		Interval: d.longestDuration(fields.interval), Timeout: d.longestDuration(fields.timeout), ActionTimeout: d.longestDuration(fields.actions),
		Retry: d.longestDuration(fields.retries), Waiting: d.waitsForHealth || len(d.firstValue(fields.healthChecks)) > 0,
	})
}

// longestDuration is the longest duration in these slots. What is none counts as absent.
func (d *decoder) longestDuration(fields []field) time.Duration {
	longest := time.Duration(0)
	for _, s := range fields {
		if !d.has(s) {
			continue
		}
		if parsed, err := time.ParseDuration(string(d.get(s))); err == nil {
			longest = max(longest, parsed)
		}
	}
	return longest
}

// sharedTimings are those that several objects of a kind have alike.
type sharedTimings struct {
	flux.Waits
	objects int
}

// timingSet holds the distinct waits of a kind's objects. All but longest is guarded by the budget's lock.
type timingSet struct {
	distinct map[flux.Waits]*sharedTimings
	// stale is that some have come or gone since longest was determined: without that it is as it was.
	stale bool
	// longest of all, coarse; nil is that there are none.
	longest atomic.Pointer[flux.Waits]
}

// acquire counts an object that has these waits; nil is that it has none.
func (s *timingSet) acquire(timings flux.Waits) *sharedTimings {
	if timings == (flux.Waits{}) {
		return nil
	}
	w := s.distinct[timings]
	if w == nil {
		if s.distinct == nil {
			s.distinct = map[flux.Waits]*sharedTimings{}
		}
		w = &sharedTimings{Waits: timings}
		s.distinct[timings], s.stale = w, true
	}
	w.objects++
	return w
}

// release no longer counts an object that has these waits.
func (s *timingSet) release(w *sharedTimings) {
	if w == nil {
		return
	}
	if w.objects--; w.objects == 0 {
		delete(s.distinct, w.Waits)
		s.stale = true
	}
}

// updateLongest determines the longest anew where it may have changed, and reports whether it has.
func (s *timingSet) updateLongest() bool {
	if !s.stale {
		return false
	}
	s.stale = false
	var longest flux.Waits
	for timings := range s.distinct {
		longest = longest.Longest(timings)
	}
	longest = longest.Coarse()
	if longest == s.longestRounded() {
		return false
	}
	s.longest.Store(&longest)
	return true
}

// longestRounded is the longest of each, coarse. It may be asked for without a lock.
func (s *timingSet) longestRounded() flux.Waits {
	if longest := s.longest.Load(); longest != nil {
		return *longest
	}
	return flux.Waits{}
}
