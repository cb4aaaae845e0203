package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// clusterStatsName is the uid of the dashboard about all objects of a cluster.
const clusterStatsName = "flux-cluster"

// clusterStats is about the objects users hand to Flux.
var clusterStats = definition{
	name:        clusterStatsName,
	title:       "Flux Cluster Stats",
	description: "Objects that Flux applies, and their sources: how many there are, which fail, and how long they take.",
	from:        "now-1h",
	chooses:     []choice{byCluster, byOperatorNamespace, byNamespace},
	rows: func(p Params) []row {
		reconcilers, sources := p.KindsOf(flux.RoleReconciler), p.KindsOf(flux.RoleSource)
		return []row{
			{panels: counts(p, reconcilers, sources)},
			{title: "Status", panels: status(p, reconcilers, sources)},
			{title: "Health", panels: health(p)},
			{title: "Timing", panels: timing(p, reconcilers, sources)},
			{title: "Activity", panels: activity()},
			{title: "Outliers", collapsed: true, panels: oddities(p)},
		}
	},
}

func counts(p Params, reconcilers, sources []string) []panel {
	anyReconcilers, anySources := len(reconcilers) > 0, len(sources) > 0
	return []panel{
		stat("Reconcilers", unitCount,
			"Objects that apply something to the cluster, such as Kustomizations and HelmReleases, suspended ones included. A sudden drop means that "+
				"objects were deleted, or that their controller has restarted and has not reconciled them yet.",
			neutral(), of(query.ObjectCount, reconcilers)).onlyIf(anyReconcilers),
		stat("Reconcilers not ready", unitCount,
			"Reconcilers that are neither ready nor suspended. If the number is above 0, changes to these objects do not reach the cluster. Find them "+
				"under Status. See why one is not ready with "+describe+silentKinds(p, reconcilers),
			beyond(1, red), of(query.NotReadyCount, reconcilers)).onlyIf(anyReconcilers),
		stat("Sources", unitCount,
			"Objects that fetch what reconcilers apply, suspended ones included. A sudden drop means that objects were deleted, or that their controller "+
				"has restarted and has not reconciled them yet.",
			neutral(), of(query.ObjectCount, sources)).onlyIf(anySources),
		stat("Sources not ready", unitCount,
			"Sources that are neither ready nor suspended. If the number is above 0, new revisions do not arrive. Find the sources under Status, or run "+
				"`flux get sources all -A`."+silentKinds(p, sources),
			beyond(1, red), of(query.NotReadyCount, sources)).onlyIf(anySources),
		meanDurations("Mean duration of reconciliations",
			"Mean duration of a reconciliation in the time range, by kind. Minutes are normal if objects wait for health checks. If a duration grows, find "+
				"the slowest objects under Timing.", reconcilers),
		meanDurations("Mean duration of fetches",
			"Mean duration of fetching a source in the time range, by kind. A long duration means a slow server or a large repository. Find the slowest "+
				"sources under Timing.", sources),
	}
}

func meanDurations(title, description string, kinds []string) panel {
	return bars(title, unitSeconds, description,
		series{query: of(query.MeanReconciliationSeconds, kinds), legend: "{{cluster}} {{kind}}", window: wholeRange}).
		onlyIf(len(kinds) > 0).high(6)
}

// silentKinds says which kinds a panel about state cannot show.
func silentKinds(p Params, kinds []string) string {
	var silent []string
	for _, kind := range kinds {
		if !p.HasStateOf(kind) {
			silent = append(silent, kind)
		}
	}
	if len(silent) == 0 {
		return ""
	}
	return fmt.Sprintf(" Not in it, because the controllers of this Flux version do not export their state: %s.",
		strings.Join(silent, ", "))
}

func status(p Params, reconcilers, sources []string) []panel {
	ready := grafana.Value{Heading: "Ready", Texts: readiness()}
	return []panel{
		objects(p, "Readiness of reconcilers",
			"Every reconciler that is not suspended, and for how long it has not been ready. See why one is not ready with "+
				describe+silentKinds(p, reconcilers), of(query.Readiness, reconcilers), ready).
			with(of(query.NotReadySecondsOrZero, reconcilers), unlessZero("Not ready for")).wide(12).high(10).onlyIf(len(reconcilers) > 0),
		objects(p, "Readiness of sources",
			"Every source that is not suspended, and for how long it has not been ready. While a source is not ready, its dependents keep their last "+
				"revision. See why one is not ready with "+describe+silentKinds(p, sources),
			of(query.Readiness, sources), ready).
			with(of(query.NotReadySecondsOrZero, sources), unlessZero("Not ready for")).wide(12).high(10).onlyIf(len(sources) > 0),
		objects(p, "Suspended objects",
			"Suspended objects, and for how long they are known to be suspended. Flux does not change them until you resume them: `kubectl -n <namespace> "+
				"patch <plural>.<group> <name> --type=merge -p '{\"spec\":{\"suspend\":false}}'`."+
				silentKinds(p, slices.Concat(reconcilers, sources)),
			query.SuspendedSeconds.Within(query.IsNot(flux.LabelKind, "FluxMonitoring")), seconds("Suspended for")).high(6).saying("Nothing is suspended"),
	}
}

// health is what the alerts on all objects, and on what is not plainly not ready, look at.
func health(p Params) []panel {
	return []panel{
		timeline("Objects that were not ready",
			"The twenty-five objects that were not ready for the longest part of the time range. There is no bar while an object is ready or suspended. "+
				"Many short bars are an object that fails and recovers. Click on an object to open Flux Resource.",
			troubles(), series{query: query.TroubledState(p.Recorded()).And(flux.Identity(), query.LongestNotReady),
				legend: "{{cluster}} {{kind}} {{exported_namespace}}/{{name}}", window: wholeRange}).
			opening(ofTheSeries(p)).onlyIf(p.Exposes(flux.RecordedNotReady)).saying("Every object was ready all the time"),
		lines("Objects not ready", unitShare,
			"Share of the cluster's objects, of all namespaces, that are not ready now. Suspended objects do not count. `flux get all -A --status-selector "+
				"ready=false` lists the objects.",
			series{query: query.NotReadyShare, legend: "{{cluster}} not ready"}).ofAll(),
		lines("Failing objects", unitShare,
			"Share of the cluster's objects, of all namespaces, that have failed and are not ready again. Suspended objects do not count.",
			series{query: query.FailingShare, legend: "{{cluster}} failing"}).ofAll(),
		onlyLimited(p, "FluxManyResourcesNotReady", lines("Objects not ready for long", unitShare,
			"Share of the cluster's objects that have not been ready for as long as FluxManyResourcesNotReady waits, if they are more than five. Above the "+
				"line that alert fires. Look for the cause that the objects share, such as a source, a credential, an admission webhook or the API server.",
			series{query: query.NotReadyShare, legend: "{{cluster}} not ready"}).ofAll().saying("No more than five objects")),
		onlyLimited(p, "FluxErrorBudgetBurnSlow", lines("Error budget", unitShare,
			"Share of the cluster's objects that failed over three days or over six hours, whichever is less, in a cluster of at least fifty objects. "+
				"Above the line FluxErrorBudgetBurnSlow fires, because at that rate nothing of the budget is left at the end of a month.",
			series{query: query.FailingShare, legend: "{{cluster}} failed"}).ofAll().saying("Fewer than fifty objects")),
		firing(p).onlyIf(p.Limits != nil),
		notReadyFor(p),
		heldUp(p),
		objects(p, "Waiting for a dependency",
			"Objects that wait for an object in their spec.dependsOn. That is normal while Flux applies the dependency. If an object waits for an hour, "+
				"the dependency fails or does not exist.", query.Waiting, unseen()).wide(12).high(6).saying("Nothing waits"),
		flapping(p),
		objects(p, "Stalled objects",
			"Objects on which Flux has given up. Flux does not retry until someone changes them. The message of the condition Stalled says what to "+
				"change.", query.Stalled, unseen()).wide(12).high(6).saying("Nothing is stalled"),
		objects(p, "Behind their source",
			"Kustomizations that are ready, but at another revision than their source. That is normal for minutes after a commit. If it lasts, no "+
				"controller reconciles the Kustomization.", query.Behind, unseen()).wide(12).high(6).saying("Nothing is behind"),
		failedNotifications(p),
	}
}

func firing(p Params) panel {
	columns := append([]grafana.Column{{Label: "alertname", Heading: "Alert"}, {Label: "severity", Heading: "Severity",
		Texts: severities()}, {Label: flux.LabelApp, Heading: "Controller"}}, identity(p)...)
	return table("Firing alerts",
		"Firing alerts about Flux. The annotation runbook_url of each alert opens its runbook, which says what the alert means and what to do. Alerts "+
			"about a controller name no object.", columns, query.Firing, unseen()).
		high(7).of(ofClusters).saying("No alert fires")
}

// severities are the words for how soon a person has to look.
func severities() []grafana.Text {
	return []grafana.Text{
		{Value: "critical", Word: "critical", Color: red}, {Value: "warning", Word: "warning", Color: orange},
		{Value: "info", Word: "info", Color: blue},
	}
}

func notReadyFor(p Params) panel {
	return objects(p, "Not ready for",
		"For how long each object has not been ready without a break. Begin with the object at the top, because the others can depend on it. See why it "+
			"is not ready with "+describe, query.NotReadySeconds, seconds("Not ready for")).
		wide(12).high(8).saying("Everything is ready")
}

// heldUp names what fails and how many objects are not ready for it.
func heldUp(p Params) panel {
	return objects(p, "Sources that block dependents",
		"Sources that are not ready, and how many of their dependents are not ready either. Fix the source, and Flux then reconciles the dependents. "+
			"Click on the source to see them.", query.Blocked, limitedValue(p, "Objects not ready", "FluxSourceBlocksDependents")).
		wide(12).high(8).saying("No source blocks dependents").onlyIf(p.State.HasSourceLabels())
}

func failedNotifications(p Params) panel {
	return table("Failed notifications",
		"How many notifications Flux failed to send for each of its Alerts within an hour. See why in the events of the Alert: "+
			"`kubectl -n <namespace> describe alerts.notification.toolkit.fluxcd.io <name>`.",
		[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: flux.LabelObjectNamespace, Heading: "Namespace"},
			{Label: flux.LabelName, Heading: "Alert"}},
		query.NotificationsFailed.Above(query.NotificationsFailedLimit), limitedValue(p, "Failed", "FluxNotificationsFailing")).
		of(ofState).wide(12).high(6).saying("No notification failed").onlyIf(p.Exposes(flux.StateNotificationsFailed))
}

func flapping(p Params) panel {
	return objects(p, "Failures within two hours",
		"How often each object failed and became ready again. If an object has several failures, look for something that fails for short times: a "+
			"registry, a webhook, a quota.", query.Failures, limitedValue(p, "Failures", "FluxResourceFlapping")).wide(12).high(6).saying("Nothing failed")
}

// troubles are the words for the states that are drawn where only trouble is.
func troubles() []grafana.Text { return states()[query.StateWaiting:] }

func timing(p Params, reconcilers, sources []string) []panel {
	const legend = "{{cluster}} {{kind}} {{exported_namespace}}/{{name}}"
	return []panel{
		lines("Slowest reconciliations", unitSeconds,
			"Mean duration of an object's reconciliations within the hour before: the fifteen slowest, of the twenty of each kind that Prometheus records. "+
				"An object near its timeout will fail. Raise its spec.timeout, or find the health check that does not pass.",
			series{query: of(query.SlowestObjects, reconcilers), legend: legend}).
			opening(ofTheSeries(p)).onlyIf(len(reconcilers) > 0).saying("Nothing was reconciled in the hour before"),
		lines("Slowest fetches", unitSeconds,
			"Mean duration of fetching a source within the hour before: the fifteen slowest, of the twenty of each kind that Prometheus records. A rising "+
				"line means a growing repository or a slow server. Fetch less with spec.ignore, or less often with spec.interval.",
			series{query: of(query.SlowestObjects, sources), legend: legend}).
			opening(ofTheSeries(p)).onlyIf(len(sources) > 0).saying("Nothing was fetched in the hour before"),
		heat("Reconciliations by duration",
			"How many reconciliations of reconcilers took how long, in all namespaces. The legend has the number of each colour. If a band moves up, the "+
				"cluster becomes slower. A second band above the first is objects that wait for health checks until their timeout.",
			by(query.ControllerSecondsBuckets, reconcilers...)).onlyIf(len(reconcilers) > 0),
		heat("Fetches by duration",
			"How many reconciliations of sources took how long, in all namespaces. The legend has the number of each colour. Most find nothing new and are "+
				"quick. If a band moves up, a server becomes slower.",
			by(query.ControllerSecondsBuckets, sources...)).onlyIf(len(sources) > 0),
	}
}

func activity() []panel {
	return []panel{
		lines("Objects", unitCount,
			"Objects by kind, suspended ones included. If a line falls without a change of yours, Flux has pruned objects. Look at the last change of "+
				"their source.",
			series{query: query.ObjectsByKind, legend: "{{cluster}} {{kind}}"}),
		lines("Reconciliations", unitOpsMin,
			"Reconciliations per minute, by kind. If a kind has objects and is at zero, look at its controller on the dashboard Flux Control Plane.",
			series{query: query.ReconciliationsByKind, legend: "{{cluster}} {{kind}}"}),
	}
}

// oddities look at every object, which takes Prometheus a while where there are many: they are asked for when their row is opened.
func oddities(p Params) []panel {
	busiest := objects(p, "Most reconciled objects",
		"The fifteen objects that were reconciled most often in the time range. An object far above the others has a short spec.interval, or fails and "+
			"is retried.", query.MostReconciled, grafana.Value{Heading: "Reconciliations", Unit: unitCount}).wide(12)
	busiest.series[0] = series{query: query.MostReconciled, window: wholeRange}
	return []panel{
		objects(p, "Slowest objects",
			"The fifteen objects with the longest mean duration of a reconciliation within the last hour. Divide such an object into smaller ones, or give "+
				"it a longer timeout.", query.SlowestObjects, seconds("Mean duration")).wide(12),
		busiest,
		objects(p, "Not reconciled for two hours",
			"Objects without a reconciliation in two hours. That is normal for suspended objects, and for intervals longer than two hours. For any other "+
				"object, read the log of its controller. To have the object reconciled now: `kubectl -n <namespace> annotate --overwrite <plural>.<group> "+
				"<name> reconcile.fluxcd.io/requestedAt=\"$(date +%s)\"`.",
			query.SilentObjects, unseen()).high(6).saying("Every object was reconciled"),
	}
}
