package query

// The state of objects as the controllers of Flux 2.4 and older export it. On Flux 2.0 a deleted object keeps its series and gets the
// status Deleted; later versions delete the series, and the last operand is empty.
var (
	// ControllersObserved has a series while any controller answers.
	ControllersObserved = New(`group by (cluster) (up == 1)`)

	// ConditionState is the state of each object, in the form of flux.RecordedState. The controllers do not export why an object is not
	// ready, so an object that waits for its dependencies counts as failed.
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
