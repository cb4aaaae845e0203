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
	description: "Nothing reconciles the objects of {{ $labels.app }}: none of its pods in namespace {{ $labels.namespace }} answers " +
		"Prometheus. If the pods run, only the scrape fails. See the pods: `kubectl -n {{ $labels.namespace }} get pods -l " +
		"app={{ $labels.app }}`.",
}, {
	name:          "FluxControllerNotActive",
	group:         ControlPlaneGroup,
	query:         query.ControllerNotActive,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Critical,
	summary:       "{{ $labels.app }} is up but not active.",
	description: "Nothing may reconcile the objects of {{ $labels.app }} in namespace {{ $labels.namespace }}: the controller waits to become " +
		"leader, or the scrape drops its metrics. Read its log: `kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} " +
		"--tail=50`.",
}, {
	name:     "FluxControllerRestarting",
	group:    ControlPlaneGroup,
	query:    query.Restarts,
	limit:    above(query.RestartsLimit),
	severity: Warning,
	summary:  "{{ $labels.app }} keeps restarting.",
	description: "Pod {{ $labels.namespace }}/{{ $labels.pod }} restarted {{ $value }} times within an hour, and reconciles nothing " +
		"until it has started. See why its last container ended: `kubectl -n {{ $labels.namespace }} describe pods {{ $labels.pod }}`.",
}, {
	name:          "FluxControllerMemoryHigh",
	group:         ControlPlaneGroup,
	query:         query.MemoryRatio,
	limit:         above(query.MemoryRatioLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "{{ $labels.app }} is close to its memory limit.",
	description: "Kubernetes may kill pod {{ $labels.namespace }}/{{ $labels.pod }}: it uses {{ $value | humanizePercentage }} of its " +
		"memory limit. Raise the limit, or lower --concurrent of the controller. See the limit: `kubectl -n {{ $labels.namespace }} " +
		"describe pods {{ $labels.pod }}`.",
}, {
	name:          "FluxControllerAPIErrors",
	group:         ControlPlaneGroup,
	query:         query.APIErrorRatio,
	limit:         above(query.APIErrorRatioLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "{{ $labels.app }} gets errors from the API server.",
	description: "Flux reconciles objects late or not at all: {{ $value | humanizePercentage }} of the requests of {{ $labels.app }} " +
		"in namespace {{ $labels.namespace }} to {{ $labels.host }} get no answer, 429 or 5xx. See whether the API server is healthy: " +
		"`kubectl get --raw '/readyz?verbose'`.",
}, {
	name:          "FluxReceiverWebhookErrors",
	group:         ControlPlaneGroup,
	query:         query.ReceiverWebhookErrors,
	limit:         above(query.ReceiverWebhookErrorsLimit),
	pendingFor:    "15m",
	keepFiringFor: "15m",
	severity:      Warning,
	summary:       "{{ $labels.app }} fails to handle webhooks.",
	description: "Changes arrive only at each source's interval: {{ $labels.app }} in namespace {{ $labels.namespace }} answers " +
		"webhooks with {{ $labels.code }}. See why: `kubectl -n {{ $labels.namespace }} logs -l app={{ $labels.app }} --tail=100`.",
}}
