package query

// Series that are recorded from other recorded series of the same evaluation. The series of single states are recorded from
// flux:resource:state only: each object is in one of ready, not ready and suspended, and an object with a state has a series. None is based
// on another of them, except the ratio: vmalert stores the results of a group after it has evaluated all of the group, so each link of a
// chain would be one evaluation older (docs/decisions/0022-rule-groups-for-every-backend.md). An object can have two series for a moment, of two
// pods or with two sources: the higher number counts, so it is not ready. A repeated series may have one label more than a new one, if a
// Prometheus enforces the label namespace: the labels that identify an object match the two.
var (
	// RecordedReady has the objects that are ready and not suspended.
	RecordedReady = New(`
		group by (cluster, kind, exported_namespace, name) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 0)`)

	// RecordedNotReady has the objects that are neither ready nor suspended, with their source if it is exported.
	RecordedNotReady = New(`
		group by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (flux:resource:state >= 2)`)

	// RecordedSuspended has the suspended objects, whatever their condition was when they were suspended.
	RecordedSuspended = New(`
		group by (cluster, kind, exported_namespace, name) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 1)`)

	// RecordedWaiting has the objects that wait for their dependencies.
	RecordedWaiting = New(`
		group by (cluster, kind, exported_namespace, name) (
			max by (cluster, kind, exported_namespace, name) (flux:resource:state) == 2)`)

	// RecordedStalled has the objects whose condition Stalled is True.
	RecordedStalled = New(`group by (cluster, kind, exported_namespace, name) (flux:resource:state == 5)`)

	// RecordedFailing has the objects whose condition Ready is False, without those that wait for their dependencies, and those that have
	// failed and are not ready yet.
	RecordedFailing = New(`
		group by (cluster, kind, exported_namespace, name) (flux:resource:state >= 4)
		or on (cluster, kind, exported_namespace, name)
		flux:resource:failing
		and on (cluster, kind, exported_namespace, name)
		(flux:resource:state >= 2)`)

	// RecordedNotReadySince is the Unix time since when an object is not ready and waits for no other: the value recorded last, else now.
	RecordedNotReadySince = New(`
		flux:resource:not_ready_since
		and on (cluster, kind, exported_namespace, name)
		(flux:resource:state >= 3)
		or on (cluster, kind, exported_namespace, name)
		time() * group by (cluster, kind, exported_namespace, name) (flux:resource:state >= 3)`)

	// RecordedSuspendedSince is the Unix time since when an object is suspended: the value recorded last, else now.
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

	// RecordedFailingRatio is the share of failing objects among those that are not suspended.
	RecordedFailingRatio = New(`
		(count by (cluster) (flux:resource:failing{kind!="FluxMonitoring"}) or on (cluster) 0 * flux:resource:count)
		/ on (cluster)
		flux:resource:count`)
)
