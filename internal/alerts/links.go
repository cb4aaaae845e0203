package alerts

import (
	"cmp"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// links are the annotations by which an alert about an object opens the object in Grafana and in flux-operator's web UI. An alert that uses
// the operator's own metrics has none: with some metrics sources, the dashboard has no data about FluxMonitorings, and an alert is the same
// with every source.
func links(a alert, p Params) map[string]string {
	if a.ofOperator || a.labels[flux.LabelNamespace] != ofOwner[flux.LabelNamespace] {
		return nil
	}
	const namespace, name = "{{ $labels.exported_namespace }}", "{{ $labels.name }}"
	kind := cmp.Or(a.kind, "{{ $labels.kind }}")
	isOfFlux := kind != monitoringKind
	found := map[string]string{}
	if p.DashboardURL != "" {
		separator := "?"
		if strings.Contains(p.DashboardURL, "?") {
			separator = "&"
		}
		found["dashboard_url"] = p.DashboardURL + separator + "var-namespace=" + namespace + "&var-kind=" + kind + "&var-name=" + name
	}
	if p.FluxOperatorURL != "" && isOfFlux {
		found["flux_operator_url"] = strings.TrimRight(p.FluxOperatorURL, "/") + "/resource/" + kind + "/" + namespace + "/" + name
	}
	return found
}
