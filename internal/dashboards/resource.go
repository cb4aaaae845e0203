package dashboards

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// resourceName is the uid of the dashboard about one object, to which those about many lead.
const resourceName = "flux-resource"

// resource is about one object. Its first screen answers what state it is in and why, since when, and what it depends on.
var resource = definition{
	name:        resourceName,
	title:       "Flux Resource",
	description: "One Flux object: its state now and over time, its revisions, how long it takes, its source and its dependents.",
	from:        "now-6h",
	chooses:     []choice{byCluster, byOperatorNamespace, byNamespace, byKind, byName},
	rows: func(p Params) []row {
		return []row{
			{panels: statePanels(p)},
			{title: "History", panels: historyPanels(p)},
			{title: "Dependencies", panels: relativePanels(p)},
			{title: "Timing", collapsed: true, panels: timingPanels()},
		}
	},
}

func statePanels(p Params) []panel {
	state := stat("State", unitCount,
		"The state of the object now. If it is failing or not ready, see why with "+describe+" If it is stalled, someone must change it. If it is "+
			"waiting, look at its dependencies. A failing object stays failing while Flux retries it and its condition Ready is Unknown.",
		nil, query.ObjectState(p.Recorded()))
	state.Texts, state.Nothing = states(p), "Unknown"
	reconciliations := overTheRange(stat("Reconciliations", unitCount,
		"How often the object was reconciled in the time range. If the range is longer than its interval and there is none, no controller reconciles "+
			"the object.", neutral(), query.Reconciliations)).saying("Not counted")
	reconciliations.Decimals = 0 // Prometheus extrapolates
	return []panel{
		state.wide(4).onlyIf(p.Exposes(flux.RecordedReady)),
		stat("Not ready for", unitSeconds,
			"How long the object has not been ready without a break. Minutes are normal while its pods start. After hours, a person must "+
				"look.", since(red), query.NotReadySeconds).wide(4).saying("-"),
		stat("Suspended for", unitSeconds,
			"For how long the object is known to be suspended. No change reaches it until you resume it, and no alert reports its "+
				"failures.", since(orange), query.SuspendedSeconds).wide(4).saying("-"),
		reconciliations.wide(4),
		overTheRange(stat("Mean duration", unitSeconds,
			"Mean duration of the object's reconciliations in the time range. If it is near spec.timeout, the object will fail. Find the health check that "+
				"does not pass.", neutral(), query.ReconcileSeconds)).wide(4).saying("-"),
		infoPanel(p),
	}
}

// overTheRange takes the whole time range for the panel's window.
func overTheRange(c panel) panel {
	c.series[0].window = wholeRange
	return c
}

// infoPanel is what the source of object state says of the object beyond its state.
func infoPanel(p Params) panel {
	const title, description = "Details", "The condition Ready with its reason, the revision, and where it comes from, as they are now. If the " +
		"revision stays and its source has another, a change does not arrive."
	if p.State == flux.OperatorReport {
		return table(title, description, facts("source_name", "url", "ref", "path"), query.ReportInfo, unseen()).
			of(ofState).high(4)
	}
	return table(title, description, facts(flux.LabelSourceKind, flux.LabelSourceNamespace, flux.LabelSourceName,
		"url", "chart_name", "chart_app_version", "image", "bucket_name"), query.Info, unseen()).wide(24).of(ofState).high(4)
}

// facts are columns for the labels that every object has, and for these.
func facts(more ...string) []grafana.Column {
	headings := map[string]string{
		"source_name": "Source", "source_kind": "Source kind", "source_namespace": "Source namespace", "url": "URL", "ref": "Reference",
		"path": "Path", "chart_name": "Chart", "chart_app_version": "App version", "image": "Image",
		"bucket_name": "Bucket",
	}
	columns := []grafana.Column{
		{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: "ready", Heading: "Ready", Texts: conditions()}, {Label: "reason", Heading: "Reason"},
		{Label: "suspended", Heading: "Suspended"}, {Label: "revision", Heading: "Revision"},
	}
	for _, label := range more {
		columns = append(columns, grafana.Column{Label: label, Heading: headings[label]})
	}
	return columns
}

func historyPanels(p Params) []panel {
	revisions, reasons := query.Revisions, query.Reasons
	if p.State == flux.OperatorReport {
		revisions, reasons = query.ReportRevisions, query.ReportReasons
	}
	there := []grafana.Text{{Value: "1", Word: "In effect", Color: blue}}
	ready := []grafana.Text{{Value: "1", Word: "Ready", Color: green}, {Value: "0", Word: "Not ready", Color: red},
		{Value: "2", Word: "Unknown", Color: orange}}
	return []panel{
		timeline("State over time",
			"The state of the object over time. A failing object stays failing during retries, until it is ready. If it fails and recovers all the time, "+
				"look for something that fails for short times.",
			states(p), series{query: query.ObjectState(p.Recorded()), legend: legendObject}).
			high(4).onlyIf(p.Exposes(flux.RecordedReady)),
		timeline("Revisions over time",
			"Which revision the object had, and when: of a source the one that it fetched, of another object the one that it applied last. A new commit "+
				"appears within the interval of the source and of the object.",
			there, series{query: revisions, legend: "{{cluster}} {{revision}}"}).of(ofState).wide(12).high(6).saying("The object has had no revision"),
		timeline("Reasons over time",
			"The condition Ready over time, and its reason. See the message of the last failure with "+
				describe,
			ready, series{query: reasons, legend: "{{cluster}} {{reason}}"}).of(ofState).wide(12).high(6).
			saying("The object has had no condition"),
	}
}

func timingPanels() []panel {
	counted := lines("Reconciliations over time", unitCount,
		"How often its controller reconciled the object within each bar. If that is far more often than its interval, the object fails and is retried, "+
			"or something else changes it all the time.",
		series{query: query.Reconciliations, legend: "reconciliations", window: "$__interval"}).saying("The object was not reconciled")
	counted.Bars, counted.MinStep, counted.Decimals = true, "5m", 0 // Prometheus extrapolates
	return []panel{
		lines("Duration", unitSeconds,
			"Mean duration of the object's reconciliations. If it rises step by step, the object applies more. If it jumps to the timeout, a health check "+
				"does not pass.",
			series{query: query.ReconcileSeconds, legend: "{{cluster}} mean"}).saying("No reconciliation ended"),
		counted,
		heat("Reconciliations by duration",
			"How many of the object's reconciliations took how long. The legend has the number of each colour. Two bands are two kinds of work, such as "+
				"finding nothing new and applying a change.",
			query.ReconcileSecondsBuckets).wide(24).saying("No reconciliation ended"),
	}
}

// relativePanels are the source and the dependents of the object, which only some metrics sources export.
func relativePanels(p Params) []panel {
	if !p.State.HasSourceLabels() {
		return nil
	}
	identity := []string{flux.LabelCluster, "customresource_kind", flux.LabelObjectNamespace, flux.LabelName}
	var chosen []*labels.Matcher
	for _, c := range []choice{byNamespace, byKind, byName} {
		chosen = append(chosen, c.chosen(ofState)...)
	}
	source := table("Source",
		"The source of the object. While the source is not ready, the object keeps its last revision. Click on the name to see the source.",
		relatives(p), query.Info.And(identity, query.Sources.Within(chosen...)), unseen())
	made := table("Dependents",
		"Objects whose source is this object. While this object is not ready, they get no new revision. Fix this object first.",
		relatives(p), query.DependentsOf("$kind", "$namespace", "$name"), unseen())
	return []panel{
		source.of(ofState).ofAll().wide(24).high(4).saying("No source is exported"),
		made.of(ofState).ofAll().wide(24).high(6).saying("No object depends on it"),
	}
}

// relatives are the columns for another object, whose name leads to it.
func relatives(p Params) []grafana.Column {
	return slices.Concat(infoColumns(p), []grafana.Column{
		{Label: "ready", Heading: "Ready", Texts: conditions()}, {Label: "reason", Heading: "Reason"},
		{Label: "suspended", Heading: "Suspended"}, {Label: "revision", Heading: "Revision"},
	})
}
