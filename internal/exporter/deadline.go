package exporter

import (
	"cmp"
	"time"
)

// stage is what a not-ready object is doing.
type stage uint8

const (
	// idle: its controller has not reconciled it yet, or its source does not exist.
	idle stage = iota
	// waiting for its dependencies to be ready.
	waiting
	// progressing: its controller is reconciling it.
	progressing
	// fetchFailed: its source could not be fetched. It counts as failed if the object was reconciled in this period,
	// else as idle.
	fetchFailed
	// failed: a reconciliation failed. Retries do not change the stage, success does.
	failed
)

// stage is the stage that the object itself shows.
func (d *decoder) stage(ready string) stage {
	switch {
	case parseStatus(d.get(fieldStalled)) == statusTrue, d.history.failingSince() != 0, d.has(fieldFailures):
		return failed
	case !d.has(fieldReady):
		return idle
	case ready == statusUnknown:
		return progressing
	}
	switch string(d.get(fieldReason)) {
	case "DependencyNotReady":
		return waiting
	case "SourceNotReady":
		return idle
	case "ArtifactFailed":
		return fetchFailed
	case "HealthCheckCanceled": // for there is something newer to apply
		return progressing
	}
	return failed
}

// notReadyPeriod is the time for which an object has been neither ready nor suspended. It is immutable.
type notReadyPeriod struct {
	// since is when the period began, in Unix seconds.
	since int64
	// stageSince is when the object entered its stage.
	stageSince int64
	stage      stage
	// attempted: its controller has reconciled it in this period.
	attempted bool
}

// notReadyPeriod returns the current period of an object, which continues that of the old entry; nil if the object is
// ready or suspended.
func (s *store) notReadyPeriod(o *object, old *entry) *notReadyPeriod {
	if !o.notReady {
		return nil
	}
	period := &notReadyPeriod{since: s.notReadySince(o, old)}
	if old == nil {
		period.stage, period.attempted = notReadyPeriod{}.advance(o.stage)
		period.stageSince = period.since
		return period
	}
	previous := notReadyPeriod{}
	if old.notReady != nil {
		previous = *old.notReady
	}
	period.stage, period.attempted = previous.advance(o.stage)
	period.stageSince = cmp.Or(o.transitionedAt, period.since)
	if old.notReady != nil && previous.stage == period.stage {
		period.stageSince = previous.stageSince
	}
	return period
}

// advance returns the stage that follows when an object shows the reported one, and whether it has been attempted.
func (p notReadyPeriod) advance(reported stage) (now stage, attempted bool) {
	attempted = p.attempted || reported == progressing
	switch {
	case p.stage == failed, reported == fetchFailed && p.attempted:
		return failed, attempted
	case reported == fetchFailed:
		return idle, attempted
	}
	return reported, attempted
}

// deadline is the Unix time until which a not-ready object can progress: its timeout after the stage began, and no
// time at all if it has failed or is idle. 0 is no deadline: it is ready or waiting.
func (e *entry) deadline() int64 {
	switch {
	case e.notReady == nil || e.notReady.stage == waiting:
		return 0
	case e.notReady.stage == progressing && e.timings != nil:
		return e.notReady.stageSince + int64(e.timings.Timeout/time.Second)
	}
	return e.notReady.stageSince
}

// notReadySince is when the not-ready period began, as last known or else as the object shows; 0 if it is ready or
// suspended.
func (s *store) notReadySince(o *object, old *entry) int64 {
	switch {
	case !o.notReady:
		return 0
	case old == nil && o.notReadySince != 0:
		return o.notReadySince
	case old != nil && old.notReady != nil:
		return old.notReady.since
	case old != nil && o.transitionedAt != 0:
		return o.transitionedAt
	}
	return s.now().Unix()
}
