package query

// The state of Flux objects. These stand on the recorded series (Recordings) and do not know who told the state.
var (
	// NotReady is 1 for each object that is neither ready nor suspended.
	NotReady = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)`)

	// NotReadyCount is the number of objects that are neither ready nor suspended.
	NotReadyCount = New(`count(flux:resource:not_ready)`).OrZero()

	// NotReadyByKind is the number of objects that are neither ready nor suspended. A kind with none has no series.
	NotReadyByKind = New(`count by (cluster, kind) (flux:resource:not_ready)`)

	// Readiness is 1 for each ready object and 0 for each that is not. Suspended objects have none.
	Readiness = New(`
		max by (cluster, kind, exported_namespace, name) (flux:resource:ready)
		or
		0 * max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)`)

	// Suspended is 1 for each suspended object.
	Suspended = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:suspended)`)
)
