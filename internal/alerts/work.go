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
	description: "{{ $labels.app }} in namespace {{ $labels.namespace }} answers and has objects, but has reconciled none for $window, " +
		"twice the longest interval of any. Nothing new reaches the cluster through it. See what is suspended and when it last " +
		"ran with `flux get all -A`, then read its log with " +
		"`kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} --tail=100`.",
}, {
	name:     "FluxReconcilePanic",
	group:    ControlPlaneGroup,
	query:    query.Panics,
	limit:    above(query.PanicsLimit),
	severity: Warning,
	summary:  "{{ $labels.app }} panics.",
	description: "Controller {{ $labels.controller }} in {{ $labels.app }} panicked while it reconciled. An object is not " +
		"reconciled, or not wholly. Find it with " +
		"`kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} --tail=-1 | grep -i panic`.",
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
	description: "A reconciliation of {{ $labels.name }} in {{ $labels.app }} has been running for " +
		"{{ $value | humanizeDuration }} and holds a worker. Find the object that is being reconciled with " +
		"`flux get all -A --status-selector ready=unknown`.",
}, {
	name:          "FluxWorkqueueLatencyHigh",
	group:         ControlPlaneGroup,
	query:         query.QueueSeconds,
	limit:         above(query.QueueSecondsLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "Objects wait long in {{ $labels.app }}.",
	description: "One in twenty objects waits {{ $value | humanizeDuration }} or longer for a worker of {{ $labels.name }} in " +
		"{{ $labels.app }}; changes arrive that much later. See how many workers it has with " + flags,
}}
