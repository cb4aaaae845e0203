package rules

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
)

// told is the Flux the cases are about, with the state of its objects from a source: the current release, or where the
// controllers tell the state themselves, the last that did.
func told(source flux.StateSource) alerts.Params {
	p := alerts.Params{
		Exposure: flux.Exposure{
			Flux: flux.Installation{Namespace: "flux-system", Version: "v2.9.4", Controllers: []flux.Controller{
				{Name: "kustomize-controller", App: "kustomize-controller", Component: flux.KustomizeController},
				{Name: "notification-controller", App: "notification-controller", Component: flux.NotificationController},
				{Name: "source-controller", App: "source-controller", Component: flux.SourceController},
			}},
			Cardinality: flux.Minimal,
			State:       source,
		},
		Job:         jobs[flux.Controllers],
		ExporterJob: jobs[flux.Exporter],

		OperatorJob: "monitoring/flux-fluxmonitoring", OperatorNamespace: "fluxmonitoring-system",
	}
	switch source {
	case flux.Controllers:
		p.Flux.Version = "v2.4.0"
	case flux.Exporter, flux.OperatorReport:
		p.StateJob = jobs[source]
	case flux.KubeStateMetrics: // it is not known who scrapes it
	}
	return p
}

// among is the same with several clusters in one Prometheus, of which this is one.
func among(source flux.StateSource) alerts.Params {
	p := told(source)
	p.Cluster = "production-1"
	return p
}

// sources of the state of objects.
var sources = []flux.StateSource{flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport, flux.Controllers}

// shipping are the sources with which each alert about the state of objects is shipped. The others are shipped with any.
var shipping = map[string][]flux.StateSource{
	"ReconciliationFailure":      sources,
	"FluxRootNotReady":           sources,
	"FluxRootSourceNotReady":     sources,
	"FluxDependencyNotReady":     {flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport},
	"FluxSourceNotReady":         {flux.Exporter, flux.KubeStateMetrics},
	"FluxResourceNotReady":       sources,
	"FluxResourceStalled":        {flux.Exporter, flux.KubeStateMetrics},
	"FluxRevisionNotApplied":     {flux.Exporter, flux.KubeStateMetrics},
	"FluxResourceFlapping":       {flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport},
	"FluxResourceSuspended":      sources,
	"FluxManyResourcesNotReady":  sources,
	"FluxResourceMetricsMissing": sources,
	"FluxExporterIncomplete":     {flux.Exporter},
	"FluxMonitoringNotReady":     {flux.Exporter, flux.KubeStateMetrics},
	"FluxErrorBudgetBurnFast":    {flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport},
	"FluxErrorBudgetBurn":        {flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport},
	"FluxErrorBudgetBurnSlow":    {flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport},
}

// sourcesOf are those with which an alert is shipped.
func sourcesOf(alert string) []flux.StateSource {
	if of, limited := shipping[alert]; limited {
		return of
	}
	return sources
}

func TestAnAlertIsShippedWithTheSourcesThatTellWhatItStandsOn(t *testing.T) {
	want, got := map[string][]flux.StateSource{}, map[string][]flux.StateSource{}
	for _, name := range alerts.Names() {
		want[name] = sourcesOf(name)
	}
	for _, source := range sources {
		for _, name := range shipped(NewWithT(t), told(source)) {
			got[name] = append(got[name], source)
		}
	}
	NewWithT(t).Expect(got).To(Equal(want))
}

// shipped are the names of the alerts that are rendered, each once.
func shipped(g Gomega, p alerts.Params) []string {
	var names []string
	seen := map[string]bool{}
	for _, group := range groups(g, p) {
		for _, r := range group.Rules {
			if r.Alert != "" && !seen[r.Alert] {
				seen[r.Alert] = true
				names = append(names, r.Alert)
			}
		}
	}
	return names
}
