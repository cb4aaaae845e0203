package dashboards

import (
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/grafana"
	"github.com/fluxmonitoring/operator/internal/query"
)

// fleet is about many clusters, whose recordings and alerts reach one Prometheus. Its first screen answers which clusters are silent, which
// need a person, and whether they began at once.
var fleet = definition{
	name:        "flux-fleet",
	title:       "Flux Fleet",
	description: "Flux on many clusters: which clusters need a person, and how many of their objects are ready.",
	from:        "now-6h",
	chooses:     []choice{byCluster},
	lists:       ofClusters,
	unless:      func(p Params) bool { return !p.Fleet || !p.Exposes(flux.RecordedCount) },
	rows: func(p Params) []row {
		return []row{
			{panels: slices.Concat(fleetCounts(), clusters(p))},
			{title: "Problems", panels: []panel{
				objects(p, "Not ready for",
					"For how long each object of each cluster has not been ready without a break. If one name is there for many clusters, the change itself is "+
						"wrong. If many names are of one cluster, look at that cluster.",
					query.NotReadySeconds, seconds("Not ready for")).wide(24).high(9).leading(ofTheLineOfAFleet(p)).of(ofClusters).saying("Everything is ready"),
				firing(p).leading(ofTheLineOfAFleet(p)).wide(24),
			}},
			{title: "Over time", panels: fleetHistory(p)},
		}
	},
}

func fleetCounts() []panel {
	return []panel{
		stat("Clusters", unitCount,
			"Clusters that export the state of their objects now. If there are fewer than you have, the others send nothing to this Prometheus, or have no "+
				"FluxMonitoring with spec.clusterName.", neutral(), query.FleetClusters).of(ofClusters),
		stat("Clusters with objects not ready", unitCount,
			"Clusters with an object that is neither ready nor suspended. That is normal for minutes while Flux applies a change. Click on the name of a "+
				"cluster below to see its objects.", beyond(1, orange), query.FleetTroubled).of(ofClusters),
		unbroken(stat("Silent clusters", unitCount,
			"Clusters that exported the state of their objects within a day, and do not now. No alert about their objects can fire here. Check the "+
				"cluster, its Prometheus and its remote write.", beyond(1, red), query.FleetSilent)).of(ofClusters),
		stat("Objects", unitCount,
			"Objects of Flux in all clusters that are not suspended. A sudden drop means that a cluster sends nothing any more, or that a source has lost "+
				"many objects.", neutral(), query.FleetTotal).of(ofClusters),
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
	count := func(heading string, width int, steps []grafana.Step) grafana.Value {
		return grafana.Value{Heading: heading, Width: width, Unit: unitCount, Steps: steps}
	}
	overview := table("Clusters at a glance",
		"A line for each cluster, the silent ones first, then those with most critical alerts. Click on the name to see what its Flux does. If a "+
			"controller is down, objects are not ready because of it, so fix the controller first. Longest is the longest time for which an object has not "+
			"been ready.",
		[]grafana.Column{{Label: flux.LabelCluster, Heading: "Cluster", Opens: ofTheCluster(p)}},
		query.FleetReports, grafana.Value{Heading: "State", Width: 80, Texts: reports()}).
		with(query.FleetCritical, count("Critical", 90, beyond(1, red))).
		with(query.FleetFiring, count("Alerts", 75, beyond(1, orange))).
		with(query.FleetControllersDown, count("Controllers down", 140, beyond(1, red))).
		with(query.FleetNotReady, count("Not ready", 95, beyond(1, red))).
		with(query.FleetOldest, unlessZero("Longest")).
		with(query.FleetSuspended, count("Suspended", 100, nil)).
		with(query.FleetObjects, count("Objects", 80, nil)).
		of(ofClusters).high(15)
	return []panel{overview.wide(15), timeline("Reporting clusters",
		"When each cluster exported the state of its objects. In a gap no alert about its objects could fire here. Look at the Prometheus of the cluster.",
		reports(), series{query: query.FleetReporting, legend: "{{cluster}}"}).of(ofClusters).wide(9).high(15)}
}

// reports are the words for whether a cluster exports the state of its objects.
func reports() []grafana.Text {
	return []grafana.Text{{Value: "0", Word: "Silent", Color: red}, {Value: "1", Word: "Reports", Color: green}}
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
	return []panel{
		lines("Objects not ready", unitShare,
			"Share of each cluster's objects that are neither ready nor suspended. If all lines rise at once, look for a change or a source that the "+
				"clusters share.",
			series{query: query.NotReadyShare, legend: "{{cluster}}"}).byValue().of(ofClusters),
		lines("Failing objects", unitShare,
			"Share of each cluster's objects that have failed and are not ready again. Suspended objects do not count. Compare the clusters, and begin "+
				"with the highest line.",
			series{query: query.FailingShare, legend: "{{cluster}}"}).byValue().of(ofClusters).
			onlyIf(p.Exposes(flux.RecordedFailingRatio)),
	}
}
