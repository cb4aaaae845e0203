package query

// What was recorded last, while the source is silent that was heard within the last five minutes.
var (
	// LastReady has the objects that were ready.
	LastReady = New(`
		flux:resource:ready
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastNotReady has the objects that were not ready.
	LastNotReady = New(`
		flux:resource:not_ready
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastSuspended has the objects that were suspended.
	LastSuspended = New(`
		flux:resource:suspended
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastStalled has the objects that were stalled.
	LastStalled = New(`
		flux:resource:stalled
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastWaiting has the objects that waited for what they depend on.
	LastWaiting = New(`
		flux:resource:waiting
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastFailing has the objects that failed and are not ready yet.
	LastFailing = New(`
		flux:resource:failing
		and on (cluster, kind, exported_namespace, name) flux:resource:not_ready`)

	// LastBehind has the objects that were behind their source.
	LastBehind = New(`
		flux:resource:behind
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)
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

	// RecordedCount is the number of objects of Flux that are not suspended.
	RecordedCount = New(`
		count by (cluster) (flux:resource:ready{kind!="FluxMonitoring"} or flux:resource:not_ready{kind!="FluxMonitoring"})`)

	// RecordedFailingRatio is the share of the objects of Flux that are not suspended that fail.
	RecordedFailingRatio = New(`
		(count by (cluster) (flux:resource:failing{kind!="FluxMonitoring"}) or 0 * flux:resource:count)
		/ on (cluster)
		flux:resource:count`)
)
