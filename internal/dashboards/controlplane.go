package dashboards

import (
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// controlPlane is about Flux's controllers.
var controlPlane = definition{
	name:        "flux-control-plane",
	title:       "Flux Control Plane",
	description: "Flux's controllers: whether they run, what they use, and whether they keep up with their work.",
	from:        "now-15m",
	chooses:     []choice{byCluster, byOperatorNamespace},
	unless:      func(p Params) bool { return !p.Exposes("up") }, // no controller is scraped
	rows: func(p Params) []row {
		return []row{
			{panels: overview(p)},
			{title: "Resource Usage", panels: usage(p)},
			{title: "Reconciliation Stats", panels: reconciliation(p)},
			{title: "Work Queues", panels: queues(p)},
			{title: "Sources Stats", panels: sourceStats(p)},
			{title: "Helm Stats", panels: helmStats(p)},
			{title: "Image Stats", panels: imageStats(p)},
			{title: "Notification Stats", panels: notificationStats(p)},
		}
	},
}

func overview(p Params) []panel {
	return []panel{
		stat("Controllers", unitCount,
			"Controllers that answer Prometheus. Fewer than are installed: see their pods with "+
				"`kubectl -n <flux namespace> get pods`.",
			below(float64(len(p.Flux.Apps()))), query.ControllersUpCount),
		stat("Max Work Queue", unitCount,
			"Objects in the longest queue. A queue that stays long means that changes arrive late: see Work Queues.",
			beyond(100, orange), query.QueueDepthMax),
		stat("Memory", unitBytes,
			"Memory of all controllers together. Judge each against its limit under Resource Usage.",
			neutral(), query.MemoryTotal),
		stat("API Requests", unitReqSec,
			"Requests to Kubernetes API servers. Much more than usual loads the API server: see which controller it is "+
				"below, and give its objects longer intervals.",
			neutral(), query.APIRequestsTotal),
		lines("Kubernetes API Requests", unitReqSec,
			"Requests to Kubernetes API servers, and those that failed: answered by 429 or 5xx, or not answered. Errors "+
				"that last mean an API server that is overloaded or not reachable.",
			series{query: query.APIRequestsTotal, legend: "all"}, series{query: query.APIErrors, legend: "failed"}),
		lines("Kubernetes API Error Ratio", unitShare,
			"Share of requests that failed, by controller and API server. Beyond the line FluxControllerAPIErrors fires. "+
				"Ask the server with `kubectl get --raw '/readyz?verbose'`.",
			series{query: query.APIErrorRatio, legend: "{{cluster}} {{app}} {{host}}"}).limited(p, "FluxControllerAPIErrors"),
		timeline("Controllers Up",
			"1 if a pod of the controller answers Prometheus. If none does, FluxControllerDown fires: see the pods of the "+
				"controller with `kubectl -n <flux namespace> describe pods -l app=<controller>`.",
			answering(), series{query: query.ControllersUp, legend: "{{cluster}} {{app}}"}).wide(12).high(8),
		lines("Kubernetes API Requests by Controller", unitReqSec,
			"Requests to Kubernetes API servers by controller. The highest line is who loads the server.",
			series{query: query.APIRequests, legend: "{{cluster}} {{app}}"}),
		lines("Kubernetes API Throttling", unitReqSec,
			"Requests that an API server answered with 429, too many requests, by controller and server. Anything above zero that "+
				"lasts slows Flux down: raise the limits of its API priority level, or lower --concurrent.",
			series{query: query.APIThrottled, legend: "{{cluster}} {{app}} {{host}}"}),
	}
}

func usage(p Params) []panel {
	return []panel{
		lines("CPU Usage", unitCPUCores,
			"Cores used by each controller. A controller at its CPU limit falls behind: raise the limit or lower "+
				"--concurrent.",
			series{query: query.CPU, legend: "{{cluster}} {{app}}"}),
		lines("Memory Usage", unitBytes,
			"Resident memory of each controller. A line that only ever rises will be cut by the limit: report it with a "+
				"heap profile.",
			series{query: query.Memory, legend: "{{cluster}} {{app}}"}),
		lines("Memory against Limit", unitShare,
			"Share of its memory limit each pod uses. Beyond the line FluxControllerMemoryHigh fires, and the pod may be "+
				"killed: raise the limit or lower --concurrent.",
			series{query: query.MemoryRatio, legend: "{{cluster}} {{pod}}"}).limited(p, "FluxControllerMemoryHigh"),
		lines("Restarts", unitCount,
			"Restarts within the hour before. Beyond the line FluxControllerRestarting fires: read "+
				"`kubectl -n <flux namespace> logs <pod> --previous`.",
			series{query: query.Restarts, legend: "{{cluster}} {{pod}}"}).limited(p, "FluxControllerRestarting"),
	}
}

func reconciliation(p Params) []panel {
	reconcilers := p.KindsOf(flux.RoleReconciler)
	return []panel{
		lines("Cluster Reconciliation Duration", unitSeconds,
			"Mean duration of applying, by kind. Longer than usual: see the slowest objects on Flux Cluster Stats.",
			series{query: of(query.ReconciliationSeconds, reconcilers), legend: "{{cluster}} {{kind}}"}).
			onlyIf(len(reconcilers) > 0),
		lines("Cluster Reconciliations ops/min", unitOpsMin,
			"Reconciliations a minute by kind, failed ones included. At zero nothing is applied; when all kinds stay at "+
				"zero, FluxControllerNotReconciling fires.",
			series{query: of(query.ReconciliationsByKind, reconcilers), legend: "{{cluster}} {{kind}}"}).
			onlyIf(len(reconcilers) > 0).stacked(),
		lines("Objects Not Ready", unitCount,
			"Objects that are not ready and not suspended, by kind. Each that stays so is a "+
				"ReconciliationFailure: find them on Flux Cluster Stats.",
			series{query: query.NotReadyByKind, legend: "{{cluster}} {{kind}}"}).stacked().saying("Everything is ready"),
		lines("Reconciliations with an Error ops/min", unitOpsMin,
			"Reconciliations a minute that returned an error. Steady errors mean failing objects; but a failed "+
				"Kustomization returns none, so zero does not mean that all is well.",
			series{query: query.ReconciliationErrors, legend: "{{cluster}} {{controller}}"}),
		lines("Panics", unitCount,
			"Panics within the quarter of an hour before. Above 0 FluxReconcilePanic fires: read the log and report it.",
			series{query: query.Panics, legend: "{{cluster}} {{controller}}"}).limited(p, "FluxReconcilePanic"),
		heat("How Long Reconciliations Take",
			"How many reconciliations of all controllers took how long; the legend says which colour is how many. A band that moves up is a control plane "+
				"that becomes slower; look at Resource Usage and Work Queues for why.",
			query.ControllerSecondsBuckets),
	}
}

func queues(p Params) []panel {
	return []panel{
		lines("Work Queue Depth", unitCount,
			"Objects that wait for a worker. A queue that does not empty needs more workers (--concurrent) or longer "+
				"intervals.",
			series{query: query.QueueDepth, legend: "{{cluster}} {{app}} {{name}}"}),
		lines("Time in Work Queue", unitSeconds,
			"95th percentile of the time objects wait for a worker. Beyond the line FluxWorkqueueLatencyHigh fires: raise "+
				"--concurrent.",
			series{query: query.QueueSeconds, legend: "{{cluster}} {{app}} {{name}}"}).limited(p, "FluxWorkqueueLatencyHigh"),
		lines("Busy Workers", unitShare,
			"Share of workers that are busy. If it stays at 100 %, objects wait for a worker: see Time in Work Queue.",
			series{query: query.WorkerLoad, legend: "{{cluster}} {{app}} {{controller}}"}),
		lines("Longest Reconciliation", unitSeconds,
			"How long the longest running reconciliation has taken so far. Beyond the line FluxReconcileStuck fires: it "+
				"holds a worker and will not end.",
			series{query: query.LongestReconcile, legend: "{{cluster}} {{app}} {{name}}"}).limited(p, "FluxReconcileStuck"),
	}
}

// perKind is the reconciliations of one kind, all of them and those that returned an error.
func perKind(p Params, kind, title string) panel {
	return lines(title+" ops/min", unitOpsMin,
		"Reconciliations of "+kind+" a minute, and those that returned an error. Errors that last mean failing objects: "+
			"see which with `flux get all -A --status-selector ready=false`.",
		series{query: of(query.ReconciliationsByKind, []string{kind}), legend: "{{cluster}} all"},
		series{query: by(query.ReconciliationErrors, kind), legend: "{{cluster}} failed"}).
		onlyIf(p.Reconciles(kind))
}

func sourceStats(p Params) []panel {
	return []panel{
		perKind(p, "GitRepository", "Git Repositories"),
		perKind(p, "OCIRepository", "OCI Repositories"),
		perKind(p, "HelmRepository", "Helm Repositories"),
		perKind(p, "Bucket", "Buckets"),
	}
}

func helmStats(p Params) []panel {
	const kind = "HelmRelease"
	return []panel{
		lines("Helm Release Duration", unitSeconds,
			"How long reconciling a release takes: half, nine in ten and all but one in a hundred are faster. Long tails "+
				"are releases that wait for their pods or their hooks.",
			series{query: by(query.ControllerSecondsMedian, kind), legend: "{{cluster}} p50"},
			series{query: by(query.ControllerSecondsP90, kind), legend: "{{cluster}} p90"},
			series{query: by(query.ControllerSecondsP99, kind), legend: "{{cluster}} p99"}).
			onlyIf(p.Reconciles(kind)),
		perKind(p, kind, "Helm Releases"),
		perKind(p, "HelmChart", "Helm Charts"),
	}
}

func imageStats(p Params) []panel {
	kinds := p.KindsOf(flux.RoleImage)
	return []panel{
		lines("Image Automation ops/min", unitOpsMin,
			"Reconciliations a minute of the image controllers. At zero new images are not found or not written to Git.",
			series{query: by(query.ReconciliationsByController, kinds...), legend: "{{cluster}} {{controller}}"}).
			onlyIf(len(kinds) > 0),
	}
}

func notificationStats(p Params) []panel {
	requests := func(title, description string, q query.Query) panel {
		return lines(title, unitOpsMin, description, series{query: q, legend: "{{cluster}} {{code}}"}).stacked().
			saying("None yet")
	}
	return []panel{
		lines("Webhooks That Failed", unitReqSec,
			"Webhook calls a second that Flux itself failed to handle, by status code. Above the line FluxReceiverWebhookErrors fires: read "+
				"the log of notification-controller.",
			series{query: query.ReceiverWebhookErrors, legend: "{{cluster}} {{code}}"}).
			limited(p, "FluxReceiverWebhookErrors").saying("No call failed"),
		requests("Webhooks Received",
			"Webhook calls a minute by status code. 5xx are Flux's own failures and fire FluxReceiverWebhookErrors; 4xx are calls "+
				"it refused, such as a wrong token or a path it does not know.", query.ReceiverRequests),
		requests("Events Received",
			"Events a minute the controllers handed over, by status code. 429 are duplicates held back; 5xx mean that "+
				"notifications are lost.", query.EventRequests),
	}
}
