package dashboards

import (
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// monitoring is about the operator at hand, its exporter and the FluxMonitorings it reconciles.
var monitoring = definition{
	name:        "fluxmonitoring",
	title:       "Flux Monitoring",
	description: "The operator that makes Flux observable: if it works, what its exporter exports, and what both cost.",
	from:        "now-1h",
	chooses:     []choice{byCluster},
	lists:       ofOperator,
	rows: func(p Params) []row {
		return []row{
			{panels: overviewOfMonitoring(p)},
			{title: "Exporter", panels: exporterPanels(p)},
			{title: "Operator", panels: operatorPanels()},
			{title: "Resource usage", panels: operatorUsage()},
		}
	},
}

func overviewOfMonitoring(p Params) []panel {
	exports := p.State == flux.Exporter
	return []panel{
		stat("FluxMonitorings not ready", unitCount,
			"FluxMonitorings that are neither ready nor suspended. If the number is above 0, dashboards, alerts or scrapes are missing or old. `kubectl "+
				"describe fluxmonitorings.fluxmonitoring.dev -A` says why.",
			beyond(1, red), query.MonitoringsNotReadyCount).onlyIf(p.Exposes(flux.RecordedNotReady) && p.HasStateOf("FluxMonitoring")),
		stat("Exported objects", unitCount,
			"Objects whose state the exporter exports. If they are far fewer than `flux get all -A` lists, read the condition ResourceMetrics of the "+
				"FluxMonitoring.", neutral(), query.ExportedCount).of(ofState).onlyIf(exports),
		stat("Omitted objects", unitCount,
			"Objects that the exporter omits because of --max-series. No alert fires when one of them fails. Raise the flag, or divide the objects among "+
				"several operators.",
			beyond(1, red), query.OmittedCount).of(ofState).onlyIf(exports),
		stat("Unreadable kinds", unitCount,
			"Kinds of Flux whose objects the exporter cannot read, because it lacks a permission or their API fails. The condition ResourceMetrics names "+
				"them.", beyond(1, red), query.UnreadableCount).of(ofState).onlyIf(exports),
		table("FluxMonitorings",
			"Every FluxMonitoring that is not suspended. If one is not ready, its condition Ready says why: `kubectl -n <namespace> describe "+
				"fluxmonitorings.fluxmonitoring.dev <name>`.",
			[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: flux.LabelObjectNamespace, Heading: "Namespace"},
				{Label: flux.LabelName, Heading: "Name"}},
			query.MonitoringReady, grafana.Value{Heading: "Ready", Texts: readiness()}).wide(12).high(7).
			onlyIf(p.Exposes(flux.RecordedReady) && p.HasStateOf("FluxMonitoring")),
		table("Omitted objects by kind",
			"Kinds with objects that the exporter omits, and how many. The number is 1 for a kind that the exporter cannot read. No alert about these "+
				"objects can fire.",
			[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: flux.LabelKind, Heading: "Kind"}},
			query.Incomplete, limitedValue(p, "Omitted", "FluxExporterIncomplete")).
			of(ofState).wide(12).high(7).saying("Nothing is omitted").onlyIf(exports),
	}
}

func exporterPanels(p Params) []panel {
	exports := p.State == flux.Exporter
	return []panel{
		lines("Objects by kind", unitCount,
			"Exported objects by kind. If a line falls without a change of yours, Flux has pruned objects, or the exporter cannot read the kind any more.",
			series{query: query.Exported, legend: "{{cluster}} {{kind}}"}).of(ofState).stacked().onlyIf(exports),
		timeline("Export of object state",
			"When the state of objects reached Prometheus, by cluster. In a gap no alert about an object could fire. If a gap lasts, "+
				"FluxResourceMetricsAbsent fires.",
			[]grafana.Text{{Value: "1", Word: "Exported", Color: green}}, series{query: query.FleetReporting, legend: "{{cluster}} state"}).
			wide(12).high(8).onlyIf(p.Exposes(flux.RecordedObserved)),
		lines("Scrape duration", unitSeconds,
			"How long Prometheus takes to scrape the exporter. Near the timeout of the scrape Prometheus loses samples. Raise spec.scrape.timeout, or "+
				"divide the objects among several operators.",
			series{query: query.ScrapeSeconds, legend: "{{cluster}} {{pod}}"}).of(ofState).onlyIf(p.StateJob != "" && exports),
		lines("Samples per scrape", unitCount,
			"Samples of each scrape of the exporter. A pod that does not lead has none of objects. The number grows with the objects. "+
				"spec.resourceMetrics.legacyMetrics: Disabled omits five of the six series of each object.",
			series{query: query.ScrapeSamples, legend: "{{cluster}} {{pod}}"}).of(ofState).onlyIf(p.StateJob != "" && exports),
	}
}

func operatorPanels() []panel {
	return []panel{
		timeline("Operator up",
			"1 if the pod of the operator answers Prometheus. While none does, the operator does not restore objects that others change, and does not "+
				"export the state of objects.",
			answering(), series{query: query.PodUp, legend: "{{cluster}} {{pod}}"}).of(ofOperator).wide(12).high(6),
		timeline("Leader",
			"Which pod leads. One pod should lead all the time. The leader changes when a new pod starts, or when the leader cannot reach the API server.",
			[]grafana.Text{{Value: "0", Word: "Waits", Color: grey}, {Value: "1", Word: "Leads", Color: green}},
			series{query: query.Leads, legend: "{{cluster}} {{pod}}"}).of(ofOperator).wide(12).high(6).saying("Pods do not elect a leader"),
		lines("Reconciliations per minute", unitOpsMin,
			"Reconciliations of the operator per minute. There are almost none at rest. If a line stays up, another client changes an object all the time.",
			series{query: query.ReconciliationsByController, legend: "{{cluster}} {{controller}}"}).of(ofOperator),
		lines("Errors per minute", unitOpsMin,
			"Reconciliations of the operator per minute that ended in an error. The condition Ready of a FluxMonitoring and the operator's log have the "+
				"cause.",
			series{query: query.ReconciliationErrors, legend: "{{cluster}} {{controller}}"}).of(ofOperator),
		lines("Duration of reconciliations", unitSeconds,
			"Mean duration of the operator's reconciliations. If it is seconds, the API server is slow, or the cluster has very many objects. See the "+
				"requests beside this panel.",
			series{query: query.ControllerSeconds, legend: "{{cluster}} {{controller}}"}).of(ofOperator).
			saying("No recent reconciliation"),
		lines("Kubernetes API requests", unitReqSec,
			"Requests of the operator to API servers. At rest the operator only renews its Lease. If there are more requests all the time, it does work "+
				"that does not end.",
			series{query: query.APIRequests, legend: "{{cluster}} {{namespace}}"}).of(ofOperator),
	}
}

func operatorUsage() []panel {
	return []panel{
		lines("Memory", unitBytes,
			"Resident memory of each pod of the operator. It grows with the objects that the exporter watches. The page docs/performance.md says how much "+
				"is normal.",
			series{query: query.PodMemory, legend: "{{cluster}} {{pod}}"}).of(ofOperator),
		lines("Memory against limit", unitShare,
			"Share of its memory limit that each pod uses. Near 100 % the kernel kills the pod. Raise the limit. No alert is on the memory of the operator.",
			series{query: query.MemoryRatio, legend: "{{cluster}} {{pod}}"}).of(ofOperator),
		lines("CPU", unitCPUCores,
			"CPU cores that each pod of the operator uses. The operator works when objects change and when Prometheus scrapes it. If a core is always "+
				"busy, divide the objects among several operators.",
			series{query: query.PodCPU, legend: "{{cluster}} {{pod}}"}).of(ofOperator),
		lines("Work queue depth", unitCount,
			"Resources that wait for the operator. If the queue does not empty, the operator reacts late to changes.",
			series{query: query.QueueDepth, legend: "{{cluster}} {{name}}"}).of(ofOperator),
	}
}
