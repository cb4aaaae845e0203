package flux

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// ReconcileTimings is how long reconciliations of a kind's objects can normally take: the longest in use among
// unsuspended objects. Zero means that none is known.
type ReconcileTimings struct {
	// Interval between two reconciliations.
	Interval time.Duration
	// Timeout of a reconciliation.
	Timeout time.Duration
	// Retry is the time from a failure to the next attempt.
	Retry time.Duration
	// Unknown: the kind could not be read. The other fields are then the last known ones, or 0.
	Unknown bool
}

// Longest returns the longer of each. If one is unknown, so is the result.
func (w ReconcileTimings) Longest(other ReconcileTimings) ReconcileTimings {
	return ReconcileTimings{
		Interval: max(w.Interval, other.Interval), Timeout: max(w.Timeout, other.Timeout), Retry: max(w.Retry, other.Retry),
		Unknown: w.Unknown || other.Unknown,
	}
}

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// steps are what RoundUp rounds up to, in order. Beyond the last it is whole weeks.
var steps = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute,
	45 * time.Minute, time.Hour, 90 * time.Minute, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour, 8 * time.Hour,
	12 * time.Hour, 18 * time.Hour, day, 36 * time.Hour, 2 * day, 3 * day, 4 * day, 5 * day, week,
}

// RoundUp rounds each up to one of few steps, from 1m by 2m, 5m and so on to whole weeks, so that what is derived
// from it rarely changes. Zero and Unknown stay.
func (w ReconcileTimings) RoundUp() ReconcileTimings {
	return ReconcileTimings{Interval: roundUp(w.Interval), Timeout: roundUp(w.Timeout), Retry: roundUp(w.Retry), Unknown: w.Unknown}
}

func roundUp(d time.Duration) time.Duration {
	switch {
	case d <= 0:
		return 0
	case d > math.MaxInt64-week: // there is no whole week above
		return math.MaxInt64
	case d > week:
		return (d + week - 1) / week * week
	}
	at, _ := slices.BinarySearch(steps, d)
	return steps[at]
}

// TimingFields are the paths of a kind's timings in its objects, to durations in Go's notation. A kind that nobody
// reconciles has none.
type TimingFields struct {
	// Interval leads to ReconcileTimings.Interval.
	Interval []string
	// Timeout leads to the timeout of the whole reconciliation.
	Timeout []string
	// DefaultTimeout is used if an object has no Timeout; 0 if the kind has no default.
	DefaultTimeout time.Duration
	// ActionTimeouts lead to timeouts of single actions.
	ActionTimeouts [][]string
	// Retries lead to the intervals of retries.
	Retries [][]string
	// HealthChecks lead to true, or to a non-empty list, if the object waits for what it applies to be ready.
	HealthChecks [][]string
	// DefaultToInterval: an object without a retry interval uses its interval, and so does one without a timeout that
	// waits for health checks.
	DefaultToInterval bool
}

// The fields of kinds in Flux's API modules. The interval of flux-operator's kinds is in an annotation, which is not
// read.
var (
	timingsKustomization = TimingFields{
		Interval: splitPath("spec.interval"), Timeout: splitPath("spec.timeout"), Retries: [][]string{splitPath("spec.retryInterval")},
		HealthChecks: [][]string{splitPath("spec.wait"), splitPath("spec.healthChecks")}, DefaultToInterval: true,
	}
	timingsHelmRelease = TimingFields{
		Interval: splitPath("spec.interval"), Timeout: splitPath("spec.timeout"), DefaultTimeout: 5 * time.Minute,
		ActionTimeouts: [][]string{splitPath("spec.install.timeout"), splitPath("spec.upgrade.timeout"), splitPath("spec.rollback.timeout")},
		Retries:        [][]string{splitPath("spec.install.strategy.retryInterval"), splitPath("spec.upgrade.strategy.retryInterval")},
	}
	// timingsFetched is for kinds that fetch something, with a timeout.
	timingsFetched = TimingFields{Interval: splitPath("spec.interval"), Timeout: splitPath("spec.timeout")}
	// timingsScheduled is for kinds that have only an interval.
	timingsScheduled = TimingFields{Interval: splitPath("spec.interval")}
)

// SpecTimings are the values at an object's TimingFields, of several the longest. A value that is absent or not
// positive is 0.
type SpecTimings struct {
	Interval, Timeout, ActionTimeout, Retry time.Duration
	// WaitsForHealth: it waits for what it applies to be ready.
	WaitsForHealth bool
}

// maxImpliedTiming bounds the timeout or retry interval that is derived from the interval: after half an hour a
// failure deserves an alert before the next attempt.
const maxImpliedTiming = 30 * time.Minute

// Of returns the timings of an object as its controller computes them (GetTimeout and GetRetryInterval of Flux's API
// types), without the half minute by which a Kustomization's timeout is shorter than its interval.
func (f TimingFields) Of(w SpecTimings) ReconcileTimings {
	of := ReconcileTimings{Interval: w.Interval, Timeout: max(cmp.Or(w.Timeout, f.DefaultTimeout), w.ActionTimeout), Retry: w.Retry}
	if !f.DefaultToInterval {
		return of
	}
	atInterval := min(w.Interval, maxImpliedTiming)
	if of.Timeout == 0 && w.WaitsForHealth {
		of.Timeout = atInterval
	}
	if of.Retry == 0 {
		of.Retry = atInterval
	}
	return of
}
