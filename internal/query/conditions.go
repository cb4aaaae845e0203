package query

// The state of objects as the controllers of Flux 2.4 and older tell it. On Flux 2.0 a deleted object keeps its series and
// gets the status Deleted; later versions delete the series, and the last operand is empty.
var (
	// ControllersObserved is there while any controller answers.
	ControllersObserved = New(`group by (cluster) (up == 1)`)

	// ConditionState is the state of each object, as flux.RecordedState has it. Nothing tells why an object is not ready: what waits for
	// what it depends on counts as failed.
	ConditionState = New(`
		(
			max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1
			or on (cluster, kind, exported_namespace, name)
			4 * (max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="False"}) == 1)
			or on (cluster, kind, exported_namespace, name)
			3 * (max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Unknown"}) == 1)
			or on (cluster, kind, exported_namespace, name)
			0 * (max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="True"}) == 1)
		)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)
)
