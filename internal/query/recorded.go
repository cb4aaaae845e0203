package query

// What is recorded of what has been recorded in the same evaluation. The series of single states are recorded of flux:resource:state
// alone: whatever it holds, no object is in two of ready, not ready and suspended, nor does one that has a state lack a series. None
// reads a sibling, but the ratio: vmalert stores what a group recorded only after all of the group is evaluated, so that each link
// of a chain would be one evaluation older than the one before (docs/decisions/0022-groups-any-backend-takes.md). An
// object may be told of by two series for a moment, of two pods, or with two sources: the higher number counts, so that it is not ready.
// What is repeated of a recording may have one label more than what is new, where a Prometheus enforces the label namespace: what belongs
// together is told by the labels of identity.
var (
	// RecordedReady has the objects that are ready and not suspended.
	RecordedReady = New(`
		group by (cluster, kind, exported_namespace, name) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 0)`)

	// RecordedNotReady has the objects that are neither ready nor suspended, with the source they are made from where that is told.
	RecordedNotReady = New(`
		group by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (flux:resource:state >= 2)`)

	// RecordedSuspended has the suspended objects, whatever their condition was when they were suspended.
	RecordedSuspended = New(`
		group by (cluster, kind, exported_namespace, name) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 1)`)

	// RecordedWaiting has the objects that wait for what they depend on.
	RecordedWaiting = New(`
		group by (cluster, kind, exported_namespace, name) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 2)`)

	// RecordedStalled has the objects whose condition Stalled is True.
	RecordedStalled = New(`group by (cluster, kind, exported_namespace, name) (flux:resource:state == 5)`)

	// RecordedFailing has the objects whose condition Ready is False, but for those that wait for what they depend on, and those that
	// have failed and are not ready yet.
	RecordedFailing = New(`
		group by (cluster, kind, exported_namespace, name) (flux:resource:state >= 4)
		or on (cluster, kind, exported_namespace, name)
		flux:resource:failing
		and on (cluster, kind, exported_namespace, name)
		(flux:resource:state >= 2)`)

	// RecordedNotReadySince is the Unix time at which an object that is not ready, and waits for no other, was first seen to be
	// so: as it was recorded last, else now.
	RecordedNotReadySince = New(`
		flux:resource:not_ready_since
		and on (cluster, kind, exported_namespace, name)
		(flux:resource:state >= 3)
		or on (cluster, kind, exported_namespace, name)
		time() * group by (cluster, kind, exported_namespace, name) (flux:resource:state >= 3)`)

	// RecordedSuspendedSince is the Unix time at which a suspended object was first seen to be so: as it was recorded last, else
	// now.
	RecordedSuspendedSince = New(`
		flux:resource:suspended_since
		and on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 1)
		or on (cluster, kind, exported_namespace, name)
		time() * group by (cluster, kind, exported_namespace, name) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 1)`)

	// RecordedCount is the number of objects of Flux that are not suspended.
	RecordedCount = New(`
		count by (cluster) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state{kind!="FluxMonitoring"}) != 1)`)

	// RecordedFailingRatio is the share of the objects of Flux that are not suspended that fail.
	RecordedFailingRatio = New(`
		(count by (cluster) (flux:resource:failing{kind!="FluxMonitoring"}) or on (cluster) 0 * flux:resource:count)
		/ on (cluster)
		flux:resource:count`)
)
