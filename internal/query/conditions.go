package query

// The state of objects as the controllers of Flux 2.4 and older tell it. On Flux 2.0 a deleted object keeps its series and
// gets the status Deleted; later versions delete the series, and the last operand is empty.
var (
	// ControllersObserved is there while any controller answers.
	ControllersObserved = New(`group by (cluster) (up == 1)`)

	// ConditionReady has the objects whose condition Ready is True and that are not suspended.
	ConditionReady = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="True"}) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)

	// ConditionNotReady has the objects whose condition Ready is False or Unknown and that are not suspended.
	ConditionNotReady = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status=~"False|Unknown"}) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)

	// ConditionSuspended has the suspended objects.
	ConditionSuspended = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)
)
