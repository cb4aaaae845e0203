package dashboards

import (
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// fleet is about many clusters, whose recordings and alerts reach one Prometheus.
var fleet = definition{
	name:        "flux-fleet",
	title:       "Flux Fleet",
	description: "Flux on many clusters: which of them need someone, and how much of what they should run they do.",
	from:        "now-6h",
	chooses:     []choice{byCluster},
	lists:       ofClusters,
	unless:      func(p Params) bool { return !p.Fleet || !p.Exposes(flux.RecordedCount) },
	rows: func(p Params) []row {
		return []row{
			{panels: fleetCounts()},
			{title: "Clusters", panels: clusters(p)},
			{title: "Over time", panels: fleetHistory(p)},
			{title: "Problems", panels: []panel{
				firing(p).leading(ofTheLineOfAFleet(p)),
				objects(p, "Not ready for",
					"For how long each object of each cluster has not been ready without a break. The same name in many clusters is a "+
						"change that is wrong in itself; many names in one cluster are that cluster's own matter.",
					query.NotReadySeconds, seconds("Not ready for")).high(10).leading(ofTheLineOfAFleet(p)).of(ofClusters).saying("Everything is ready"),
			}},
		}
	},
}

func fleetCounts() []panel {
	return []panel{
		stat("Clusters", unitCount,
			"Clusters that export the state of their objects now. Fewer than you have: those that are missing send nothing here, or have no "+
				"FluxMonitoring with spec.cluster.", neutral(), query.FleetClusters).of(ofClusters),
		stat("Clusters with a failure", unitCount,
			"Clusters with an object that is neither ready nor suspended. A click on a cluster's name below shows its objects; minutes "+
				"are normal while something is rolled out.", beyond(1, orange), query.FleetTroubled).of(ofClusters),
		unbroken(stat("Silent clusters", unitCount,
			"Clusters that exported the state of their objects within a day and do not now. Nothing of them can be alerted on here: look whether "+
				"the cluster, its Prometheus and its remote write work.", beyond(1, red), query.FleetSilent)).of(ofClusters),
		stat("Objects", unitCount,
			"Objects of Flux in all clusters that are not suspended. A sudden drop is a cluster that fell silent, or a source from "+
				"which much was removed.", neutral(), query.FleetTotal).of(ofClusters),
	}
}

// unbroken keeps the windows the panel's queries are written with.
func unbroken(c panel) panel {
	for i := range c.series {
		c.series[i].keepsWindow = true
	}
	return c
}

func clusters(p Params) []panel {
	count := func(heading string, color string) grafana.Value {
		return grafana.Value{Heading: heading, Unit: unitCount, Steps: beyond(1, color)}
	}
	overview := table("Clusters at a glance",
		"A line for each cluster, the one with the most critical alerts first. Begin there; a click on its name shows what its Flux does. "+
			"Controllers that are down explain objects that are not ready, not the other way round.",
		[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster", Opens: ofTheCluster(p)}},
		query.FleetCritical, count("Critical alerts", red)).
		with(query.FleetFiring, count("Alerts", orange)).
		with(query.FleetControllersDown, count("Controllers down", red)).
		with(query.FleetNotReady, count("Not ready", red)).
		with(query.FleetOldest, seconds("Longest not ready")).
		with(query.FleetSuspended, grafana.Value{Heading: "Suspended", Unit: unitCount}).
		with(query.FleetObjects, grafana.Value{Heading: "Objects", Unit: unitCount}).
		of(ofClusters).high(8)
	return []panel{overview}
}

// ofTheCluster opens the dashboard about the objects of the cluster that a table's line is about.
func ofTheCluster(p Params) grafana.DataLink {
	if !p.includes(clusterStatsName) {
		return grafana.DataLink{}
	}
	url := "/d/" + p.uid(clusterStatsName) + "?var-cluster=${__data.fields.Cluster}&${__url_time_range}"
	if p.Datasource.UID == "" {
		url += "&${datasource:queryparam}"
	}
	return grafana.DataLink{Title: "Show cluster ${__data.fields.Cluster}", URL: url}
}

func fleetHistory(p Params) []panel {
	heard := []grafana.Text{{Value: "1", Word: "Heard", Color: green}}
	return []panel{
		timeline("Reporting clusters",
			"While a cluster exports the state of its objects. A gap is a time in which nobody would have been woken for that cluster by "+
				"rules here: look at its Prometheus.",
			heard, series{query: query.FleetReporting, legend: "{{cluster}}"}).of(ofClusters).high(8),
		lines("Objects that are not ready", unitShare,
			"Share of each cluster's objects that are neither ready nor suspended. If all lines rise at once, look for a change or a source "+
				"that they share.",
			series{query: query.NotReadyShare, legend: "{{cluster}}"}).of(ofClusters),
		lines("Objects that fail", unitShare,
			"Share of each cluster's objects that failed and are not ready again. The error budget is 1 %.",
			series{query: query.FailingShare, legend: "{{cluster}}"}).of(ofClusters).
			onlyIf(p.Exposes(flux.RecordedFailingRatio)),
	}
}
