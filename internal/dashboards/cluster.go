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
			{title: "Out of the ordinary", collapsed: true, panels: oddities(p)},
		}
	},
}

func counts(p Params, reconcilers, sources []string) []panel {
	anyReconcilers, anySources := len(reconcilers) > 0, len(sources) > 0
	return []panel{
		stat("Cluster Reconcilers", unitCount,
			"Objects that apply something to the cluster, suspended ones included. A sudden drop means objects were "+
				"deleted, or their controller has just restarted and has not come to them yet.",
			neutral(), of(query.ObjectCount, reconcilers)).onlyIf(anyReconcilers),
		stat("Failing Reconcilers", unitCount,
			"Objects that are not ready and not suspended. Anything above 0 does not reach the cluster: "+
				"find it under Status, then see why with "+describe+silentKinds(p, reconcilers),
			beyond(1, red), of(query.NotReadyCount, reconcilers)).onlyIf(anyReconcilers),
		stat("Kubernetes Manifests Sources", unitCount,
			"Objects that fetch what is applied, suspended ones included. A sudden drop means objects were deleted, or "+
				"their controller has just restarted and has not come to them yet.",
			neutral(), of(query.ObjectCount, sources)).onlyIf(anySources),
		stat("Failing Sources", unitCount,
			"Sources that are not ready and not suspended. Anything above 0 means that new revisions do not arrive: "+
				"find it under Status, then run `flux get sources all -A`."+silentKinds(p, sources),
			beyond(1, red), of(query.NotReadyCount, sources)).onlyIf(anySources),
		meanDurations("Reconciler ops avg. duration",
			"Mean duration of a reconciliation in the time range, by kind. Minutes are normal where objects wait for "+
				"health checks; what grows without a reason is explained under Timing.", reconcilers),
		meanDurations("Source ops avg. duration",
			"Mean duration of fetching a source in the time range, by kind. Long durations mean a slow server or a "+
				"large repository: look at the slowest under Timing.", sources),
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
		objects(p, "Cluster reconciliation readiness",
			"Every reconciler that is not suspended, and for how long it has not been ready. See why one is not with "+
				describe+silentKinds(p, reconcilers), of(query.Readiness, reconcilers), ready).
			with(of(query.NotReadySecondsOrZero, reconcilers), unlessZero("Not ready for")).wide(12).high(10).onlyIf(len(reconcilers) > 0),
		objects(p, "Source acquisition readiness",
			"Every source that is not suspended, and for how long it has not been ready. While one is not, what is built from it "+
				"keeps its last revision. See why with "+describe+silentKinds(p, sources),
			of(query.Readiness, sources), ready).
			with(of(query.NotReadySecondsOrZero, sources), unlessZero("Not ready for")).wide(12).high(10).onlyIf(len(sources) > 0),
		objects(p, "Suspended Objects",
			"Suspended objects, and for how long that is known. Flux does not change them until you resume them: "+
				"`kubectl -n <namespace> patch <plural>.<group> <name> --type=merge -p '{\"spec\":{\"suspend\":false}}'`."+
				silentKinds(p, slices.Concat(reconcilers, sources)),
			query.SuspendedSeconds.Within(query.IsNot(flux.LabelKind, "FluxMonitoring")), seconds("Suspended for")).high(6).saying("Nothing is suspended"),
	}
}

// health is what the alerts on all objects, and on what is not plainly not ready, look at.
func health(p Params) []panel {
	return []panel{
		timeline("Objects that were not ready",
			"The twenty-five objects that were not ready for the longest part of the time range. Nothing is drawn while an object is "+
				"ready or suspended: a comb is one that fails and recovers. A click on it shows what is known of it.",
			troubles(), series{query: query.TroubledState(p.Recorded()).And(flux.Identity(), query.LongestNotReady),
				legend: "{{cluster}} {{kind}} {{exported_namespace}}/{{name}}", window: wholeRange}).
			opening(ofTheSeries(p)).onlyIf(p.Exposes(flux.RecordedNotReady)).saying("Every object was ready all the time"),
		lines("Objects that are not ready", unitShare,
			"Share of the cluster's objects, of all namespaces, that are not ready now. Suspended objects do not count. "+
				"`flux get all -A --status-selector ready=false` lists them.",
			series{query: query.NotReadyShare, legend: "{{cluster}} not ready"}).ofAll(),
		lines("Objects that fail", unitShare,
			"Share of the cluster's objects, of all namespaces, that have failed and are not ready again. Suspended objects do not count.",
			series{query: query.FailingShare, legend: "{{cluster}} fails"}).ofAll(),
		onlyLimited(p, "FluxManyResourcesNotReady", lines("Objects that have not been ready for long", unitShare,
			"Share of the cluster's objects that have not been ready for as long as FluxManyResourcesNotReady waits, if they are more than "+
				"five. Above the line that alert fires: look for the one cause they share, such as a source, a credential, an admission "+
				"webhook or the API server.",
			series{query: query.NotReadyShare, legend: "{{cluster}} not ready"}).ofAll().saying("No more than five objects")),
		onlyLimited(p, "FluxErrorBudgetBurnSlow", lines("Error budget", unitShare,
			"Share of the cluster's objects that failed over three days or over six hours, whichever is less, in a cluster of at least "+
				"fifty objects. Above the line FluxErrorBudgetBurnSlow fires: at the end of a month nothing will be left of the budget.",
			series{query: query.FailingShare, legend: "{{cluster}} failed"}).ofAll().saying("Fewer than fifty objects")),
		firing(p).onlyIf(p.Limits != nil),
		notReadyFor(p),
		heldUp(p),
		objects(p, "Waiting for another",
			"Objects that wait for what is in their spec.dependsOn. Normal while that is rolled out; what waits for an hour depends on "+
				"something that fails or is not there.", query.Waiting, unseen()).wide(12).high(6).saying("Nothing waits"),
		flapping(p),
		objects(p, "Objects Flux has given up on",
			"Stalled objects. Flux does not retry until someone changes them. The message of the condition Stalled says what to "+
				"change.", query.Stalled, unseen()).wide(12).high(6).saying("Nothing is stalled"),
		objects(p, "Behind their source",
			"Kustomizations that are ready at another revision than their source has. Normal for minutes after a commit; one that "+
				"stays has no controller that works on it.", query.Behind, unseen()).wide(12).high(6).saying("Nothing is behind"),
	}
}

func firing(p Params) panel {
	columns := append([]grafana.Column{{Label: "alertname", Heading: "Alert"}, {Label: "severity", Heading: "Severity",
		Texts: severities()}, {Label: flux.LabelApp, Heading: "Controller"}}, identity(p)...)
	return table("Alerts that fire",
		"Firing alerts about Flux. The runbook of each alert, to which it links, says what it means and what to do. "+
			"Alerts about a controller name no object.", columns, query.Firing, unseen()).
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
		"For how long each object has not been ready without a break. Begin with the one at the top: its dependents follow. "+
			"See why with "+describe, query.NotReadySeconds, seconds("Not ready for")).
		wide(12).high(8).saying("Everything is ready")
}

// heldUp names what fails and how many objects are not ready for it.
func heldUp(p Params) panel {
	return objects(p, "Sources that hold others up",
		"Sources that are not ready, and how many of their dependents are not ready either. Fix the source, and they follow. "+
			"Click on the source to see them.", query.Blocked, limitedValue(p, "Objects not ready", "FluxSourceBlocksDependents")).
		wide(12).high(8).saying("No source holds anything up").onlyIf(p.State.HasSourceLabels())
}

func flapping(p Params) panel {
	return objects(p, "Failures within two hours",
		"How often each object failed and became ready again. Several mean that something comes and goes: a registry, a "+
			"webhook, a quota.", query.Failures, limitedValue(p, "Failures", "FluxResourceFlapping")).wide(12).high(6).saying("Nothing failed")
}

// troubles are the words for the states that are drawn where only trouble is.
func troubles() []grafana.Text { return states()[query.StateWaiting:] }

func timing(p Params, reconcilers, sources []string) []panel {
	const legend = "{{cluster}} {{kind}} {{exported_namespace}}/{{name}}"
	return []panel{
		lines("Cluster reconciliation duration", unitSeconds,
			"Mean duration of an object's reconciliations within the hour before, the fifteen slowest of the cluster's twenty slowest of "+
				"each kind. An object near its timeout fails soon: raise spec.timeout or see which of its health checks does not pass.",
			series{query: of(query.SlowestObjects, reconcilers), legend: legend}).
			opening(ofTheSeries(p)).onlyIf(len(reconcilers) > 0).saying("Nothing was reconciled in the hour before"),
		lines("Source acquisition duration", unitSeconds,
			"Mean duration of fetching a source within the hour before, the fifteen slowest of the cluster's twenty slowest of each "+
				"kind. One that becomes slower has grown or has a slow server: narrow it with spec.ignore or a longer spec.interval.",
			series{query: of(query.SlowestObjects, sources), legend: legend}).
			opening(ofTheSeries(p)).onlyIf(len(sources) > 0).saying("Nothing was fetched in the hour before"),
		heat("How long reconciliations take",
			"How many reconciliations of reconcilers took how long, in all namespaces; the legend says which colour is how many. A band that moves up is a "+
				"cluster that becomes slower; a second band above is what waits for health checks until its timeout.",
			by(query.ControllerSecondsBuckets, reconcilers...)).onlyIf(len(reconcilers) > 0),
		heat("How long fetching takes",
			"How many reconciliations of sources took how long, in all namespaces; the legend says which colour is how many. Most find nothing new and are "+
				"quick; a band that moves up is a server that becomes slower.",
			by(query.ControllerSecondsBuckets, sources...)).onlyIf(len(sources) > 0),
	}
}

func activity() []panel {
	return []panel{
		lines("Objects", unitCount,
			"Objects by kind, suspended ones included. A line that falls without a deployment means objects are pruned: "+
				"see the last change of their source.",
			series{query: query.ObjectsByKind, legend: "{{cluster}} {{kind}}"}),
		lines("Reconciliations", unitOpsMin,
			"Reconciliations a minute by kind. A kind at zero while it has objects does nothing: look at its controller "+
				"on the dashboard Flux Control Plane.",
			series{query: query.ReconciliationsByKind, legend: "{{cluster}} {{kind}}"}),
	}
}

// oddities look at every object, which takes Prometheus a while where there are many: they are asked for when their row is opened.
func oddities(p Params) []panel {
	busiest := objects(p, "Most reconciled objects",
		"The fifteen objects that were reconciled most often in the time range. One far above the others has a short spec.interval, or "+
			"fails and is tried again and again.", query.MostReconciled, grafana.Value{Heading: "Reconciliations", Unit: unitCount}).wide(12)
	busiest.series[0] = series{query: query.MostReconciled, window: wholeRange}
	return []panel{
		objects(p, "Slowest objects",
			"The fifteen objects with the longest mean duration of a reconciliation within the last hour. They are worth splitting or "+
				"giving more time.", query.SlowestObjects, seconds("Mean duration")).wide(12),
		busiest,
		objects(p, "Not reconciled for two hours",
			"Objects without a reconciliation in two hours. Expected of suspended ones and of intervals longer than that; "+
				"any other is left behind: see its controller's log. "+
				"`kubectl -n <namespace> annotate --overwrite <plural>.<group> <name> reconcile.fluxcd.io/requestedAt=\"$(date +%s)\"` has it "+
				"reconciled now.",
			query.SilentObjects, unseen()).high(6).saying("Every object was reconciled"),
	}
}
