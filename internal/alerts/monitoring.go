package alerts

import "github.com/fluxmonitoring/operator/internal/query"

// MonitoringGroup is the name of the group of alerts about what the other alerts stand on.
const MonitoringGroup = "FluxMonitoring"

// monitoringKind is the kind of the operator's own resource.
const monitoringKind = "FluxMonitoring"

// monitoringAlerts are about the monitoring itself: that nothing is heard of Flux does not mean that Flux is well.
var monitoringAlerts = []alert{{
	name:           "FluxResourceMetricsAbsent",
	group:          MonitoringGroup,
	query:          query.StateMissing,
	pendingFor:     "15m",
	severity:       Critical,
	ofInstallation: true,
	summary:        "No metrics source exports the state of Flux objects.",
	description: "No alert about the objects of the Flux in namespace {{ $labels.namespace }} can fire: Prometheus has no metric " +
		"of their state. See the condition ResourceMetrics: " + describeMonitorings,
}, {
	name:           "FluxExporterIncomplete",
	group:          MonitoringGroup,
	query:          query.Incomplete,
	limit:          above(query.IncompleteLimit),
	pendingFor:     "15m",
	keepFiringFor:  "5m",
	severity:       Warning,
	ofInstallation: true,
	summary:        "The exporter omits objects of kind {{ $labels.kind }}.",
	description: "No alert about the omitted objects can fire: the exporter cannot read kind {{ $labels.kind }}, or has reached " +
		"--max-series. See the condition ResourceMetrics: " + describeMonitorings,
}, {
	name:          "FluxMonitoringNotReady",
	group:         MonitoringGroup,
	query:         query.NotReadyMonitorings,
	kind:          monitoringKind,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       "FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready.",
	description: "Scrapes, alerts or dashboards of FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }} may be missing " +
		"or old. See its conditions: `kubectl -n {{ $labels.exported_namespace }} describe fluxmonitorings.fluxmonitoring.dev " +
		"{{ $labels.name }}`.",
}}
