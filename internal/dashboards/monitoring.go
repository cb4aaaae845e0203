package dashboards

import (
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// monitoring is about the operator at hand and the FluxMonitorings it reconciles. It answers whether alerts can be trusted, what the exporter
// omits, and whether the operator works; what only its developers need is not on it.
var monitoring = definition{
	name:        "fluxmonitoring",
	title:       "Flux Monitoring",
	description: "The operator that makes Flux observable: if monitoring works, and what its exporter exports.",
	from:        "now-1h",
	chooses:     []choice{byCluster},
	lists:       ofOperator,
	rows: func(p Params) []row {
		return []row{
			{panels: overviewOfMonitoring(p)},
			{title: "Exporter and operator", panels: operatorPanels(p)},
		}
	},
}

func overviewOfMonitoring(p Params) []panel {
	exports := p.State == flux.Exporter
	heartbeat := stat("Heartbeat", unitCount,
		"The alert that Alertmanager sends to your heartbeat service all the time. It is not sent if spec.alerts has no heartbeat. The "+
			"service notices if it stops.", []grafana.Step{{Color: grey}}, query.HeartbeatSent)
	heartbeat.Texts = []grafana.Text{{Value: "1", Word: "Fires", Color: green}}
	omitted := stat("Omitted objects", unitCount,
		"Objects that the exporter omits because of --max-series, by kind, and 1 for a kind that it cannot read. No alert fires when one of them fails. "+
			"Raise the flag, or give the permission.", beyond(1, red), query.Incomplete)
	omitted.series[0].legend = legendKind
	return []panel{
		stat("FluxMonitorings not ready", unitCount,
			"FluxMonitorings that are neither ready nor suspended. If the number is above 0, dashboards, alerts or scrapes are missing or old. `kubectl "+
				"describe fluxmonitorings.fluxmonitoring.dev -A` says why.",
			beyond(1, red), query.MonitoringsNotReadyCount).onlyIf(p.Exposes(flux.RecordedNotReady) && p.HasStateOf("FluxMonitoring")),
		heartbeat.of(ofClusters).saying("Not sent").onlyIf(p.Limits != nil),
		stat("Exported objects", unitCount,
			"Objects whose state the exporter exports. If they are far fewer than `flux get all -A` lists, read the condition ResourceMetrics of the "+
				"FluxMonitoring.", neutral(), query.ExportedCount).of(ofState).onlyIf(exports),
		omitted.limited(p, "FluxExporterIncomplete").of(ofState).saying("None").onlyIf(exports),
		table("Conditions",
			"The conditions of each FluxMonitoring, those that are False first. One that is Unknown is not in it. `kubectl -n <namespace> describe "+
				"fluxmonitorings.fluxmonitoring.dev <name>` has the messages, and Proven is the summary.",
			[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: flux.LabelObjectNamespace, Heading: "Namespace"},
				{Label: flux.LabelName, Heading: "Name"}, {Label: "type", Heading: "Condition"}},
			query.Conditions, grafana.Value{Heading: "Status", Width: 90, Texts: []grafana.Text{
				{Value: "0", Word: "False", Color: red}, {Value: "1", Word: "True", Color: green}}}).of(ofOperator).wide(12).high(10),
		timeline("Export of object state",
			"When the state of objects reached Prometheus, by cluster. In a gap no alert about an object could fire. If a gap lasts, "+
				"FluxResourceMetricsAbsent fires.",
			[]grafana.Text{{Value: "1", Word: "Exported", Color: green}}, series{query: query.FleetReporting, legend: "{{cluster}} state"}).
			wide(12).high(10).onlyIf(p.Exposes(flux.RecordedObserved)),
	}
}

func operatorPanels(p Params) []panel {
	return []panel{
		lines("Scrape duration", unitSeconds,
			"How long Prometheus takes to scrape the exporter. Near the timeout of the scrape Prometheus loses samples. Raise spec.scrape.timeout, or "+
				"divide the objects among several operators.",
			series{query: query.ScrapeSeconds, legend: legendPod}).logarithmic().of(ofState).onlyIf(p.StateJob != "" && p.State == flux.Exporter),
		timeline("Leader",
			"Which pod of the operator leads. One pod should lead all the time. While none does, the operator does not restore objects that others "+
				"change, and exports nothing.",
			[]grafana.Text{{Value: "0", Word: "Waits", Color: plain}, {Value: "1", Word: "Leads", Color: blue}},
			series{query: query.Leads, legend: legendPod}).of(ofOperator).wide(12).high(8).saying("Pods do not elect a leader"),
		lines("Errors per minute", unitOpsMin,
			"Reconciliations of the operator per minute that ended in an error. The condition Ready of a FluxMonitoring and the operator's log have the "+
				"cause.",
			series{query: query.ReconciliationErrors, legend: legendController}).of(ofOperator),
		lines("Memory against limit", unitShare,
			"Share of its memory limit that each pod of the operator uses. Near 100 % the kernel kills the pod. Raise the limit. The page "+
				"docs/performance.md says how much is normal.",
			series{query: query.MemoryRatio, legend: legendPod}).of(ofOperator),
	}
}
