package dashboards

import (
	"fmt"
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// controlPlane is about Flux's controllers. Its first screen answers whether all run, whether they keep up, and whether the API server is
// why they do not.
var controlPlane = definition{
	name:        "flux-control-plane",
	title:       "Flux Control Plane",
	description: "Flux's controllers: whether they run, what they use, and whether they keep up with their work.",
	from:        "now-15m",
	chooses:     []choice{byCluster, byOperatorNamespace},
	unless:      func(p Params) bool { return !p.Exposes("up") }, // no controller is scraped
	rows: func(p Params) []row {
		return []row{
			{panels: slices.Concat(extremes(p), overview(p))},
			{title: "Work queues", collapsed: true, panels: queues(p)},
			{title: "Reconciliations", collapsed: true, panels: reconciliation(p)},
			{title: "Resource usage", collapsed: true, panels: usage(p)},
			{title: "Requests to the API server", collapsed: true, panels: requests()},
			{title: "Load on the API server", collapsed: true, panels: load()},
			{title: "Sources", collapsed: true, panels: sourceStats(p)},
			{title: "Helm", collapsed: true, panels: helmStats(p)},
			{title: "Image automation", collapsed: true, panels: imageStats(p)},
			{title: "Notifications", collapsed: true, panels: notificationStats(p)},
		}
	},
}

// extremes are a number for each thing that can be wrong with a controller: that of the worst.
func extremes(p Params) []panel {
	installed, ofThem := len(p.Flux.Apps()), unitCount
	if !p.Fleet { // one cluster: it is known how many there are
		ofThem = fmt.Sprintf("suffix: of %d", installed)
	}
	return []panel{
		stat("Controllers", ofThem,
			"Controllers that answer Prometheus. If they are fewer than you have installed, look at their pods: `kubectl -n <flux namespace> get pods`.",
			below(float64(installed)), query.ControllersUpCount).wide(4),
		unbroken(stat("Most restarts", unitCount,
			"Restarts of the pod that restarted most often within the last hour. If it is above 0, see Resource usage, and read `kubectl -n <flux "+
				"namespace> logs <pod> --previous`.", beyond(1, orange), query.Restarts.Highest())).wide(4),
		stat("Longest work queue", unitCount,
			"Objects in the longest work queue. If the queue stays long, changes arrive late. See Work queues.",
			beyond(100, orange), query.QueueDepthMax).wide(4),
		stat("Busiest workers", unitShare,
			"Share of its workers that the busiest controller uses. If it stays at 100 %, objects wait for a worker. See Work queues.",
			beyond(1, orange), query.WorkerLoad.Highest()).wide(4),
		stat("Highest memory use", unitShare,
			"Share of its memory limit that a pod uses, of the pod that uses most. Near 100 % the kernel kills the pod. Raise the limit, or lower "+
				"--concurrent.", beyond(query.MemoryRatioLimit, red), query.MemoryRatio.Highest()).wide(4),
		stat("Failed API requests", unitShare,
			"Share of requests to the API server that failed, of the controller with most. If it stays above 0, the API server is overloaded or not "+
				"reachable.", beyond(query.APIErrorRatioLimit, red), query.APIErrorRatio.Highest()).wide(4),
	}
}

func overview(p Params) []panel {
	return []panel{
		timeline("Controllers up",
			"Up while a pod of the controller answers Prometheus. If none does, FluxControllerDown fires. Look at the pods of the controller: `kubectl -n "+
				"<flux namespace> describe pods -l app=<controller>`.",
			answering(), series{query: query.ControllersUp, legend: legendApp}).wide(12).high(7),
		lines("Memory against limit", unitShare,
			"Share of its memory limit that each pod uses. Above the line FluxControllerMemoryHigh fires, and the kernel may kill the pod. Raise the "+
				"limit, or lower --concurrent.",
			series{query: query.MemoryRatio, legend: legendPod}).limited(p, "FluxControllerMemoryHigh").high(7),
		lines("Work queue depth", unitCount,
			"Objects that wait for a worker. A queue that does not empty needs more workers (--concurrent) or longer intervals.",
			series{query: query.QueueDepth, legend: ofShards(p, legendQueue)}),
		lines("Kubernetes API error ratio", unitShare,
			"Share of failed requests, by controller and API server. Above the line FluxControllerAPIErrors fires. Check the server with `kubectl get "+
				"--raw '/readyz?verbose'`.",
			series{query: query.APIErrorRatio, legend: legendHost}).limited(p, "FluxControllerAPIErrors"),
	}
}

func usage(p Params) []panel {
	return []panel{
		lines("CPU usage", unitCores,
			"CPU cores that each controller uses. A controller at its CPU limit falls behind. Raise the limit, or lower --concurrent.",
			series{query: query.CPU, legend: legendApp}),
		lines("Memory usage", unitBytes,
			"Resident memory of each controller. If a line only rises, the kernel will kill the pod at the limit. Report it with a heap profile.",
			series{query: query.Memory, legend: legendApp}),
		lines("Restarts", unitCount,
			"Restarts of each pod within the hour before. Above the line FluxControllerRestarting fires. Read `kubectl -n <flux namespace> logs <pod> "+
				"--previous`.",
			series{query: query.Restarts, legend: legendPod, keepsWindow: true}).limited(p, "FluxControllerRestarting"),
	}
}

func requests() []panel {
	return []panel{
		lines("Kubernetes API requests", unitReqSec,
			"Requests to Kubernetes API servers, and failed requests: those with the answer 429 or 5xx, or with no answer. If errors last, an API server "+
				"is overloaded or not reachable.",
			series{query: query.APIRequestsTotal, legend: "all"}, series{query: query.APIErrors, legend: "failed"}),
		lines("Kubernetes API requests by controller", unitReqSec,
			"Requests to Kubernetes API servers, by controller. The controller with the highest line loads the API server most.",
			series{query: query.APIRequests, legend: legendApp}),
		lines("Kubernetes API requests by method", unitReqSec,
			"Requests of all controllers, by HTTP method. PATCH is what Flux applies. If it rises without a change of yours, somebody changes objects "+
				"back.", series{query: query.APIRequestsByMethod, legend: legendMethod}).stacked(),
		lines("Kubernetes API throttling", unitReqSec,
			"Requests that an API server answered with 429, too many requests, by controller and server. If the line stays above zero, Flux is slower. "+
				"Raise the limits of its API priority level, or lower --concurrent.",
			series{query: query.APIThrottled, legend: legendHost}),
	}
}

// load is what the API server itself measures of Flux, where somebody scrapes it.
func load() []panel {
	const unscraped = "No metrics of an API server"
	return []panel{
		lines("Share of all requests", unitShare,
			"Share of all requests that the API servers answered, by the controller of Flux that sent them. If it is large and the API server is slow, "+
				"give objects longer intervals.", series{query: query.APIServerShare, legend: legendApp}).stacked().saying(unscraped),
		lines("Duration of requests for Flux objects", unitSeconds,
			"99th percentile of the time in which the API server answered requests for objects of Flux, by verb. If only these are slow, look at the "+
				"admission webhooks for them; else the API server or etcd is slow.",
			series{query: query.APIServerSeconds, legend: legendVerb}).logarithmic().saying(unscraped),
		lines("Requests for Flux objects", unitReqSec,
			"Requests of all clients to the API server for objects of Flux, by resource. Each reconciliation writes the status of its object. Longer "+
				"intervals make fewer requests.", series{query: query.APIServerRequests, legend: legendResource}).saying(unscraped),
		lines("Stored Flux objects", unitCount,
			"Objects of Flux in etcd, by resource. If a line rises all the time, something creates objects and does not delete them.",
			series{query: query.StoredObjects, legend: legendResource}).logarithmic().saying(unscraped),
	}
}

func reconciliation(p Params) []panel {
	reconcilers := p.KindsOf(flux.RoleReconciler)
	return []panel{
		lines("Duration of reconciliations", unitSeconds,
			"Mean duration of a reconciliation, by kind of reconciler. If it is longer than usual, see the slowest objects on Flux Cluster Stats.",
			series{query: of(query.ReconciliationSeconds, reconcilers), legend: legendKind}).logarithmic().
			onlyIf(len(reconcilers) > 0),
		lines("Reconciliations per minute", unitOpsMin,
			"Reconciliations per minute, by kind of reconciler, failed ones included. At zero Flux applies nothing. If all kinds of a controller stay at "+
				"zero, FluxControllerNotReconciling fires.",
			series{query: of(query.ReconciliationsByKind, reconcilers), legend: legendKind}).
			onlyIf(len(reconcilers) > 0).stacked(),
		lines("Errors per minute", unitOpsMin,
			"Reconciliations per minute that returned an error. If errors last, objects fail. A failed Kustomization returns no error, so objects can fail "+
				"although this panel is at zero.",
			series{query: query.ReconciliationErrors, legend: legendController}),
		lines("Panics", unitCount,
			"Panics within the quarter of an hour before. Above 0 FluxReconcilePanic fires. Read the log of the controller, and report the panic.",
			series{query: query.Panics, legend: legendController}).limited(p, "FluxReconcilePanic"),
		heat("Reconciliations by duration",
			"How many reconciliations of all controllers took how long. The legend has the number of each colour. If a band moves up, the controllers "+
				"become slower. Look at Resource usage and Work queues.",
			query.ControllerSecondsBuckets).wide(24),
	}
}

func queues(p Params) []panel {
	return []panel{
		lines("Time in work queue", unitSeconds,
			"95th percentile of the time for which objects wait for a worker. Above the line FluxWorkqueueLatencyHigh fires. Raise --concurrent.",
			series{query: query.QueueSeconds, legend: ofShards(p, legendQueue)}).limited(p, "FluxWorkqueueLatencyHigh").logarithmic(),
		lines("Busy workers", unitShare,
			"Share of workers that are busy. If it stays at 100 %, objects wait for a worker. See Time in work queue.",
			series{query: query.WorkerLoad, legend: ofShards(p, legendController)}),
		lines("Longest reconciliation", unitSeconds,
			"For how long the longest reconciliation that has not ended has been running. It falls to zero when the reconciliation ends. Above the line "+
				"FluxReconcileStuck fires, because such a reconciliation blocks a worker.",
			series{query: query.LongestReconcile, legend: ofShards(p, legendQueue)}).limited(p, "FluxReconcileStuck").wide(24),
	}
}

// perKind is the reconciliations of one kind, all of them and those that returned an error.
func perKind(p Params, kind string) panel {
	return lines(kind+" reconciliations per minute", unitOpsMin,
		"Reconciliations of kind "+kind+" per minute, and those that returned an error. Flux retries many failures without an error, so objects "+
			"can fail although there is none: `flux get all -A --status-selector ready=false`.",
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
			series{query: by(query.ReconciliationsByController, kinds...), legend: legendController}).
			onlyIf(len(kinds) > 0),
	}
}

func notificationStats(p Params) []panel {
	calls := func(title, description string, q query.Query) panel {
		return lines(title, unitOpsMin, description, series{query: q, legend: legendCode}).stacked().
			saying("None yet")
	}
	return []panel{
		lines("Failed webhooks", unitReqSec,
			"Webhook calls per second that notification-controller failed to handle, by status code. Above the line FluxReceiverWebhookErrors fires. Read "+
				"the log of notification-controller.",
			series{query: query.ReceiverWebhookErrors, legend: legendCode}).
			limited(p, "FluxReceiverWebhookErrors").saying("No call failed"),
		calls("Received webhooks",
			"Webhook calls per minute, by status code. 5xx are failures of Flux, for which FluxReceiverWebhookErrors fires. 4xx are calls that Flux "+
				"refused, for example because of a wrong token or an unknown path.", query.ReceiverRequests),
		calls("Received events",
			"Events per minute that the controllers sent to notification-controller, by status code. 429 are duplicates, which it drops. 5xx are lost "+
				"notifications.", query.EventRequests),
	}
}
