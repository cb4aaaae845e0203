package exporter

import (
	"sync/atomic"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// timingFields are the fields that hold the timings of an object.
type timingFields struct {
	interval, timeout, actions, retries, healthChecks []field
}

// addTimings adds the paths of the kind's timings.
func (s *kindSchema) addTimings(paths flux.TimingFields) {
	if paths.Interval != nil {
		s.timingFields.interval = s.fieldsAt(paths.Interval)
	}
	if paths.Timeout != nil {
		s.timingFields.timeout = s.fieldsAt(paths.Timeout)
	}
	s.timingFields.actions = s.fieldsAt(paths.ActionTimeouts...)
	s.timingFields.retries = s.fieldsAt(paths.Retries...)
	s.timingFields.healthChecks = s.fieldsAt(paths.HealthChecks...)
	for _, path := range paths.HealthChecks {
		end := s.root.descend(path)
		end.isBool, end.readItem = true, (*decoder).readHealthCheck
	}
}

// readHealthCheck notes that the list of health checks is not empty.
func (d *decoder) readHealthCheck() error {
	d.waitsForHealth = true
	return d.json.SkipValue()
}

// timings are those of the decoded object. An object that nobody reconciles has none.
func (d *decoder) timings() flux.ReconcileTimings {
	fields := &d.schema.timingFields
	if fields.interval == nil || d.suspended() || d.staticType() {
		return flux.ReconcileTimings{}
	}
	return d.schema.kind.Timings.Of(flux.SpecTimings{
		Interval: d.longestDuration(fields.interval), Timeout: d.longestDuration(fields.timeout), ActionTimeout: d.longestDuration(fields.actions),
		Retry: d.longestDuration(fields.retries), WaitsForHealth: d.waitsForHealth || len(d.firstValue(fields.healthChecks)) > 0,
	})
}

// longestDuration is the longest duration in these fields. A value that is no duration counts as absent.
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

// sharedTimings are timings that several objects of a kind have in common.
type sharedTimings struct {
	flux.ReconcileTimings
	objects int
}

// timingSet counts the distinct timings of a kind's objects. The limiter's lock guards all but longest.
type timingSet struct {
	distinct map[flux.ReconcileTimings]*sharedTimings
	// stale: distinct has changed since longest was computed.
	stale bool
	// longest of all, rounded up; nil if there are none.
	longest atomic.Pointer[flux.ReconcileTimings]
}

// acquire counts an object with these timings; nil if they are zero.
func (s *timingSet) acquire(timings flux.ReconcileTimings) *sharedTimings {
	if timings == (flux.ReconcileTimings{}) {
		return nil
	}
	w := s.distinct[timings]
	if w == nil {
		if s.distinct == nil {
			s.distinct = map[flux.ReconcileTimings]*sharedTimings{}
		}
		w = &sharedTimings{ReconcileTimings: timings}
		s.distinct[timings], s.stale = w, true
	}
	w.objects++
	return w
}

// release discounts an object with these timings.
func (s *timingSet) release(w *sharedTimings) {
	if w == nil {
		return
	}
	if w.objects--; w.objects == 0 {
		delete(s.distinct, w.ReconcileTimings)
		s.stale = true
	}
}

// updateLongest recomputes longest if necessary, and reports whether it has changed.
func (s *timingSet) updateLongest() bool {
	if !s.stale {
		return false
	}
	s.stale = false
	var longest flux.ReconcileTimings
	for timings := range s.distinct {
		longest = longest.Longest(timings)
	}
	longest = longest.RoundUp()
	if longest == s.longestRounded() {
		return false
	}
	s.longest.Store(&longest)
	return true
}

// longestRounded returns the longest timings, rounded up. It needs no lock.
func (s *timingSet) longestRounded() flux.ReconcileTimings {
	if longest := s.longest.Load(); longest != nil {
		return *longest
	}
	return flux.ReconcileTimings{}
}
