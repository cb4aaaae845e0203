package alerts

import "github.com/fluxmonitoring/operator/internal/query"

// ControlPlaneGroup is the name of the group of alerts about Flux's controllers. What there is a rule of for each controller is in a group of
// the controller, whose name is this with a hyphen and the controller's label app.
const ControlPlaneGroup = "FluxControlPlane"

// controllerAlerts are about controllers that do not run, or not well.
var controllerAlerts = []alert{{
	name:          "FluxControllerDown",
	group:         ControlPlaneGroup,
	query:         query.ControllerDown,
	pendingFor:    "5m",
	keepFiringFor: "5m",
	severity:      Critical,
	perController: true,
	summary:       "{{ $labels.app }} is down.",
	description: "No pod of {{ $labels.app }} in namespace {{ $labels.namespace }} answers Prometheus. " +
		"What it reconciles stays as it is. See its pods with " +
		"`kubectl -n {{ $labels.namespace }} get pods -l app={{ $labels.app }}`; if they run, the scrape itself fails.",
}, {
	name:          "FluxControllerNotActive",
	group:         ControlPlaneGroup,
	query:         query.ControllerNotActive,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Critical,
	summary:       "{{ $labels.app }} answers but does not work.",
	description: "{{ $labels.app }} in namespace {{ $labels.namespace }} answers Prometheus, but nothing in it has started: " +
		"it waits to become leader, or the scrape drops its metrics. Read its log with " +
		"`kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} --tail=50`.",
}, {
	name:     "FluxControllerRestarting",
	group:    ControlPlaneGroup,
	query:    query.Restarts,
	limit:    above(query.RestartsLimit),
	severity: Warning,
	summary:  "{{ $labels.app }} restarts again and again.",
	description: "Pod {{ $labels.namespace }}/{{ $labels.pod }} restarted {{ $value }} times within an hour. See why its last " +
		"container ended with `kubectl -n {{ $labels.namespace }} describe pod {{ $labels.pod }}` and what it said with " +
		"`kubectl -n {{ $labels.namespace }} logs {{ $labels.pod }} --previous`.",
}, {
	name:          "FluxControllerMemoryHigh",
	group:         ControlPlaneGroup,
	query:         query.MemoryRatio,
	limit:         above(query.MemoryRatioLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "{{ $labels.app }} is close to its memory limit.",
	description: "Pod {{ $labels.namespace }}/{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory limit and " +
		"may be killed. See its limit with `kubectl -n {{ $labels.namespace }} describe pod {{ $labels.pod }}`, then raise it " +
		"or lower the controller's --concurrent.",
}, {
	name:          "FluxControllerAPIErrors",
	group:         ControlPlaneGroup,
	query:         query.APIErrorRatio,
	limit:         above(query.APIErrorRatioLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "{{ $labels.app }} gets errors from the API server {{ $labels.host }}.",
	description: "{{ $value | humanizePercentage }} of the requests of {{ $labels.app }} in namespace {{ $labels.namespace }} to " +
		"{{ $labels.host }} fail: no answer, 429 or 5xx. See what the server says of itself with `kubectl get --raw '/readyz?verbose'`.",
}, {
	name:          "FluxReceiverWebhookErrors",
	group:         ControlPlaneGroup,
	query:         query.ReceiverWebhookErrors,
	limit:         above(query.ReceiverWebhookErrorsLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "Flux fails to handle incoming webhooks.",
	description: "{{ $labels.app }} in namespace {{ $labels.namespace }} answers webhooks with {{ $labels.code }}. Changes still " +
		"arrive, but only at each source's interval. See the reason with `flux get receivers -A` and " +
		"`kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} --tail=100`.",
}}
