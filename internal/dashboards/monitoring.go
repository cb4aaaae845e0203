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
	description: "The operator that makes Flux observable: whether it works, what its exporter exports, and what both cost.",
	from:        "now-1h",
	chooses:     []choice{byCluster},
	lists:       ofOperator,
	rows: func(p Params) []row {
		return []row{
			{panels: overviewOfMonitoring(p)},
			{title: "Exporter", panels: exporterPanels(p)},
			{title: "Operator", panels: operatorPanels()},
			{title: "Operator's resources", panels: operatorUsage()},
		}
	},
}

func overviewOfMonitoring(p Params) []panel {
	exports := p.State == flux.Exporter
	return []panel{
		stat("FluxMonitorings not ready", unitCount,
			"FluxMonitorings that are neither ready nor suspended. Anything above 0 means that dashboards, alerts or scrapes are not as "+
				"their spec wants them: `kubectl describe fluxmonitorings.fluxmonitoring.dev -A` says why.",
			beyond(1, red), query.MonitoringsNotReadyCount).onlyIf(p.Exposes(flux.RecordedNotReady) && p.HasStateOf("FluxMonitoring")),
		stat("Exported objects", unitCount,
			"Objects whose state the exporter exports. Far fewer than `flux get all -A` lists: see the condition ResourceMetrics of the "+
				"FluxMonitoring.", neutral(), query.ExportedCount).of(ofState).onlyIf(exports),
		stat("Omitted objects", unitCount,
			"Objects that the exporter omits because of --max-series. Nobody is notified when one of them fails: raise the flag, or divide "+
				"the fleet among several operators.",
			beyond(1, red), query.OmittedCount).of(ofState).onlyIf(exports),
		stat("Kinds that cannot be read", unitCount,
			"Kinds of Flux whose objects the exporter cannot read, for want of permission or because their API fails. The condition "+
				"ResourceMetrics names them.", beyond(1, red), query.UnreadableCount).of(ofState).onlyIf(exports),
		table("FluxMonitorings",
			"Every FluxMonitoring that is not suspended. One that is not ready says in its condition Ready what is missing: see it with "+
				"`kubectl -n <namespace> describe fluxmonitorings.fluxmonitoring.dev <name>`.",
			[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: flux.LabelObjectNamespace, Heading: "Namespace"},
				{Label: flux.LabelName, Heading: "Name"}},
			query.MonitoringReady, grafana.Value{Heading: "Ready", Texts: readiness()}).wide(12).high(7).
			onlyIf(p.Exposes(flux.RecordedReady) && p.HasStateOf("FluxMonitoring")),
		table("Omitted objects by kind",
			"Kinds with objects that the exporter omits, and how many. 1 for a kind that it cannot read. Alerts on these objects "+
				"cannot fire.",
			[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster"}, {Label: flux.LabelKind, Heading: "Kind"}},
			query.Incomplete, limitedValue(p, "Omitted", "FluxExporterIncomplete")).
			of(ofState).wide(12).high(7).saying("Nothing is omitted").onlyIf(exports),
	}
}

func exporterPanels(p Params) []panel {
	exports := p.State == flux.Exporter
	return []panel{
		lines("Objects by kind", unitCount,
			"Exported objects by kind. A line that falls without a deployment means objects are pruned, or that their kind "+
				"cannot be read any more.",
			series{query: query.Exported, legend: "{{cluster}} {{kind}}"}).of(ofState).stacked().onlyIf(exports),
		timeline("State of objects is exported",
			"While the state of objects reaches Prometheus, by cluster. In a gap no alert on an object can fire; FluxResourceMetricsAbsent "+
				"fires if it lasts.",
			[]grafana.Text{{Value: "1", Word: "Exported", Color: green}}, series{query: query.FleetReporting, legend: "{{cluster}} state"}).
			wide(12).high(8).onlyIf(p.Exposes(flux.RecordedObserved)),
		lines("Duration of a scrape", unitSeconds,
			"How long Prometheus takes to scrape the exporter. Near the scrape's timeout samples will be lost: raise "+
				"spec.scrape.timeout or share the fleet among several operators.",
			series{query: query.ScrapeSeconds, legend: "{{cluster}} {{pod}}"}).of(ofState).onlyIf(p.StateJob != "" && exports),
		lines("Samples of a scrape", unitCount,
			"Samples each scrape of the exporter brings; the pod that does not lead brings none of objects. They grow with the objects: "+
				"spec.resourceMetrics.legacyMetrics Disabled spares five of the six series of each object.",
			series{query: query.ScrapeSamples, legend: "{{cluster}} {{pod}}"}).of(ofState).onlyIf(p.StateJob != "" && exports),
	}
}

func operatorPanels() []panel {
	return []panel{
		timeline("Operator Up",
			"1 if the pod of the operator answers Prometheus. While none does, the operator restores nothing that others change, and the state of "+
				"objects is not exported.",
			answering(), series{query: query.PodUp, legend: "{{cluster}} {{pod}}"}).of(ofOperator).wide(12).high(6),
		timeline("Leader",
			"Which pod leads. It should be one all the time; a change of leader is a new pod or one that lost the API server.",
			[]grafana.Text{{Value: "0", Word: "Waits", Color: grey}, {Value: "1", Word: "Leads", Color: green}},
			series{query: query.Leads, legend: "{{cluster}} {{pod}}"}).of(ofOperator).wide(12).high(6).saying("Pods do not elect a leader"),
		lines("Reconciliations ops/min", unitOpsMin,
			"Reconciliations of the operator a minute. There are almost none at rest. A line that stays up is an object that "+
				"another client changes all the time.",
			series{query: query.ReconciliationsByController, legend: "{{cluster}} {{controller}}"}).of(ofOperator),
		lines("Errors ops/min", unitOpsMin,
			"Reconciliations of the operator a minute that ended in an error. The condition Ready of a FluxMonitoring and the "+
				"operator's log have the cause.",
			series{query: query.ReconciliationErrors, legend: "{{cluster}} {{controller}}"}).of(ofOperator),
		lines("Duration of reconciliations", unitSeconds,
			"Mean duration of the operator's reconciliations. Seconds mean a slow API server, or a cluster in which very much is watched: "+
				"see the requests beside it.",
			series{query: query.ControllerSeconds, legend: "{{cluster}} {{controller}}"}).of(ofOperator).
			saying("Nothing was reconciled"),
		lines("Kubernetes API requests", unitReqSec,
			"Requests of the operator to API servers. At rest it only renews its lease; more that lasts is work that does not end.",
			series{query: query.APIRequests, legend: "{{cluster}} {{namespace}}"}).of(ofOperator),
	}
}

func operatorUsage() []panel {
	return []panel{
		lines("Memory", unitBytes,
			"Resident memory of each pod of the operator. It grows with the objects the exporter watches; docs/performance.md says how "+
				"much is normal.",
			series{query: query.PodMemory, legend: "{{cluster}} {{pod}}"}).of(ofOperator),
		lines("Memory against limit", unitShare,
			"Share of its memory limit that each pod uses. Near 100 % the kernel kills the pod: raise the limit. No alert covers the "+
				"memory of the operator.",
			series{query: query.MemoryRatio, legend: "{{cluster}} {{pod}}"}).of(ofOperator),
		lines("CPU", unitCPUCores,
			"Cores each pod of the operator uses. It works when objects change and when it is scraped; a core that is always busy is more "+
				"objects than one exporter should have.",
			series{query: query.PodCPU, legend: "{{cluster}} {{pod}}"}).of(ofOperator),
		lines("Work queue depth", unitCount,
			"Objects that wait for the operator. If the queue does not empty, the operator corrects changes late.",
			series{query: query.QueueDepth, legend: "{{cluster}} {{name}}"}).of(ofOperator),
	}
}
