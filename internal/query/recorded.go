package query

import "github.com/fluxmonitoring/operator/internal/flux"

// held has what was recorded last of a series, while the source is silent that was heard within the last five minutes.
func held(recorded string) Query {
	return New(recorded + `
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)
}

// What was recorded last.
var (
	// LastReady has the objects that were ready.
	LastReady = held(flux.RecordedReady)

	// LastNotReady has the objects that were not ready.
	LastNotReady = held(flux.RecordedNotReady)

	// LastSuspended has the objects that were suspended.
	LastSuspended = held(flux.RecordedSuspended)

	// LastStalled has the objects that were stalled.
	LastStalled = held(flux.RecordedStalled)

	// LastWaiting has the objects that waited for what they depend on.
	LastWaiting = held(flux.RecordedWaiting)

	// LastFailing has the objects that failed and are not ready yet.
	LastFailing = New(`
		flux:resource:failing
		and on (cluster, kind, exported_namespace, name) flux:resource:not_ready`)

	// LastBehind has the objects that were behind their source.
	LastBehind = held(flux.RecordedBehind)
)

// What is recorded of what has been recorded in the same evaluation.
var (
	// RecordedNotReadySince is the Unix time at which an object that is not ready, and waits for no other, was first seen to be
	// so: as it was recorded last, else now.
	RecordedNotReadySince = New(`
		flux:resource:not_ready_since
		and on (cluster, kind, exported_namespace, name)
		(flux:resource:not_ready unless on (cluster, kind, exported_namespace, name) flux:resource:waiting)
		or on (cluster, kind, exported_namespace, name)
		time() * max by (cluster, kind, exported_namespace, name) (
			flux:resource:not_ready unless on (cluster, kind, exported_namespace, name) flux:resource:waiting)`)

	// RecordedSuspendedSince is the Unix time at which a suspended object was first seen to be so: as it was recorded last, else
	// now.
	RecordedSuspendedSince = New(`
		flux:resource:suspended_since
		and on (cluster, kind, exported_namespace, name)
		flux:resource:suspended
		or on (cluster, kind, exported_namespace, name)
		time() * max by (cluster, kind, exported_namespace, name) (flux:resource:suspended)`)

	// RecordedCount is the number of objects of Flux that are not suspended.
	RecordedCount = New(`
		count by (cluster) (flux:resource:ready{kind!="FluxMonitoring"} or flux:resource:not_ready{kind!="FluxMonitoring"})`)

	// RecordedFailingRatio is the share of the objects of Flux that are not suspended that fail.
	RecordedFailingRatio = New(`
		(count by (cluster) (flux:resource:failing{kind!="FluxMonitoring"}) or 0 * flux:resource:count)
		/ on (cluster)
		flux:resource:count`)
)
