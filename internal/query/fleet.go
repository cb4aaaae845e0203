package query

// counted is a number of each cluster, and 0 where the state of a cluster's objects is told and there is none to count.
func counted(expr string) Query {
	return New(expr + ` or 0 * max by (cluster) (flux:resource:observed)`)
}

// firing is the number of alerts about Flux that fire in each cluster, of those that match further. Alerts are told apart by all that
// the catalogue's can be about, for every replica of a Prometheus sends its own.
func firing(further string) Query {
	return counted(`
		count by (cluster) (
			group by (cluster, alertname, severity, namespace, app, pod, controller, host, code, kind, exported_namespace, name) (
				ALERTS{alertstate="firing",` + further + `alertname=~"Flux.+|ReconciliationFailure"}))`)
}

// Many clusters, one line each. What tells of a cluster is taken from its recordings, which name it, and from the alerts; how
// its scrapes are named does not matter.
var (
	// FleetObjects is the number of objects of each cluster that are not suspended.
	FleetObjects = counted(`max by (cluster) (flux:resource:count)`)

	// FleetNotReady is the number of objects of each cluster that are neither ready nor suspended.
	FleetNotReady = counted(`
		count by (cluster) (
			group by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{kind!="FluxMonitoring"}))`)

	// FleetSuspended is the number of suspended objects of each cluster.
	FleetSuspended = counted(`
		count by (cluster) (
			group by (cluster, kind, exported_namespace, name) (flux:resource:suspended{kind!="FluxMonitoring"}))`)

	// FleetOldest is for how many seconds the object of each cluster has not been ready that has been so longest.
	FleetOldest = counted(`
		max by (cluster) (time() - flux:resource:not_ready_since{kind!="FluxMonitoring"})`)

	// FleetControllersDown is the number of Flux's controllers of each cluster that do not answer, as far as their targets are
	// known.
	FleetControllersDown = counted(`
		count by (cluster) (
			max by (cluster, namespace, app) (
				up{app=~"(source|kustomize|helm|notification|image-reflector|image-automation)-controller.*|source-watcher.*"}) == 0)`)

	// FleetCritical is the number of alerts about Flux of severity critical that fire in each cluster.
	FleetCritical = firing(`severity="critical",`)

	// FleetFiring is the number of alerts about Flux that fire in each cluster, whatever their severity.
	FleetFiring = firing("")

	// Firing has the alerts about Flux that fire.
	Firing = New(`
		group by (cluster, alertname, severity, app, kind, exported_namespace, name) (
			ALERTS{alertstate="firing",alertname=~"Flux.+|ReconciliationFailure"})`)

	// Observed is one series for each cluster while the state of its objects is told; dashboards list clusters by it.
	Observed = New(`flux:resource:observed`)

	// FleetReporting is 1 for each cluster while the state of its objects is told.
	FleetReporting = New(`max by (cluster) (flux:resource:observed)`)

	// FleetClusters is the number of clusters whose objects' state is told.
	FleetClusters = New(`count(group by (cluster) (flux:resource:observed))`).OrZero()

	// FleetTroubled is the number of clusters with an object that is neither ready nor suspended.
	FleetTroubled = New(`count(group by (cluster) (flux:resource:not_ready{kind!="FluxMonitoring"}))`).OrZero()

	// FleetSilent is the number of clusters whose objects' state was told within a day, and is not now.
	FleetSilent = New(`
		count(group by (cluster) (last_over_time(flux:resource:observed[1d])) unless on (cluster) flux:resource:observed)`).OrZero()

	// FleetTotal is the number of objects of all clusters that are not suspended.
	FleetTotal = New(`sum(max by (cluster) (flux:resource:count))`).OrZero()
)
