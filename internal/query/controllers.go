package query

// The controllers themselves. The limits are those of alerts and of the lines in their panels.
const (
	// RestartsLimit is how many restarts within an hour are too many.
	RestartsLimit = 3
	// MemoryRatioLimit is the share of the memory limit above which the kernel may soon kill the controller.
	MemoryRatioLimit = 0.9
	// PanicsLimit is how many panics are tolerable.
	PanicsLimit = 0
	// LongestReconcileLimit is how many seconds one reconciliation may take. Flux's own timeouts are far shorter.
	LongestReconcileLimit = 3600
	// QueueSecondsLimit is how many seconds an object may wait for a worker.
	QueueSecondsLimit = 300
	// APIErrorRatioLimit is the share of API requests that may fail.
	APIErrorRatioLimit = 0.1
	// ReceiverWebhookErrorsLimit is how many failed webhook calls a second are tolerable.
	ReceiverWebhookErrorsLimit = 0
)

var (
	// Up is 1 for each target that answered its last scrape.
	Up = New(`up`)

	// Reconciled is one series for each object ever reconciled; dashboards list namespaces by it.
	Reconciled = New(`gotk_reconcile_duration_seconds_count`)

	// ControllerDown is 1 when no pod answers. It has no labels: narrow it to one controller by the label app, or to this operator by its
	// job.
	ControllerDown = New(`absent(up == 1)`)

	// ControllersUp is 1 for each controller with a pod that answers, else 0.
	ControllersUp = New(`max by (cluster, namespace, app) (up)`)

	// ControllersUpCount is the number of controllers with a pod that answers.
	ControllersUpCount = New(`count(group by (cluster, namespace, app) (up == 1))`).OrZero()

	// ControllerNotActive has the controllers that answer and in which nothing has started: the pods wait for the lease of the leader, or
	// the scrape drops what they export.
	ControllerNotActive = New(`
		max by (cluster, namespace, app) (up == 1)
		unless on (cluster, namespace, app)
		group by (cluster, namespace, app) (controller_runtime_max_concurrent_reconciles)`)

	// Restarts is how often a controller's process restarted in the same pod.
	Restarts = New(`max by (cluster, namespace, app, pod) (changes(process_start_time_seconds[1h]))`)

	// CPU is the number of cores a controller uses.
	CPU = New(`sum by (cluster, namespace, app) (rate(process_cpu_seconds_total[5m]))`)

	// Memory is a controller's resident memory in bytes.
	Memory = New(`sum by (cluster, namespace, app) (process_resident_memory_bytes)`)

	// MemoryTotal is the controllers' resident memory in bytes.
	MemoryTotal = New(`sum(process_resident_memory_bytes)`).OrZero()

	// MemoryRatio is the share of its memory limit that a controller's pod uses. Without a limit it is almost 0.
	MemoryRatio = New(`
		max by (cluster, namespace, app, pod) (process_resident_memory_bytes / (go_gc_gomemlimit_bytes > 0))`)

	// Panics is the number of panics caught in a controller's reconciliations.
	Panics = New(`sum by (cluster, namespace, app, controller) (increase(controller_runtime_reconcile_panics_total[15m]))`)

	// LongestReconcile is how many seconds the longest running reconciliation of a queue has taken so far.
	LongestReconcile = New(`max by (cluster, namespace, app, name) (workqueue_longest_running_processor_seconds)`)

	// QueueDepth is the number of objects that wait for a worker.
	QueueDepth = New(`sum by (cluster, namespace, app, name) (workqueue_depth)`)

	// QueueDepthMax is the number of objects in the longest queue.
	QueueDepthMax = New(`max(sum by (cluster, namespace, app, name) (workqueue_depth))`).OrZero()

	// QueueSeconds is the 95th percentile of the seconds objects waited for a worker. A queue in which nothing waited has none.
	QueueSeconds = quantile(0.95, `sum by (cluster, namespace, app, name, le) (rate(workqueue_queue_duration_seconds_bucket[15m]))`)

	// WorkerLoad is the share of a controller's workers that were busy.
	WorkerLoad = New(`
		sum by (cluster, namespace, app, controller) (avg_over_time(controller_runtime_active_workers[15m]))
		/
		(sum by (cluster, namespace, app, controller) (controller_runtime_max_concurrent_reconciles) > 0)`)

	// APIRequests is the number of requests a second to Kubernetes API servers.
	APIRequests = New(`sum by (cluster, namespace, app) (rate(rest_client_requests_total[5m]))`)

	// APIRequestsTotal is APIRequests over all controllers.
	APIRequestsTotal = New(`sum(rate(rest_client_requests_total[5m]))`).OrZero()

	// APIErrors is the number of requests a second that failed: answered by 429 or 5xx, or not answered.
	APIErrors = New(`sum(rate(rest_client_requests_total{code=~"5..|429|<error>"}[5m]))`).OrZero()

	// APIThrottled is the number of requests a second that an API server refused because there were too many.
	APIThrottled = New(`
		sum by (cluster, namespace, app, host) (rate(rest_client_requests_total{code="429"}[5m]))
		or
		0 * sum by (cluster, namespace, app, host) (rate(rest_client_requests_total[5m]))`)

	// APIErrorRatio is the share of requests to an API server that failed; 0 before the first failure, when there is no series of failed
	// ones.
	APIErrorRatio = New(`
		(
			sum by (cluster, namespace, app, host) (rate(rest_client_requests_total{code=~"5..|429|<error>"}[15m]))
			or
			0 * sum by (cluster, namespace, app, host) (rate(rest_client_requests_total[15m]))
		)
		/
		(sum by (cluster, namespace, app, host) (rate(rest_client_requests_total[15m])) > 0)`)

	// ReceiverWebhookErrors is the number of webhook calls a second that Flux failed to handle. It does not count refused calls (4xx),
	// which anyone who knows the address can cause.
	ReceiverWebhookErrors = New(`
		sum by (cluster, namespace, app, code) (
			rate(gotk_receiver_http_request_duration_seconds_count{code=~"5.."}[15m]))`)

	// ReceiverRequests is the number of webhook calls a minute by status code.
	ReceiverRequests = New(`
		60 * sum by (cluster, code) (rate(gotk_receiver_http_request_duration_seconds_count[5m]))`)

	// EventRequests is the number of events a minute that the controllers send to notification-controller, by status code.
	EventRequests = New(`60 * sum by (cluster, code) (rate(gotk_event_http_request_duration_seconds_count[5m]))`)
)
