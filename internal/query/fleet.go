package query

// counted is a number of each cluster, and 0 for a cluster that exports the state of its objects and has none to count.
func counted(expr string) Query {
	return New(expr + ` or 0 * max by (cluster) (flux:resource:observed)`)
}

// aboutFlux selects the alerts about Flux that fire, of those that match. The heartbeat always fires: it reports no fault.
func aboutFlux(further string) string {
	return `ALERTS{alertstate="firing",` + further + `alertname=~"Flux.+|ReconciliationFailure",alertname!="FluxMonitoringHeartbeat"}`
}

// firingAlerts has the alerts about Flux that fire, of those that match, each once.
func firingAlerts(further string) string {
	return `group by (cluster, alertname, severity, app, kind, exported_namespace, name) (` + aboutFlux(further) + `)`
}

// firing is the number of alerts about Flux that fire in each cluster, of those that match. It counts an alert of several replicas of a
// Prometheus once, by all labels that the catalogue's alerts have.
func firing(further string) Query {
	return counted(`
		count by (cluster) (
			group by (cluster, alertname, severity, namespace, app, pod, controller, host, code, kind, exported_namespace, name,
				rule_group, integration, receiver_name) (` + aboutFlux(further) + `))`)
}

// Many clusters, one line each. Everything comes from the recorded series of a cluster, which have its name, and from alerts; the names of
// scrape jobs do not matter.
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

	// FleetOldest is the longest time in seconds for which an object of each cluster has not been ready.
	FleetOldest = counted(`
		max by (cluster) (time() - flux:resource:not_ready_since{kind!="FluxMonitoring"})`)

	// FleetControllersDown is the number of Flux's controllers of each cluster that do not answer, of those that are scrape targets.
	FleetControllersDown = counted(`
		count by (cluster) (
			max by (cluster, namespace, app) (
				up{app=~"(source|kustomize|helm|notification|image-reflector|image-automation)-controller.*|source-watcher.*"}) == 0)`)

	// FleetCritical is the number of alerts about Flux of severity critical that fire in each cluster.
	FleetCritical = firing(`severity="critical",`)

	// FleetFiring is the number of alerts about Flux that fire in each cluster, whatever their severity.
	FleetFiring = firing("")

	// FiringBySeverity has the alerts about Flux that fire: 0 for those of severity critical, 1 for warning, 2 for others.
	FiringBySeverity = New(`
		0 * ` + firingAlerts(`severity="critical",`) + `
		or
		1 * ` + firingAlerts(`severity="warning",`) + `
		or
		2 * ` + firingAlerts(`severity!~"critical|warning",`))

	// FiringCritical is the number of alerts about Flux of severity critical that fire.
	FiringCritical = New(`count(` + firingAlerts(`severity="critical",`) + `)`).OrZero()

	// FiringWarning is the number of alerts about Flux of severity warning that fire.
	FiringWarning = New(`count(` + firingAlerts(`severity="warning",`) + `)`).OrZero()

	// HeartbeatSent is 1 while the alert fires whose notifications show that alerts arrive.
	HeartbeatSent = New(`max(ALERTS{alertstate="firing",alertname="FluxMonitoringHeartbeat"})`)

	// FleetReports is 1 for each cluster that exports the state of its objects, and 0 for each that did so within a day and does not now.
	FleetReports = New(`
		max by (cluster) (flux:resource:observed)
		or
		0 * max by (cluster) (last_over_time(flux:resource:observed[1d]))`)

	// Observed has a series for each cluster while it exports the state of its objects; dashboards list clusters by it.
	Observed = New(`flux:resource:observed`)

	// FleetReporting is 1 for each cluster while it exports the state of its objects.
	FleetReporting = New(`max by (cluster) (flux:resource:observed)`)

	// FleetClusters is the number of clusters that export the state of their objects.
	FleetClusters = New(`count(group by (cluster) (flux:resource:observed))`).OrZero()

	// FleetTroubled is the number of clusters with an object that is neither ready nor suspended.
	FleetTroubled = New(`count(group by (cluster) (flux:resource:not_ready{kind!="FluxMonitoring"}))`).OrZero()

	// FleetSilent is the number of clusters that exported the state of their objects within a day and do not now.
	FleetSilent = New(`
		count(group by (cluster) (last_over_time(flux:resource:observed[1d])) unless on (cluster) flux:resource:observed)`).OrZero()

	// FleetTotal is the number of objects of all clusters that are not suspended.
	FleetTotal = New(`sum(max by (cluster) (flux:resource:count))`).OrZero()
)
