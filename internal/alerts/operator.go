package alerts

import (
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// ofUnreconciled are the labels of an alert about a FluxMonitoring that the operator's own metrics name.
var ofUnreconciled = merged(ofOwner, map[string]string{flux.LabelKind: monitoringKind})

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
	description: "Changes to FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }} are not in the cluster, and its " +
		"conditions are old. Compare its labels with the --watch-label-selector of each operator: `kubectl -n " +
		"{{ $labels.exported_namespace }} get fluxmonitorings.fluxmonitoring.dev {{ $labels.name }} -o yaml`.",
}, {
	name:          "FluxMonitoringNotEffective",
	group:         MonitoringGroup,
	query:         query.Ineffective,
	pendingFor:    "30m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	labels:        ofUnreconciled,
	summary:       "FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }}: {{ $labels.type }} is False.",
	description: "Metrics, alerts or notifications of Flux are missing, although FluxMonitoring {{ $labels.exported_namespace }}/" +
		"{{ $labels.name }} may be ready. See the message of its condition {{ $labels.type }}: `kubectl -n " +
		"{{ $labels.exported_namespace }} describe fluxmonitorings.fluxmonitoring.dev {{ $labels.name }}`.",
}, {
	name:          "FluxMonitoringOperatorDown",
	group:         MonitoringGroup,
	query:         query.ControllerDown,
	pendingFor:    "10m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "The FluxMonitoring operator is down.",
	description: "Nobody updates or restores rules and dashboards. If the operator exports the state of Flux objects, no alert " +
		"about these objects can fire. If its pods run, only the scrape fails. See the pods: `kubectl -n {{ $labels.namespace }} get pods -l " +
		"app.kubernetes.io/name=fluxmonitoring-operator`.",
}, {
	name:          "FluxMonitoringOperatorNotReady",
	group:         MonitoringGroup,
	query:         query.OperatorUnready,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "Operator pod {{ $labels.pod }} is not ready.",
	description: "The pod applies no changes, and conditions of FluxMonitorings may be old: it lacks a permission, or the API server " +
		"does not answer. Its log names what it cannot read: `kubectl -n {{ $labels.namespace }} logs {{ $labels.pod }} --tail=100`.",
}, {
	name:          "FluxMonitoringOperatorNoLeader",
	group:         MonitoringGroup,
	query:         query.Leaderless,
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "No pod of the FluxMonitoring operator is the leader.",
	description: "Nobody reconciles the FluxMonitorings of this operator: none of its pods in namespace {{ $labels.namespace }} holds " +
		"Lease {{ $labels.name }}. See who holds it: `kubectl -n {{ $labels.namespace }} get leases.coordination.k8s.io " +
		"{{ $labels.name }}`.",
}, {
	name:          "FluxMonitoringOperatorFailing",
	group:         MonitoringGroup,
	query:         query.ReconciliationErrors,
	limit:         above(query.OperatorErrorsLimit),
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "Reconciliations of the FluxMonitoring operator fail.",
	description: "Generated objects and conditions may be old: reconciliations of controller {{ $labels.controller }} in namespace " +
		"{{ $labels.namespace }} keep ending in errors. The log names the errors: `kubectl -n " +
		"{{ $labels.namespace }} logs -l app.kubernetes.io/name=fluxmonitoring-operator --tail=-1 | grep -i error`.",
}, {
	name:       "FluxMonitoringOperatorPanic",
	group:      MonitoringGroup,
	query:      query.Panics,
	limit:      above(query.OperatorPanicsLimit),
	severity:   Warning,
	ofOperator: true,
	summary:    "The FluxMonitoring operator panics.",
	description: "At least one resource is not fully reconciled: controller {{ $labels.controller }} in namespace " +
		"{{ $labels.namespace }} panicked. The log names the resource: `kubectl -n {{ $labels.namespace }} logs -l " +
		"app.kubernetes.io/name=fluxmonitoring-operator --tail=-1 | grep -i panic`.",
}, {
	name:          "FluxMonitoringOperatorBackedUp",
	group:         MonitoringGroup,
	query:         query.QueueDepth,
	limit:         above(query.OperatorQueueLimit),
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "The FluxMonitoring operator does not keep up.",
	description: "Changes are reconciled late: queue {{ $labels.name }} in namespace {{ $labels.namespace }} does not " +
		"empty ({{ $value }} in it now). See what changes all the time, or is slow: `kubectl -n " +
		"{{ $labels.namespace }} logs -l app.kubernetes.io/name=fluxmonitoring-operator --tail=100`.",
}, {
	name:          "FluxMonitoringOperatorStuck",
	group:         MonitoringGroup,
	query:         query.LongestReconcile,
	limit:         above(query.OperatorReconcileLimit),
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofOperator:    true,
	summary:       "A reconciliation of the FluxMonitoring operator does not end.",
	description: "One resource and one worker wait: a reconciliation of queue {{ $labels.name }} in namespace {{ $labels.namespace }} " +
		"has been running for {{ $value | humanizeDuration }}. The API server or a webhook may not answer. Read the log: `kubectl -n " +
		"{{ $labels.namespace }} logs -l app.kubernetes.io/name=fluxmonitoring-operator --tail=100`.",
}}
