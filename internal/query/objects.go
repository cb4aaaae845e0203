package query

// The state of Flux objects. The first three normalise what the controllers of Flux 2.4 and older export into recorded
// series of one shape; the others stand on these series and do not know who exported the state.
//
// On Flux 2.0 a deleted object keeps its series and gets the status Deleted; later versions delete the series, and the
// last operand is empty.
var (
	// ObjectsReady has the objects whose condition Ready is True and that are not suspended.
	ObjectsReady = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="True"}) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)

	// ObjectsNotReady has the objects whose condition Ready is False or Unknown and that are not suspended. Unknown
	// belongs to it because a failing object is Unknown for the time of each retry.
	ObjectsNotReady = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status=~"False|Unknown"}) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)

	// ObjectsSuspended has the suspended objects, whatever their condition was when they were suspended.
	ObjectsSuspended = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)

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
