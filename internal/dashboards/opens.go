package dashboards

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/internal/grafana"
)

// ofTheLine opens the dashboard about the object of a table's line, which has columns for its namespace, kind and name.
func ofTheLine(p Params) grafana.DataLink {
	return opens(p, "${__data.fields.Namespace}", "${__data.fields.Kind}", "${__data.fields.Name}")
}

// ofTheSeries opens the dashboard about the object that a line over time is about.
func ofTheSeries(p Params) grafana.DataLink {
	return opens(p, "${__field.labels.exported_namespace}", "${__field.labels.kind}", "${__field.labels.name}")
}

// opens leads to the dashboard about one object, with the choices that both dashboards have and the time range. The cluster is
// as it was chosen and not as the line has it: a line without one would ask for a cluster without a name.
func opens(p Params, namespace, kind, name string) grafana.DataLink {
	if !p.wants(resourceName) {
		return grafana.DataLink{}
	}
	kept := []string{"${cluster:queryparam}", "${operator_namespace:queryparam}"}
	if p.Datasource.UID == "" {
		kept = append([]string{"${datasource:queryparam}"}, kept...)
	}
	query := slices.Concat(kept, []string{"var-namespace=" + namespace, "var-kind=" + kind, "var-name=" + name, "${__url_time_range}"})
	return grafana.DataLink{Title: "Show " + kind + " " + namespace + "/" + name, URL: "/d/" + resourceName + "?" + strings.Join(query, "&")}
}
