package query

// The limits of alerts about this operator.
const (
	// OperatorErrorsLimit is how many reconciliations a minute may end in an error.
	OperatorErrorsLimit = 0
	// OperatorPanicsLimit is how many panics are tolerable.
	OperatorPanicsLimit = 0
	// OperatorQueueLimit is how many resources may always be waiting for a worker.
	OperatorQueueLimit = 0
	// OperatorReconcileLimit is how many seconds one reconciliation may take. An ordinary one takes less than a second.
	OperatorReconcileLimit = 600
)

// This operator and its exporter.
var (
	// Leaderless is 1 for each Lease of the operator that no pod holds, while some pod answers. A Lease is known by the pods that compete
	// for it, for a day after the last of them: operators that divide the objects have a Lease each, and the alert fires for one that is
	// gone.
	Leaderless = New(`
		group by (cluster, namespace, name) (last_over_time(leader_election_master_status[1d]))
		unless on (cluster, namespace, name)
		(max by (cluster, namespace, name) (leader_election_master_status) == 1)
		and on (cluster, namespace)
		group by (cluster, namespace) (up == 1)`)

	// OperatorUnready is 1 for each pod of the operator that is not ready.
	OperatorUnready = New(`group by (cluster, namespace, pod) (fluxmonitoring_operator_ready == 0)`)

	// Unreconciled is 1 for each FluxMonitoring that no operator has reconciled since it was created or changed.
	Unreconciled = New(`group by (cluster, exported_namespace, name) (fluxmonitoring_unobserved_generations > 0)`)

	// Ineffective is 1 for each condition of a FluxMonitoring that is False, besides Ready and the summary Proven, which another one makes False.
	Ineffective = New(`group by (cluster, exported_namespace, name, type) (fluxmonitoring_condition{type!~"Proven|Ready"} == 0)`)

	// ExportedCount is the number of objects that the exporter exports.
	ExportedCount = New(`sum(gotk_resources)`).OrZero()

	// ScrapeSeconds is how many seconds the last scrape of a target took.
	ScrapeSeconds = New(`max by (cluster, namespace, pod) (scrape_duration_seconds)`)

	// Leads is 1 while a pod leads, else 0.
	Leads = New(`max by (cluster, namespace, pod) (leader_election_master_status)`)

	// Conditions is the status of each condition of each FluxMonitoring: 1 for True, 0 for False. One that is Unknown has none.
	Conditions = New(`min by (cluster, exported_namespace, name, type) (fluxmonitoring_condition)`)

	// Proven is 1 if every FluxMonitoring has the condition Proven True, and 0 if one has it False.
	Proven = New(`min(fluxmonitoring_condition{type="Proven"})`)

	// MonitoringsNotReadyCount is the number of FluxMonitorings that are not ready.
	MonitoringsNotReadyCount = New(`
		count(group by (cluster, exported_namespace, name) (flux:resource:not_ready{kind="FluxMonitoring"}))`).OrZero()
)
