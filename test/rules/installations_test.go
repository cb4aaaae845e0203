package rules

import (
	"slices"
	"sync"

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
		Objective:   99,
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

// sourcesOf are the metrics sources with which an alert has a rule.
func sourcesOf(alert string) []flux.StateSource {
	return slices.DeleteFunc(slices.Clone(sources), func(source flux.StateSource) bool { return !slices.Contains(rendered()[source], alert) })
}

// rendered are the names of the alerts that have a rule, by the metrics source.
var rendered = sync.OnceValue(func() map[flux.StateSource][]string {
	names := map[flux.StateSource][]string{}
	for _, source := range sources {
		groups, err := alerts.Groups(told(source))
		if err != nil {
			panic(err)
		}
		for _, group := range groups {
			for _, r := range group.Rules {
				names[source] = append(names[source], r.Alert)
			}
		}
	}
	return names
})
