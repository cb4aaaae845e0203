package alerts

import "github.com/fluxmonitoring/operator/internal/query"

// MonitoringGroup is the name of the group of alerts about what the other alerts stand on.
const MonitoringGroup = "FluxMonitoring"

// monitoringAlerts are about the monitoring itself: that nothing is heard of Flux does not mean that Flux is well.
var monitoringAlerts = []alert{{
	name:           "FluxResourceMetricsAbsent",
	group:          MonitoringGroup,
	query:          query.StateMissing,
	pendingFor:     "15m",
	severity:       Critical,
	ofInstallation: true,
	summary:        "Nothing tells Prometheus the state of Flux objects.",
	description: "No metric about the objects of the Flux in namespace {{ $labels.namespace }} has arrived for a quarter of an hour: Flux " +
		"may be well, but no alert about its objects can fire. See what should tell their state, and whether it does, with " +
		"`kubectl get fluxmonitorings -A -o wide` and `kubectl describe fluxmonitorings -A`.",
}, {
	name:           "FluxExporterIncomplete",
	group:          MonitoringGroup,
	query:          query.Incomplete,
	limit:          above(query.IncompleteLimit),
	pendingFor:     "15m",
	keepFiringFor:  "5m",
	severity:       Warning,
	ofInstallation: true,
	summary:        "The exporter does not tell of every {{ $labels.kind }}.",
	description: "Objects of kind {{ $labels.kind }} are left out by the exporter: it may not read them, or there would be more series than " +
		"its --max-series. No alert about them can fire. The condition ResourceMetrics says which it is: " +
		"`kubectl describe fluxmonitorings -A`.",
}, {
	name:          "FluxMonitoringNotReady",
	group:         MonitoringGroup,
	query:         query.NotReadyMonitorings,
	kind:          "FluxMonitoring",
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	labels:        ofOwner,
	summary:       "FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready.",
	description: "What FluxMonitoring {{ $labels.exported_namespace }}/{{ $labels.name }} asks for is not, or not wholly, in the cluster: " +
		"scrapes, alerts or dashboards may be missing or old. Its conditions say why: " +
		"`kubectl -n {{ $labels.exported_namespace }} describe fluxmonitoring {{ $labels.name }}`.",
}}
