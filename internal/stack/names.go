package stack

import (
	"strings"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Server is how to open a server of the stack.
type Server struct {
	// Service is its name, and Port that of the Service.
	Service string
	Port    int32
}

// Names are the names of what the chart creates, by which it is found. They follow from the name of the release, and from the values of the
// spec. What the values turn off has no name.
type Names struct {
	// Operator and Grafana are Deployments. Prometheus and Alertmanager are objects of prometheus-operator.
	Operator, GrafanaDeployment, PrometheusObject, AlertmanagerObject string
	// Prometheus, Alertmanager and Grafana are the servers.
	Prometheus, Alertmanager, Grafana Server
}

// NamesOf are the names of what the chart creates for a FluxMonitoring.
func NamesOf(fm *v1alpha1.FluxMonitoring) (n Names) {
	v := merged(fm)
	full := fullName(ReleaseName(fm), v)
	objects := func(suffix string) string {
		if v.is("cleanPrometheusOperatorObjectNames") {
			return full
		}
		return full + suffix
	}
	if v.is("prometheusOperator", "enabled") {
		n.Operator = full + "-operator"
	}
	if v.is("prometheus", "enabled") {
		n.PrometheusObject, n.Prometheus = objects("-prometheus"), Server{full + "-prometheus", 9090}
	}
	if v.is("alertmanager", "enabled") {
		n.AlertmanagerObject, n.Alertmanager = objects("-alertmanager"), Server{full + "-alertmanager", 9093}
	}
	if v.is("grafana", "enabled") {
		n.GrafanaDeployment = grafanaName(ReleaseName(fm), v)
		n.Grafana = Server{n.GrafanaDeployment, 80}
	}
	return n
}

// fullName begins the names of the chart's own objects. The chart cuts it, so that the longest name that it builds is one.
func fullName(release string, v values) string {
	name := Chart
	if override := v.text("nameOverride"); override != "" {
		name = override
	}
	return chartName(release, name, v.text("fullnameOverride"), 26)
}

// grafanaName is the name of the objects of Grafana's chart.
func grafanaName(release string, v values) string {
	name := "grafana"
	if override := v.text("grafana", "nameOverride"); override != "" {
		name = override
	}
	return chartName(release, name, v.text("grafana", "fullnameOverride"), 63)
}

// chartName is the full name of a chart's objects, as charts build it by convention.
func chartName(release, name, override string, longest int) string {
	full := release + "-" + name
	if strings.Contains(release, name) {
		full = release
	}
	if override != "" {
		full = override
	}
	return strings.TrimSuffix(full[:min(len(full), longest)], "-")
}
