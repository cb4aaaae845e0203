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

// clusterStats is about the objects users hand to Flux. Its first screen answers whether something is broken, since when, why, and who is
// held up; the rest is folded, so that nobody waits for it.
var clusterStats = definition{
	name:        clusterStatsName,
	title:       "Flux Cluster Stats",
	description: "Objects that Flux applies, and their sources: which are not ready, since when and why, and who waits for them.",
	from:        "now-1h",
	chooses:     []choice{byCluster, byOperatorNamespace, byNamespace},
	rows: func(p Params) []row {
		reconcilers, sources := p.KindsOf(flux.RoleReconciler), p.KindsOf(flux.RoleSource)
		return []row{
			{panels: slices.Concat(counts(p), troublesNow(p))},
			{title: "All objects", collapsed: true, panels: status(p, reconcilers, sources)},
			{title: "Objects not ready over time", collapsed: true, panels: health(p)},
			{title: "Failures and delays", collapsed: true, panels: failures(p)},
			{title: "Timing", collapsed: true, panels: timing(p, reconcilers, sources)},
			{title: "Activity", collapsed: true, panels: activity()},
			{title: "Outliers", collapsed: true, panels: oddities(p)},
		}
	},
}

// unmonitored is a query without the FluxMonitorings, which have a dashboard of their own.
func unmonitored(q query.Query) query.Query {
	return q.Within(query.IsNot(flux.LabelKind, "FluxMonitoring"))
}

// legible has no colour that is too dark for a word.
func legible(texts []grafana.Text) []grafana.Text {
	texts = slices.Clone(texts)
	for i := range texts {
		if texts[i].Color == darkRed {
			texts[i].Color = red
		}
	}
	return texts
}

// counts has the number of objects in each state, of the alerts, and whether they can be trusted.
func counts(p Params) []panel {
	inState := func(title, description, color string, state int, recorded string) panel {
		steps := beyond(1, color)
		if color == blue {
			steps = neutral()
		}
		return stat(title, unitCount, description, steps, unmonitored(query.TroubleCount(p.Recorded(), state))).
			wide(3).onlyIf(p.Exposes(recorded))
	}
	alerts := stat("Firing alerts", unitCount,
		"Alerts about Flux that fire, by severity. Begin with the critical ones. If this says 0 and objects are not ready, the alerts still wait, or a "+
			"source that fails suppresses them.", neutral(), query.FiringCritical)
	alerts.series = []series{{query: query.FiringCritical, legend: "critical"}, {query: query.FiringWarning, legend: "warning"}}
	proven := stat("Monitoring", unitCount,
		"The condition Proven: Prometheus and Alertmanager were seen to do what the other panels rely on. If it is broken or unknown, 0 does not "+
			"mean that all is well. See Flux Monitoring.", []grafana.Step{{Color: grey}}, query.Proven)
	proven.Texts = []grafana.Text{{Value: "0", Word: "Broken", Color: red}, {Value: "1", Word: "Works", Color: green}}
	return []panel{
		inState("Stalled", "Objects on which Flux has given up. Flux does not retry until someone changes them. The message of the condition Stalled "+
			"says what to change.", red, query.StateStalled, flux.RecordedStalled),
		inState("Failing", "Objects whose last reconciliation failed, retries included. Flux retries them. No change to these objects reaches the cluster "+
			"until they are ready.", red, query.StateFailing, flux.RecordedFailing),
		inState(progressingWord(p), "Objects that are not ready and have not failed: Flux works on them. That is normal for minutes after a change. After "+
			"their timeout they fail.", orange, query.StateNotReady, flux.RecordedNotReady),
		inState("Waiting", "Objects that wait for an object in their spec.dependsOn. That is normal while Flux applies the dependency. If it lasts, the "+
			"dependency fails or does not exist.", blue, query.StateWaiting, flux.RecordedWaiting),
		stat("Suspended", unitCount,
			"Suspended objects. Flux does not change them, and no alert reports their failures, until someone resumes them. The row All objects has their "+
				"names.", neutral(), unmonitored(query.SuspendedCount)).wide(3),
		stat("Objects", unitCount,
			"Objects of Flux that were reconciled since their controller started. A sudden drop means that objects were deleted, or that a controller has "+
				"restarted.", neutral(), query.ObjectCount).wide(3),
		alerts.of(ofClusters).wide(3).onlyIf(p.Limits != nil),
		proven.of(ofOperator).ofAll().wide(3).saying("Unknown"),
	}
}

// troublesNow are what is not ready, the alerts about it, and who is held up.
func troublesNow(p Params) []panel {
	return []panel{
		notReady(p).wide(13),
		firing(p).wide(11).onlyIf(p.Limits != nil),
		timeline("Objects that were not ready",
			"The ten objects that were not ready for the longest part of the time range. There is no bar while an object is ready or suspended. "+
				"Many short bars are an object that fails and recovers. Click on an object to open Flux Resource.",
			troubles(p), series{query: query.TroubledState(p.Recorded()).And(flux.Identity(), query.LongestNotReady), legend: legendObject,
				window: wholeRange}).
			opening(ofTheSeries(p)).wide(13).high(7).onlyIf(p.Exposes(flux.RecordedNotReady)).saying("Every object was ready all the time"),
		heldUp(p).wide(11).high(7),
	}
}

// notReady has the objects that are not ready with their age, state and reason.
func notReady(p Params) panel {
	drawn := objects(p, "Objects not ready",
		"The fifty objects that have not been ready for the longest time. Begin with the object at the top, because the others can depend on it. The "+
			"message of its condition Ready says more: "+describe+silentKinds(p, slices.Concat(p.KindsOf(flux.RoleReconciler), p.KindsOf(flux.RoleSource))),
		unmonitored(query.WorstNotReady), unlessZero("Not ready for")).
		with(unmonitored(query.WorstState(p.Recorded())), grafana.Value{Heading: "State", Width: 95, Texts: legible(troubles(p))})
	if p.State != flux.Controllers {
		drawn = drawn.with(query.WorstReasons(p.State), unseen())
		drawn.Columns = append(drawn.Columns, grafana.Column{Label: "reason", Heading: "Reason", Width: 170})
	}
	return drawn.of(ofState).high(9).saying("Everything is ready").onlyIf(p.Exposes(flux.RecordedNotReady))
}

func meanDurations(title, description string, kinds []string) panel {
	return bars(title, unitSeconds, description,
		series{query: of(query.MeanReconciliationSeconds, kinds), legend: legendKind, window: wholeRange}).
		onlyIf(len(kinds) > 0).high(7)
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
	ready := grafana.Value{Heading: "Ready", Width: 95, Texts: readiness()}
	return []panel{
		objects(p, "Readiness of reconcilers",
			"Every reconciler that is not suspended, and for how long it has not been ready. See why one is not ready with "+
				describe+silentKinds(p, reconcilers), of(query.Readiness, reconcilers), ready).
			with(of(query.NotReadySecondsOrZero, reconcilers), unlessZero("Not ready for")).filterable().wide(12).high(12).onlyIf(len(reconcilers) > 0),
		objects(p, "Readiness of sources",
			"Every source that is not suspended, and for how long it has not been ready. While a source is not ready, its dependents keep their last "+
				"revision. See why one is not ready with "+describe+silentKinds(p, sources),
			of(query.Readiness, sources), ready).
			with(of(query.NotReadySecondsOrZero, sources), unlessZero("Not ready for")).wide(12).high(12).filterable().onlyIf(len(sources) > 0),
		objects(p, "Suspended objects",
			"Suspended objects, and for how long they are known to be suspended. Flux does not change them until you resume them: `kubectl -n <namespace> "+
				"patch <plural>.<group> <name> --type=merge -p '{\"spec\":{\"suspend\":false}}'`."+
				silentKinds(p, slices.Concat(reconcilers, sources)),
			unmonitored(query.SuspendedSeconds), seconds("Suspended for")).high(6).filterable().saying("Nothing is suspended"),
	}
}

// health are the shares that alerts about many objects are based on.
func health(p Params) []panel {
	shares := []series{{query: query.NotReadyShare, legend: "{{cluster}} not ready"}}
	if p.Exposes(flux.RecordedFailingRatio) {
		shares = append(shares, series{query: query.FailingShare, legend: "{{cluster}} failing"})
	}
	return []panel{
		lines("Objects not ready by kind", unitCount,
			"Objects that are neither ready nor suspended, by kind. If one kind has most, look at its controller and its sources. An alert fires for each "+
				"object that stays so.",
			series{query: query.NotReadyByKind, legend: legendKind}).stacked().saying("Everything is ready"),
		lines("Objects not ready and failing", unitShare,
			"Share of the cluster's objects, of all namespaces, that are not ready now, and share of those that have failed and are not ready again. "+
				"Suspended objects do not count.", shares...).ofAll(),
		onlyLimited(p, "FluxManyResourcesNotReady", lines("Objects not ready for long", unitShare,
			"Share of the cluster's objects that have not been ready for as long as FluxManyResourcesNotReady waits, if they are more than five. Above the "+
				"line that alert fires. Look for the cause that the objects share, such as a source, a credential, an admission webhook or the API server.",
			series{query: query.NotReadyShare, legend: "{{cluster}} not ready"}).ofAll().saying("No more than five objects")),
		onlyLimited(p, "FluxErrorBudgetBurnSlow", lines("Error budget", unitShare,
			"Share of the cluster's objects that failed over three days or over six hours, whichever is less, in a cluster of at least fifty objects. "+
				"Above the line FluxErrorBudgetBurnSlow fires, because at that rate nothing of the budget is left at the end of a month.",
			series{query: query.FailingShare, legend: "{{cluster}} failed"}).ofAll().saying("Fewer than fifty objects")),
	}
}

// failures are what is ready now, or seems so.
func failures(p Params) []panel {
	return []panel{
		flapping(p),
		objects(p, "Behind their source",
			"Kustomizations that are ready, but at another revision than their source. That is normal for minutes after a commit. If it lasts, no "+
				"controller reconciles the Kustomization.", query.Behind, unseen()).wide(8).high(6).saying("Nothing is behind"),
		failedNotifications(p),
	}
}

func firing(p Params) panel {
	runbook := grafana.DataLink{}
	if p.Runbook != "" {
		runbook = grafana.DataLink{Title: "Runbook of " + LineAlert, URL: p.Runbook}
	}
	columns := append([]grafana.Column{{Label: "alertname", Heading: "Alert", Width: 215, Opens: runbook}}, identity(p)...)
	columns = append(columns, grafana.Column{Label: flux.LabelApp, Heading: "Controller"})
	return table("Alerts",
		"Firing alerts about Flux, the critical ones first. Click on an alert to open its runbook, which says what the alert means and what to do. Alerts "+
			"about a controller name no object.", columns, query.FiringBySeverity,
		grafana.Value{Heading: "Severity", Width: 90, Texts: severities()}).high(9).of(ofClusters).saying("No alert fires")
}

// severities are the words for how soon a person has to look.
func severities() []grafana.Text {
	return []grafana.Text{
		{Value: "0", Word: "critical", Color: red}, {Value: "1", Word: "warning", Color: orange}, {Value: "2", Word: "info", Color: blue},
	}
}

// heldUp names what fails and how many objects are not ready for it.
func heldUp(p Params) panel {
	return objects(p, "Sources that block dependents",
		"Sources that are not ready, and how many of their dependents are not ready either. Fix the source, and Flux then reconciles the dependents. "+
			"Click on the source to see them.", query.Blocked, limitedValue(p, "Held up", "FluxSourceBlocksDependents")).
		saying("No source blocks dependents").onlyIf(p.State.HasSourceLabels())
}

func failedNotifications(p Params) panel {
	return table("Failed notifications",
		"How many notifications Flux failed to send for each of its Alerts within an hour. See why in the events of the Alert: "+
			"`kubectl -n <namespace> describe alerts.notification.toolkit.fluxcd.io <name>`.",
		[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: flux.LabelObjectNamespace, Heading: "Namespace"},
			{Label: flux.LabelName, Heading: "Alert"}},
		query.NotificationsFailed.Above(query.NotificationsFailedLimit), limitedValue(p, "Failed", "FluxNotificationsFailing")).
		of(ofState).wide(8).high(6).saying("No notification failed").onlyIf(p.Exposes(flux.StateNotificationsFailed))
}

func flapping(p Params) panel {
	return objects(p, "Failures within two hours",
		"How often each object failed and became ready again. If an object has several failures, look for something that fails for short times: a "+
			"registry, a webhook, a quota.", query.Failures, limitedValue(p, "Failures", "FluxResourceFlapping")).wide(8).high(6).saying("Nothing failed")
}

// progressingWord is the word for an object that is not ready and has not failed, if the metrics source distinguishes them.
func progressingWord(p Params) string {
	if p.Exposes(flux.RecordedFailing) {
		return "Progressing"
	}
	return "Not ready"
}

// troubles are the words for the states that are drawn where only trouble is, the worst last.
func troubles(p Params) []grafana.Text { return states(p)[query.StateWaiting:] }

func timing(p Params, reconcilers, sources []string) []panel {
	return []panel{
		meanDurations("Mean duration of reconciliations",
			"Mean duration of a reconciliation in the time range, by kind. Minutes are normal if objects wait for health checks. If a duration grows, find "+
				"the slowest objects below.", reconcilers),
		meanDurations("Mean duration of fetches",
			"Mean duration of fetching a source in the time range, by kind. A long duration means a slow server or a large repository. Find the slowest "+
				"sources below.", sources),
		lines("Slowest reconciliations", unitSeconds,
			"Mean duration of an object's reconciliations within the hour before: the fifteen slowest, of the twenty of each kind that Prometheus records. "+
				"An object near its timeout will fail. Raise its spec.timeout, or find the health check that does not pass.",
			series{query: of(query.SlowestObjects, reconcilers), legend: legendSlowest}).logarithmic().
			opening(ofTheSeries(p)).onlyIf(len(reconcilers) > 0).saying("Nothing was reconciled in the hour before"),
		lines("Slowest fetches", unitSeconds,
			"Mean duration of fetching a source within the hour before: the fifteen slowest, of the twenty of each kind that Prometheus records. A rising "+
				"line means a growing repository or a slow server. Fetch less with spec.ignore, or less often with spec.interval.",
			series{query: of(query.SlowestObjects, sources), legend: legendSlowest}).logarithmic().
			opening(ofTheSeries(p)).onlyIf(len(sources) > 0).saying("Nothing was fetched in the hour before"),
		heat("Reconciliations by duration",
			"How many reconciliations of reconcilers took how long, in all namespaces. The legend has the number of each colour. If a band moves up, the "+
				"cluster becomes slower. A second band above the first is objects that wait for health checks until their timeout.",
			by(query.ControllerSecondsBuckets, reconcilers...)).wide(24).onlyIf(len(reconcilers) > 0),
	}
}

func activity() []panel {
	return []panel{
		lines("Objects", unitCount,
			"Objects by kind, suspended ones included. If a line falls without a change of yours, Flux has pruned objects. Look at the last change of "+
				"their source.",
			series{query: query.ObjectsByKind, legend: legendKind}),
		lines("Reconciliations", unitOpsMin,
			"Reconciliations per minute, by kind. If a kind has objects and is at zero, look at its controller on the dashboard Flux Control Plane.",
			series{query: query.ReconciliationsByKind, legend: legendKind}),
	}
}

// oddities look at every object, which takes Prometheus a while where there are many: they are asked for when their row is opened.
func oddities(p Params) []panel {
	busiest := objects(p, "Most reconciled objects",
		"The fifteen objects that were reconciled most often in the time range. An object far above the others has a short spec.interval, or fails and "+
			"is retried.", query.MostReconciled, grafana.Value{Heading: "Reconciliations", Unit: unitCount, Width: 130, Whole: true}).wide(12)
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
