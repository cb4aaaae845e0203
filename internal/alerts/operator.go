package alerts

import (
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// ofUnreconciled are the labels of an alert about a FluxMonitoring that the operator's own metrics name.
var ofUnreconciled = merged(ofOwner, map[string]string{flux.LabelKind: "FluxMonitoring"})

// operatorAlerts are about the operator itself. What it has applied goes on working without it, so none wakes anybody: where its exporter
// exports the state of objects, FluxResourceMetricsAbsent does.
var operatorAlerts = []alert{{
	name:          "FluxMonitoringNotReconciled",
	group:         MonitoringGroup,
	query:         query.Unreconciled,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	labels:        ofUnreconciled,
	summary:       "No operator reconciles FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }}.",
	description: "FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }} was created or changed, and no operator has looked at it for a " +
		"quarter of an hour: what it asks for is not in the cluster, and its conditions are old. Compare its labels with the " +
		"--watch-label-selector of each operator, and see `kubectl -n {{ $labels.exported_namespace }} get fluxmonitoring {{ $labels.name }} -o yaml`.",
}, {
	name:          "FluxMonitoringOperatorDown",
	group:         MonitoringGroup,
	query:         query.ControllerDown,
	pendingFor:    "10m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "The operator of FluxMonitorings is down.",
	description: "No pod of the operator in namespace {{ $labels.namespace }} answers Prometheus. Rules and dashboards stay as they are, and nobody " +
		"restores or updates them; where its exporter tells the state of Flux objects, alerts about them soon cannot fire. See its pods with " +
		"`kubectl -n {{ $labels.namespace }} get pods -l app.kubernetes.io/name=fluxmonitoring-operator`; if they run, the scrape itself fails.",
}, {
	name:          "FluxMonitoringOperatorNotReady",
	group:         MonitoringGroup,
	query:         query.OperatorUnready,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "Pod {{ $labels.pod }} of the operator of FluxMonitorings is not ready.",
	description: "Pod {{ $labels.pod }} of the operator in namespace {{ $labels.namespace }} runs and cannot read the cluster: it lacks a permission, " +
		"or the API server does not answer. It reconciles nothing new, and conditions of FluxMonitorings may be old. Its log says what it cannot read: " +
		"`kubectl -n {{ $labels.namespace }} logs {{ $labels.pod }}`.",
}, {
	name:          "FluxMonitoringOperatorNoLeader",
	group:         MonitoringGroup,
	query:         query.Leaderless,
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "No pod of the operator of FluxMonitorings leads.",
	description: "Pods of the operator in namespace {{ $labels.namespace }} run, and none of them holds Lease {{ $labels.name }}: nobody reconciles " +
		"the FluxMonitorings of the operator that uses this Lease. See who holds it with " +
		"`kubectl -n {{ $labels.namespace }} get lease {{ $labels.name }}`, and the pods' log.",
}, {
	name:          "FluxMonitoringOperatorFailing",
	group:         MonitoringGroup,
	query:         query.ReconciliationErrors,
	limit:         above(query.OperatorErrorsLimit),
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "Reconciliations of the operator of FluxMonitorings fail.",
	description: "Reconciliations of controller {{ $labels.controller }} of the operator in namespace {{ $labels.namespace }} have ended in errors " +
		"for a quarter of an hour. Conditions may be old, for writing them may be what fails. Its log names the errors: " +
		"`kubectl -n {{ $labels.namespace }} logs -l app.kubernetes.io/name=fluxmonitoring-operator --tail=-1`.",
}, {
	name:       "FluxMonitoringOperatorPanic",
	group:      MonitoringGroup,
	query:      query.Panics,
	limit:      above(query.OperatorPanicsLimit),
	severity:   Warning,
	ofOperator: true,
	summary:    "The operator of FluxMonitorings panics.",
	description: "Controller {{ $labels.controller }} of the operator in namespace {{ $labels.namespace }} panicked while it reconciled, and goes on " +
		"with other resources. The log names the resource: " +
		"`kubectl -n {{ $labels.namespace }} logs -l app.kubernetes.io/name=fluxmonitoring-operator --tail=-1`.",
}, {
	name:          "FluxMonitoringOperatorBackedUp",
	group:         MonitoringGroup,
	query:         query.QueueDepth,
	limit:         above(query.OperatorQueueLimit),
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "The operator of FluxMonitorings does not keep up.",
	description: "The queue {{ $labels.name }} of the operator in namespace {{ $labels.namespace }} has not been empty for a quarter of an hour " +
		"({{ $value }} wait): what changes is looked at late. Something changes all the time, or the API server is slow: see " +
		"`kubectl -n {{ $labels.namespace }} logs -l app.kubernetes.io/name=fluxmonitoring-operator --tail=100`.",
}, {
	name:          "FluxMonitoringOperatorStuck",
	group:         MonitoringGroup,
	query:         query.LongestReconcile,
	limit:         above(query.OperatorReconcileLimit),
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "A reconciliation of the operator of FluxMonitorings does not end.",
	description: "A reconciliation of the operator in namespace {{ $labels.namespace }}, from its queue {{ $labels.name }}, has been running for " +
		"{{ $value | humanizeDuration }}. Its resource waits until it ends, and one worker with it. The API server or a webhook may not answer: see " +
		"`kubectl -n {{ $labels.namespace }} logs -l app.kubernetes.io/name=fluxmonitoring-operator --tail=100`.",
}}
