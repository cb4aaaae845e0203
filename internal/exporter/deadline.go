package exporter

import (
	"cmp"
	"time"
)

// stage is what an object does that is neither ready nor suspended.
type stage uint8

const (
	// idle: nobody works on it yet. Its controller has not seen it, or what it is made from is not there.
	idle stage = iota
	// waiting for what it depends on to be ready.
	waiting
	// progressing: its controller works on it.
	progressing
	// fetchFailed: what it is made from could not be had. That is a failure of an object that was worked on, and else it is idle.
	fetchFailed
	// failed: it has failed and has not been ready since. A retry, in which nothing is known of it, does not change that.
	failed
)

// stage is that of the object just read, as far as the object alone tells.
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

// notReadyPeriod is what is known of an object for as long as it is neither ready nor suspended. It is never changed.
type notReadyPeriod struct {
	// since is when the run began, in Unix seconds.
	since int64
	// stageSince is when the object entered its stage.
	stageSince int64
	stage      stage
	// attempted is that its controller has worked on it in this run.
	attempted bool
}

// notReadyPeriod is the present run of an object: as it goes on from what is known of before, else as the object tells. nil is that it is
// ready, or suspended.
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

// advance is the stage of an object that is told to be in one now, and whether its controller has worked on it in this run.
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

// deadline is until when, in Unix seconds, an object that is not ready may take its time: as long as it says that it may take where it
// progresses, and none where it has failed or nobody works on it. 0 is that there is none: it is ready, or waits for another.
func (e *entry) deadline() int64 {
	switch {
	case e.notReady == nil || e.notReady.stage == waiting:
		return 0
	case e.notReady.stage == progressing && e.timings != nil:
		return e.notReady.stageSince + int64(e.timings.Timeout/time.Second)
	}
	return e.notReady.stageSince
}

// notReadySince is when an object's present run of not being ready began: what is known of it from before, else what the object
// tells. 0 is that it is ready, or suspended.
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
