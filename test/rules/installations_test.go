package rules

import (
	"slices"
	"sync"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/given"
)

// exporting is the Flux of the cases, with a metrics source: the current release or, where the controllers export the state themselves, the last
// that did.
func exporting(source flux.StateSource) alerts.Params {
	p := alerts.Params{
		Exposure: flux.Exposure{
			Flux:        given.Flux("v2.9.4", flux.KustomizeController, flux.NotificationController, flux.SourceController),
			Cardinality: flux.Minimal,
			State:       source,
		},
		Job:         jobs[flux.Controllers],
		Objective:   99,
		ExporterJob: jobs[flux.Exporter],

		OperatorJob: "monitoring/flux-fluxmonitoring", OperatorNamespace: "fluxmonitoring-system",

		RuleFile: "monitoring-flux", Heartbeat: map[string]string{"namespace": "monitoring", "fluxmonitoring": "monitoring/flux"},
		Notified: alerts.Notified{Prefix: "monitoring/flux/", Integrations: []string{"slack", "webhook"}, Namespaces: []string{"monitoring"}},
	}
	switch source {
	case flux.Controllers:
		p.Flux.Version = "v2.4.0"
	case flux.Exporter, flux.OperatorReport:
		p.StateJob = jobs[source]
	case flux.KubeStateMetrics: // its job is not known
	}
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
		groups, err := alerts.Groups(exporting(source))
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
