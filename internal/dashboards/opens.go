package dashboards

import (
	"net/url"

	"github.com/fluxmonitoring/operator/internal/grafana"
)

// ofTheLine opens the dashboard about the object of a table's line, which has columns for its namespace, kind and name. The cluster
// is as it was chosen and not as the line has it: a line without one would ask for a cluster without a name.
func ofTheLine(p Params) grafana.DataLink {
	return opens(p, "${cluster:queryparam}&${operator_namespace:queryparam}", lineNamespace, lineKind, lineName)
}

// ofTheLineOfAFleet is ofTheLine where every line has a cluster, and nobody chose the namespace of Flux.
func ofTheLineOfAFleet(p Params) grafana.DataLink {
	return opens(p, "var-cluster=${__data.fields.Cluster}", lineNamespace, lineKind, lineName)
}

// ofTheSeries opens the dashboard about the object that a line over time is about.
func ofTheSeries(p Params) grafana.DataLink {
	return opens(p, "${cluster:queryparam}&${operator_namespace:queryparam}",
		"${__field.labels.exported_namespace}", "${__field.labels.kind}", "${__field.labels.name}")
}

// ObjectPath is Grafana's path of the dashboard about one object, for a cluster if it has a name; empty if there is no such dashboard.
func ObjectPath(p Params, cluster string) string {
	if p.IsEmpty() || !p.includes(resourceName) || len(drawn(resource, p)) == 0 {
		return ""
	}
	path := "/d/" + p.uid(resourceName)
	if cluster != "" {
		path += "?var-cluster=" + url.QueryEscape(cluster)
	}
	return path
}

// What a table's line has in its columns.
const (
	// LineAlert is the name of an alert.
	LineAlert     = "${__data.fields.Alert}"
	lineNamespace = "${__data.fields.Namespace}"
	lineKind      = "${__data.fields.Kind}"
	lineName      = "${__data.fields.Name}"
)

// opens leads to the dashboard about one object, if it is generated, with what was chosen and the time range.
func opens(p Params, chosen, namespace, kind, name string) grafana.DataLink {
	if !p.includes(resourceName) {
		return grafana.DataLink{}
	}
	if p.Datasource.UID == "" {
		chosen = "${datasource:queryparam}&" + chosen
	}
	return grafana.DataLink{
		Title: "Show " + kind + " " + namespace + "/" + name,
		URL: "/d/" + p.uid(resourceName) + "?" + chosen + "&var-namespace=" + namespace + "&var-kind=" + kind + "&var-name=" + name +
			"&${__url_time_range}",
	}
}
