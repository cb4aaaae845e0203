package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// clusterStats is about the objects users hand to Flux.
var clusterStats = definition{
	name:        "flux-cluster",
	title:       "Flux Cluster Stats",
	description: "What Flux applies to the cluster and where it comes from: how many objects, which fail, how long they take.",
	from:        "now-1h",
	objects:     true,
	rows: func(p Params) []row {
		reconcilers, sources := p.Flux.KindsOf(flux.RoleReconciler), p.Flux.KindsOf(flux.RoleSource)
		return []row{
			{panels: counts(p, reconcilers, sources)},
			{title: "Status", panels: status(p, reconcilers, sources)},
			{title: "Health", panels: health()},
			{title: "Timing", panels: timing(reconcilers, sources)},
			{title: "Activity", panels: activity()},
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
				"find it under Status, then run `flux events --for <kind>/<name>`."+silentKinds(p, reconcilers),
			beyond(1, red), of(query.NotReadyCount, reconcilers)).onlyIf(anyReconcilers),
		stat("Kubernetes Manifests Sources", unitCount,
			"Objects that fetch what is applied, suspended ones included. A sudden drop means objects were deleted, or "+
				"their controller has just restarted and has not come to them yet.",
			neutral(), of(query.ObjectCount, sources)).onlyIf(anySources),
		stat("Failing Sources", unitCount,
			"Sources that are not ready and not suspended. Anything above 0 means that new revisions do not arrive: "+
				"find it under Status, then run `flux get sources all -A`."+silentKinds(p, sources),
			beyond(1, red), of(query.NotReadyCount, sources)).onlyIf(anySources),
		bars("Reconciler ops avg. duration",
			"Mean duration of a reconciliation in the time range, by kind. Minutes are normal where objects wait for "+
				"health checks; what grows without a reason is explained under Timing.",
			of(query.ReconciliationSeconds, reconcilers)).onlyIf(anyReconcilers),
		bars("Source ops avg. duration",
			"Mean duration of fetching a source in the time range, by kind. Long durations mean a slow server or a "+
				"large repository: look at the slowest under Timing.",
			of(query.ReconciliationSeconds, sources)).onlyIf(anySources),
	}
}

// silentKinds says which kinds a panel about state cannot show.
func silentKinds(p Params, kinds []string) string {
	var silent []string
	for _, kind := range kinds {
		if !p.Tells(kind) {
			silent = append(silent, kind)
		}
	}
	if len(silent) == 0 {
		return ""
	}
	return fmt.Sprintf(" Not in it, because the controllers of this Flux version do not tell their state: %s.",
		strings.Join(silent, ", "))
}

func bars(title, description string, one query.Query) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.BarGauge, Title: title, Description: description, Unit: unitSeconds,
			Decimals: asGrafanaLikes, Min: grafana.Of(0), Steps: neutral()},
		series: []series{{query: one, legend: "{{cluster}} {{kind}}", window: wholeRange}},
	}
}

func status(p Params, reconcilers, sources []string) []panel {
	return []panel{
		readiness("Cluster reconciliation readiness",
			"Every reconciler that is not suspended. See why one is not ready with `flux events --for <kind>/<name>`."+
				silentKinds(p, reconcilers), of(query.Readiness, reconcilers)).onlyIf(len(reconcilers) > 0),
		readiness("Source acquisition readiness",
			"Every source that is not suspended. While one is not ready, what is built from it keeps its last "+
				"revision. See why with `flux events --for <kind>/<name>`."+silentKinds(p, sources),
			of(query.Readiness, sources)).onlyIf(len(sources) > 0),
		objects("Suspended Objects", "",
			"Objects Flux was told to leave alone. Each stays as it is until `flux resume <kind> <name>`; one that nobody "+
				"remembers is a change that never arrives."+silentKinds(p, slices.Concat(reconcilers, sources)),
			query.Suspended),
	}
}

// health is what the alerts on all objects, and on what is not plainly not ready, look at.
func health() []panel {
	return []panel{
		lines("Objects that are not ready", unitShare,
			"Share of the objects that are not suspended. Above the line many fail at once, for one cause they share: a source, "+
				"a credential, an admission webhook, the API server. `flux get all -A --status-selector ready=false` lists them.",
			series{query: query.NotReadyShare, legend: "{{cluster}} not ready"}).limited(query.ManyNotReadyLimit),
		lines("Objects that fail", unitShare,
			"Share of the objects that are not suspended, from their failure until they are ready again. One in a hundred is the "+
				"error budget; what stays above the line uses it up.",
			series{query: query.FailingShare, legend: "{{cluster}} fails"}).limited(query.BurnSlowLimit),
		notReadyFor(),
		objects("Waiting for another", "",
			"Objects that wait for what is in their spec.dependsOn. Normal while that is rolled out; what waits for an hour depends on "+
				"something that fails or is not there.", query.Waiting),
		objects("Objects Flux has given up on", "",
			"Stalled objects: Flux does not try again before someone changes them. What must change is in the message of the "+
				"condition Stalled.", query.Stalled),
		objects("Behind their source", "",
			"Kustomizations that are ready at another revision than their source has. Normal for minutes after a commit; one that "+
				"stays has no controller that works on it.", query.Behind),
		objects("Failures within two hours", "Failures",
			"How often each object failed and became ready again. Several mean that something comes and goes: a registry, a "+
				"webhook, a quota.", query.Failures),
	}
}

func notReadyFor() panel {
	table := objects("Not ready for", "Seconds",
		"For how long each object has not been ready without a break. Begin with the one at the top: what is made from it, or depends "+
			"on it, follows. See why with `kubectl describe <kind> <name>`.", query.NotReadySeconds)
	table.Unit = unitSeconds
	return table
}

func readiness(title, description string, one query.Query) panel {
	table := objects(title, "Ready", description, one).wide(12)
	table.Texts = []grafana.Text{
		{Value: grafana.Decimal(0), Word: "Not ready", Color: red},
		{Value: grafana.Decimal(1), Word: "Ready", Color: green},
	}
	return table
}

// objects is a table with a line for each object, and its value under a heading.
func objects(title, value, description string, one query.Query) panel {
	return panel{
		Panel: grafana.Panel{Kind: grafana.Table, Title: title, Description: description, Value: value,
			Decimals: asGrafanaLikes, Unit: unitCount,
			Columns: []grafana.Column{
				{Label: flux.LabelCluster, Heading: "Cluster"},
				{Label: flux.LabelObjectNamespace, Heading: "Namespace"},
				{Label: flux.LabelKind, Heading: "Kind"},
				{Label: flux.LabelName, Heading: "Name"},
			}},
		series: []series{{query: one, own: true}},
	}
}

func timing(reconcilers, sources []string) []panel {
	const legend = "{{cluster}} {{kind}} {{exported_namespace}}/{{name}}"
	return []panel{
		lines("Cluster reconciliation duration", unitSeconds,
			"Mean duration of each object's reconciliations, the fifteen slowest. An object near its timeout fails soon: "+
				"raise spec.timeout or see which of its health checks does not pass.",
			series{query: of(query.SlowestObjects, reconcilers), legend: legend}).onlyIf(len(reconcilers) > 0),
		lines("Source acquisition duration", unitSeconds,
			"Mean duration of fetching each source, the fifteen slowest. A source that becomes slower has grown or has a "+
				"slow server: narrow it with spec.ignore or a longer spec.interval.",
			series{query: of(query.SlowestObjects, sources), legend: legend}).onlyIf(len(sources) > 0),
	}
}

func activity() []panel {
	slow := objects("Mean duration by object", "Seconds",
		"Mean duration of every object's reconciliations in the time range. The objects on top are worth splitting or "+
			"giving more time.", query.ReconciliationSecondsByObject).wide(12)
	slow.series[0] = series{query: query.ReconciliationSecondsByObject, window: wholeRange}
	slow.Unit = unitSeconds
	return []panel{
		lines("Objects", unitCount,
			"Objects by kind, suspended ones included. A line that falls without a deployment means objects are pruned: "+
				"look into the last change of their source.",
			series{query: query.ObjectsByKind, legend: "{{cluster}} {{kind}}"}),
		lines("Reconciliations", unitOpsMin,
			"Reconciliations a minute by kind. A kind at zero while it has objects does nothing: look at its controller "+
				"on the dashboard Flux Control Plane.",
			series{query: query.ReconciliationsByKind, legend: "{{cluster}} {{kind}}"}),
		objects("Not reconciled for two hours", "",
			"Objects without a reconciliation in two hours. Expected of suspended ones and of intervals longer than that; "+
				"any other is left behind: run `flux reconcile <kind> <name>` and read its controller's log.",
			query.SilentObjects).wide(12),
		slow,
	}
}
