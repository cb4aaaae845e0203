package flux

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// ReconcileTimings is how long the objects of a kind may take while all is well: the longest in use among those that are not
// suspended. Zero means that none is known.
type ReconcileTimings struct {
	// Interval between two reconciliations.
	Interval time.Duration
	// Timeout of what a reconciliation waits for.
	Timeout time.Duration
	// Retry is the time from a failure to the next attempt.
	Retry time.Duration
	// Unknown is that nothing could be read of the kind. The others are then what was known last, or 0.
	Unknown bool
}

// Longest returns the longer of each. Where one is unknown, so is the result.
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

// steps are what Coarse rounds up to, in order. Beyond the last it is whole weeks.
var steps = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute,
	45 * time.Minute, time.Hour, 90 * time.Minute, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour, 8 * time.Hour,
	12 * time.Hour, 18 * time.Hour, day, 36 * time.Hour, 2 * day, 3 * day, 4 * day, 5 * day, week,
}

// RoundUp rounds each up to one of few steps, from 1m by 2m, 5m and so on to whole weeks, so that what is derived from it
// seldom changes. Nothing known stays nothing known, and what is unknown unknown.
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

// TimingFields are where the waits of a kind's objects are written: paths as those of a StateLabel, to durations in Go's
// notation. A kind whose objects nobody reconciles has none.
type TimingFields struct {
	// Interval leads to Waits.Interval.
	Interval []string
	// Timeout leads to the timeout of all that is done with an object.
	Timeout []string
	// DefaultTimeout is that of an object that writes none at Timeout; 0 where the kind has none.
	DefaultTimeout time.Duration
	// ActionTimeouts lead to those of single actions.
	ActionTimeouts [][]string
	// Retries lead to the intervals of retries.
	Retries [][]string
	// HealthChecks lead to true, or to a list that is not empty, where an object waits until what it applies is ready.
	HealthChecks [][]string
	// DefaultToInterval: an object's interval stands for the retry it does not write, and while it is Waiting for the timeout it
	// does not write.
	DefaultToInterval bool
}

// The fields of kinds as their API modules have them. Of flux-operator's kinds the interval is in an annotation, which is
// not read.
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
	// timingsFetched is of kinds that ask others at an interval, with a timeout.
	timingsFetched = TimingFields{Interval: splitPath("spec.interval"), Timeout: splitPath("spec.timeout")}
	// timingsScheduled is of kinds that have an interval alone.
	timingsScheduled = TimingFields{Interval: splitPath("spec.interval")}
)

// SpecTimings is what an object has at its WaitFields, of several the longest. What is absent, or no positive duration, is 0.
type SpecTimings struct {
	Interval, Timeout, ActionTimeout, Retry time.Duration
	// WaitsForHealth is that it waits until what it applies is ready.
	WaitsForHealth bool
}

// maxImpliedTiming is as much of an interval as counts for a timeout or a retry that is not written: who writes neither has
// asked for no quicker one, and after half an hour a failure is worth an alert before the next attempt.
const maxImpliedTiming = 30 * time.Minute

// Of returns the waits of an object as its controller reckons them: the methods GetTimeout and GetRetryInterval of Flux's
// API types, but for the half minute that a Kustomization's timeout is shorter than its interval.
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
