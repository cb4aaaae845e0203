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
			{title: "Resource usage", panels: usage(p)},
			{title: "Reconciliations", panels: reconciliation(p)},
			{title: "Work queues", panels: queues(p)},
			{title: "Sources", panels: sourceStats(p)},
			{title: "Helm", panels: helmStats(p)},
			{title: "Image automation", panels: imageStats(p)},
			{title: "Notifications", panels: notificationStats(p)},
		}
	},
}

func overview(p Params) []panel {
	return []panel{
		stat("Controllers", unitCount,
			"Controllers that answer Prometheus. If they are fewer than you have installed, look at their pods: `kubectl -n <flux namespace> get pods`.",
			below(float64(len(p.Flux.Apps()))), query.ControllersUpCount),
		stat("Longest work queue", unitCount,
			"Objects in the longest work queue. If the queue stays long, changes arrive late. See Work queues.",
			beyond(100, orange), query.QueueDepthMax),
		stat("Memory", unitBytes,
			"Memory of all controllers together. Compare each controller with its limit under Resource usage.",
			neutral(), query.MemoryTotal),
		stat("API requests", unitReqSec,
			"Requests to Kubernetes API servers. If they are many more than usual, find the controller below, and give its objects longer intervals.",
			neutral(), query.APIRequestsTotal),
		lines("Kubernetes API requests", unitReqSec,
			"Requests to Kubernetes API servers, and failed requests: those with the answer 429 or 5xx, or with no answer. If errors last, an API server "+
				"is overloaded or not reachable.",
			series{query: query.APIRequestsTotal, legend: "all"}, series{query: query.APIErrors, legend: "failed"}),
		lines("Kubernetes API error ratio", unitShare,
			"Share of failed requests, by controller and API server. Above the line FluxControllerAPIErrors fires. Check the server with `kubectl get "+
				"--raw '/readyz?verbose'`.",
			series{query: query.APIErrorRatio, legend: "{{cluster}} {{app}} {{host}}"}).limited(p, "FluxControllerAPIErrors"),
		timeline("Controllers up",
			"1 if a pod of the controller answers Prometheus. If none does, FluxControllerDown fires. Look at the pods of the controller: `kubectl -n "+
				"<flux namespace> describe pods -l app=<controller>`.",
			answering(), series{query: query.ControllersUp, legend: "{{cluster}} {{app}}"}).wide(12).high(8),
		lines("Kubernetes API requests by controller", unitReqSec,
			"Requests to Kubernetes API servers, by controller. The controller with the highest line loads the API server most.",
			series{query: query.APIRequests, legend: "{{cluster}} {{app}}"}),
		lines("Kubernetes API throttling", unitReqSec,
			"Requests that an API server answered with 429, too many requests, by controller and server. If the line stays above zero, Flux is slower. "+
				"Raise the limits of its API priority level, or lower --concurrent.",
			series{query: query.APIThrottled, legend: "{{cluster}} {{app}} {{host}}"}),
	}
}

func usage(p Params) []panel {
	return []panel{
		lines("CPU usage", unitCPUCores,
			"CPU cores that each controller uses. A controller at its CPU limit falls behind. Raise the limit, or lower --concurrent.",
			series{query: query.CPU, legend: "{{cluster}} {{app}}"}),
		lines("Memory usage", unitBytes,
			"Resident memory of each controller. If a line only rises, the kernel will kill the pod at the limit. Report it with a heap profile.",
			series{query: query.Memory, legend: "{{cluster}} {{app}}"}),
		lines("Memory against limit", unitShare,
			"Share of its memory limit that each pod uses. Above the line FluxControllerMemoryHigh fires, and the kernel may kill the pod. Raise the "+
				"limit, or lower --concurrent.",
			series{query: query.MemoryRatio, legend: "{{cluster}} {{pod}}"}).limited(p, "FluxControllerMemoryHigh"),
		lines("Restarts", unitCount,
			"Restarts of each pod within the hour before. Above the line FluxControllerRestarting fires. Read `kubectl -n <flux namespace> logs <pod> "+
				"--previous`.",
			series{query: query.Restarts, legend: "{{cluster}} {{pod}}"}).limited(p, "FluxControllerRestarting"),
	}
}

func reconciliation(p Params) []panel {
	reconcilers := p.KindsOf(flux.RoleReconciler)
	return []panel{
		lines("Duration of reconciliations", unitSeconds,
			"Mean duration of a reconciliation, by kind of reconciler. If it is longer than usual, see the slowest objects on Flux Cluster Stats.",
			series{query: of(query.ReconciliationSeconds, reconcilers), legend: "{{cluster}} {{kind}}"}).
			onlyIf(len(reconcilers) > 0),
		lines("Reconciliations per minute", unitOpsMin,
			"Reconciliations per minute, by kind of reconciler, failed ones included. At zero Flux applies nothing. If all kinds of a controller stay at "+
				"zero, FluxControllerNotReconciling fires.",
			series{query: of(query.ReconciliationsByKind, reconcilers), legend: "{{cluster}} {{kind}}"}).
			onlyIf(len(reconcilers) > 0).stacked(),
		lines("Objects not ready", unitCount,
			"Objects that are neither ready nor suspended, by kind. An alert fires for each object that stays so. Find the objects on Flux Cluster Stats.",
			series{query: query.NotReadyByKind, legend: "{{cluster}} {{kind}}"}).stacked().saying("Everything is ready"),
		lines("Errors per minute", unitOpsMin,
			"Reconciliations per minute that returned an error. If errors last, objects fail. A failed Kustomization returns no error, so objects can fail "+
				"although this panel is at zero.",
			series{query: query.ReconciliationErrors, legend: "{{cluster}} {{controller}}"}),
		lines("Panics", unitCount,
			"Panics within the quarter of an hour before. Above 0 FluxReconcilePanic fires. Read the log of the controller, and report the panic.",
			series{query: query.Panics, legend: "{{cluster}} {{controller}}"}).limited(p, "FluxReconcilePanic"),
		heat("Reconciliations by duration",
			"How many reconciliations of all controllers took how long. The legend has the number of each colour. If a band moves up, the controllers "+
				"become slower. Look at Resource usage and Work queues.",
			query.ControllerSecondsBuckets),
	}
}

func queues(p Params) []panel {
	return []panel{
		lines("Work queue depth", unitCount,
			"Objects that wait for a worker. A queue that does not empty needs more workers (--concurrent) or longer intervals.",
			series{query: query.QueueDepth, legend: "{{cluster}} {{app}} {{name}}"}),
		lines("Time in work queue", unitSeconds,
			"95th percentile of the time for which objects wait for a worker. Above the line FluxWorkqueueLatencyHigh fires. Raise --concurrent.",
			series{query: query.QueueSeconds, legend: "{{cluster}} {{app}} {{name}}"}).limited(p, "FluxWorkqueueLatencyHigh"),
		lines("Busy workers", unitShare,
			"Share of workers that are busy. If it stays at 100 %, objects wait for a worker. See Time in work queue.",
			series{query: query.WorkerLoad, legend: "{{cluster}} {{app}} {{controller}}"}),
		lines("Longest reconciliation", unitSeconds,
			"For how long the longest reconciliation that has not ended has been running. Above the line FluxReconcileStuck fires. The reconciliation "+
				"blocks a worker.",
			series{query: query.LongestReconcile, legend: "{{cluster}} {{app}} {{name}}"}).limited(p, "FluxReconcileStuck"),
	}
}

// perKind is the reconciliations of one kind, all of them and those that returned an error.
func perKind(p Params, kind string) panel {
	return lines(kind+" reconciliations per minute", unitOpsMin,
		"Reconciliations of kind "+kind+" per minute, and those that returned an error. If errors last, objects fail: `flux get all -A "+
			"--status-selector ready=false`.",
		series{query: of(query.ReconciliationsByKind, []string{kind}), legend: "{{cluster}} all"},
		series{query: by(query.ReconciliationErrors, kind), legend: "{{cluster}} with an error"}).
		onlyIf(p.Reconciles(kind))
}

func sourceStats(p Params) []panel {
	return []panel{
		perKind(p, "GitRepository"),
		perKind(p, "OCIRepository"),
		perKind(p, "HelmRepository"),
		perKind(p, "Bucket"),
	}
}

func helmStats(p Params) []panel {
	const kind = "HelmRelease"
	return []panel{
		lines("Duration of HelmReleases", unitSeconds,
			"Half of the reconciliations of a HelmRelease are faster than p50, 90 % are faster than p90, and 99 % are faster than p99. Slow ones wait for "+
				"their pods or hooks.",
			series{query: by(query.ControllerSecondsMedian, kind), legend: "{{cluster}} p50"},
			series{query: by(query.ControllerSecondsP90, kind), legend: "{{cluster}} p90"},
			series{query: by(query.ControllerSecondsP99, kind), legend: "{{cluster}} p99"}).
			onlyIf(p.Reconciles(kind)),
		perKind(p, kind),
		perKind(p, "HelmChart"),
	}
}

func imageStats(p Params) []panel {
	kinds := p.KindsOf(flux.RoleImage)
	return []panel{
		lines("Image reconciliations per minute", unitOpsMin,
			"Reconciliations per minute of the image controllers. At zero Flux does not find new images, or does not write them to Git.",
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
		lines("Failed webhooks", unitReqSec,
			"Webhook calls per second that notification-controller failed to handle, by status code. Above the line FluxReceiverWebhookErrors fires. Read "+
				"the log of notification-controller.",
			series{query: query.ReceiverWebhookErrors, legend: "{{cluster}} {{code}}"}).
			limited(p, "FluxReceiverWebhookErrors").saying("No call failed"),
		requests("Received webhooks",
			"Webhook calls per minute, by status code. 5xx are failures of Flux, for which FluxReceiverWebhookErrors fires. 4xx are calls that Flux "+
				"refused, for example because of a wrong token or an unknown path.", query.ReceiverRequests),
		requests("Received events",
			"Events per minute that the controllers sent to notification-controller, by status code. 429 are duplicates, which it drops. 5xx are lost "+
				"notifications.", query.EventRequests),
	}
}
