package controllers

import (
	"slices"
	"time"

	"github.com/fluxmonitoring/operator/internal/exporter"
)

const (
	// faultCalm is how long faults stay the same before they are told.
	faultCalm = 3 * time.Second
	// faultRecovery is that in and after an outage. The exporter's own backoff is a minute at most.
	faultRecovery = 65 * time.Second
)

// damper holds back what the exporter says of kinds that cannot be read until it has stayed the same for a while, so that kinds that fail
// and recover one after the other are one change or none. Its zero value holds nothing back.
type damper struct {
	// calm is how long faults must stay the same, and recovery how long that is in and after an outage: so long it may take until each kind
	// has been tried again.
	calm, recovery time.Duration

	told, seen []exporter.KindFault
	since      time.Time // when they were first seen so
	outage     time.Time // when one that may pass was last seen
}

// faults are those to tell of, where these are seen of so many kinds, and how long from now to look again; 0 is not before something new is
// seen. Where nothing answers for any kind, the API server is away: that says nothing of the kinds.
func (d *damper) faults(now time.Time, seen []exporter.KindFault, kinds int) (told []exporter.KindFault, again time.Duration) {
	if d.since.IsZero() || !slices.Equal(seen, d.seen) {
		d.seen, d.since = seen, now
	}
	if slices.ContainsFunc(seen, func(f exporter.KindFault) bool { return !f.IsPersistent() }) {
		d.outage = now
	}
	away := len(seen) == kinds && slices.ContainsFunc(seen, exporter.KindFault.IsUnreachable)
	if away || slices.Equal(seen, d.told) {
		return d.told, 0
	}
	if remains := d.patience(now) - now.Sub(d.since); remains > 0 {
		return d.told, remains
	}
	d.told = seen
	return d.told, 0
}

// patience is how long what is seen must stay the same. That all can be read again needs no more than calm, in an outage too.
func (d *damper) patience(now time.Time) time.Duration {
	if len(d.seen) > 0 && !d.outage.IsZero() && (now.Equal(d.outage) || now.Sub(d.outage) < d.recovery) {
		return d.recovery
	}
	return d.calm
}
