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
	// unfetched: what it is made from could not be had. That is a failure of an object that was worked on, and else it is idle.
	unfetched
	// failed: it has failed and has not been ready since. A retry, in which nothing is known of it, does not change that.
	failed
)

// stage is that of the object just read, as far as the object alone tells.
func (d *decoder) stage(ready string) stage {
	switch {
	case status(d.get(slotStalled)) == statusTrue, d.history.began() != 0, d.has(slotFailures):
		return failed
	case !d.has(slotReady):
		return idle
	case ready == statusUnknown:
		return progressing
	}
	switch string(d.get(slotReason)) {
	case "DependencyNotReady":
		return waiting
	case "SourceNotReady":
		return idle
	case "ArtifactFailed":
		return unfetched
	case "HealthCheckCanceled": // for there is something newer to apply
		return progressing
	}
	return failed
}

// run is what is known of an object for as long as it is neither ready nor suspended. It is never changed.
type run struct {
	// since is when the run began, in Unix seconds.
	since int64
	// entered is when the object entered its stage.
	entered int64
	stage   stage
	// tried is that its controller has worked on it in this run.
	tried bool
}

// run is the present run of an object: as it goes on from what is known of before, else as the object tells. nil is that it is
// ready, or suspended.
func (s *store) run(o *object, old *entry) *run {
	if !o.notReady {
		return nil
	}
	now := &run{since: s.since(o, old)}
	if old == nil {
		now.stage, now.tried = run{}.next(o.stage)
		now.entered = now.since
		return now
	}
	before := run{}
	if old.run != nil {
		before = *old.run
	}
	now.stage, now.tried = before.next(o.stage)
	now.entered = cmp.Or(o.turned, now.since)
	if old.run != nil && before.stage == now.stage {
		now.entered = before.entered
	}
	return now
}

// next is the stage of an object that is told to be in one now, and whether its controller has worked on it in this run.
func (before run) next(told stage) (now stage, tried bool) {
	tried = before.tried || told == progressing
	switch {
	case before.stage == failed, told == unfetched && before.tried:
		return failed, tried
	case told == unfetched:
		return idle, tried
	}
	return told, tried
}

// deadline is until when, in Unix seconds, an object that is not ready may take its time: as long as it says that it may take where it
// progresses, and none where it has failed or nobody works on it. 0 is that there is none: it is ready, or waits for another.
func (e *entry) deadline() int64 {
	switch {
	case e.run == nil || e.run.stage == waiting:
		return 0
	case e.run.stage == progressing && e.waits != nil:
		return e.run.entered + int64(e.waits.Timeout/time.Second)
	}
	return e.run.entered
}

// since is when an object's present run of not being ready began: what is known of it from before, else what the object
// tells. 0 is that it is ready, or suspended.
func (s *store) since(o *object, old *entry) int64 {
	switch {
	case !o.notReady:
		return 0
	case old == nil && o.began != 0:
		return o.began
	case old != nil && old.run != nil:
		return old.run.since
	case old != nil && o.turned != 0:
		return o.turned
	}
	return s.now().Unix()
}
