package controllers

import (
	"slices"
	"time"

	"github.com/fluxmonitoring/operator/internal/exporter"
)

const (
	// faultCalm is how long faults must stay the same before they are reported.
	faultCalm = 3 * time.Second
	// faultRecovery is that in and after an outage. The exporter's own backoff is a minute at most.
	faultRecovery = 65 * time.Second
)

// damper holds back the exporter's faults of kinds that cannot be read until they have stayed the same for a while, so that kinds that fail
// and recover one after the other are one change or none. The zero value holds nothing back.
type damper struct {
	// calm is how long faults must stay the same, and recovery how long that is in and after an outage: so long it may take until each kind
	// has been tried again.
	calm, recovery time.Duration

	reported, seen []exporter.KindFault
	since          time.Time // when they were first seen so
	outage         time.Time // when one that may pass was last seen
}

// faults are those to report if these are seen, of so many kinds, and how long from now to call it again; 0 is not before other faults are
// seen. If no kind gets an answer, the API server is away, which is no fault of the kinds.
func (d *damper) faults(now time.Time, seen []exporter.KindFault, kinds int) (reported []exporter.KindFault, again time.Duration) {
	if d.since.IsZero() || !slices.Equal(seen, d.seen) {
		d.seen, d.since = seen, now
	}
	if slices.ContainsFunc(seen, func(f exporter.KindFault) bool { return !f.IsPersistent() }) {
		d.outage = now
	}
	away := len(seen) == kinds && slices.ContainsFunc(seen, exporter.KindFault.IsUnreachable)
	if away || slices.Equal(seen, d.reported) {
		return d.reported, 0
	}
	if remains := d.patience(now) - now.Sub(d.since); remains > 0 {
		return d.reported, remains
	}
	d.reported = seen
	return d.reported, 0
}

// patience is how long faults must stay the same. Recovery of all kinds needs only calm, in an outage too.
func (d *damper) patience(now time.Time) time.Duration {
	if len(d.seen) > 0 && !d.outage.IsZero() && (now.Equal(d.outage) || now.Sub(d.outage) < d.recovery) {
		return d.recovery
	}
	return d.calm
}
