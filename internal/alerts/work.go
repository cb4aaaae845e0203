package alerts

import "github.com/fluxmonitoring/operator/internal/query"

// workAlerts are about controllers that run, and the work that does not get done.
var workAlerts = []alert{{
	name:          "FluxControllerNotReconciling",
	group:         ControlPlaneGroup,
	query:         query.ControllerNotReconciling,
	pendingFor:    "15m",
	severity:      Critical,
	perController: true,
	enabledFor:    hasScheduledWork,
	tune:          tuneWindow,
	summary:       "{{ $labels.app }} has stopped reconciling.",
	description: "Changes do not reach the cluster through {{ $labels.app }} in namespace {{ $labels.namespace }}: it has objects, but " +
		"has reconciled none for $window. Read its log: `kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} --tail=100`.",
}, {
	name:     "FluxReconcilePanic",
	group:    ControlPlaneGroup,
	query:    query.Panics,
	limit:    above(query.PanicsLimit),
	severity: Warning,
	summary:  "{{ $labels.app }} panics.",
	description: "At least one object is not fully reconciled: controller {{ $labels.controller }} in {{ $labels.app }} panicked. Find " +
		"the object in the log: `kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} --tail=-1 | grep -i panic`.",
}, {
	name:          "FluxReconcileStuck",
	group:         ControlPlaneGroup,
	query:         query.LongestReconcile,
	limit:         above(query.LongestReconcileLimit),
	tune:          tuneThreshold,
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Warning,
	summary:       "A reconciliation in {{ $labels.app }} does not end.",
	description: "A worker is blocked: a reconciliation of {{ $labels.name }} in {{ $labels.app }} has been running for " +
		"{{ $value | humanizeDuration }}. Find its object: `flux get all -A --status-selector ready=unknown`.",
}, {
	name:          "FluxWorkqueueLatencyHigh",
	group:         ControlPlaneGroup,
	query:         query.QueueSeconds,
	limit:         above(query.QueueSecondsLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "{{ $labels.app }} reconciles objects late.",
	description: "Changes arrive late: one in twenty objects waits {{ $value | humanizeDuration }} or longer for a worker of " +
		"{{ $labels.name }} in {{ $labels.app }}. More workers can help. See how many --concurrent sets, if it is there: " +
		"`kubectl -n {{ $labels.namespace }} get pods -l app={{ $labels.app }} -o jsonpath='{..args}'`.",
}}
