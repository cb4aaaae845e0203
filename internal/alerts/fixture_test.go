package alerts

import (
	"slices"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/given"
)

// fluxOf is a Flux of a version with these components, one Deployment each.
var fluxOf = given.Flux

// params is the monitoring of a Flux of this version with the four controllers of its default installation, and of its
// objects by the exporter.
func params(version string) Params {
	return Params{
		Exposure: flux.Exposure{
			Flux: fluxOf(version, flux.HelmController, flux.KustomizeController, flux.NotificationController,
				flux.SourceController),
			Cardinality: flux.Standard,
			State:       flux.Exporter,
		},
		Job:      "monitoring/flux",
		StateJob: "monitoring/flux-exporter",

		Objective: 99,

		OperatorJob: "monitoring/flux-fluxmonitoring", OperatorNamespace: "fluxmonitoring-system",

		RuleFile: "monitoring-flux", Heartbeat: map[string]string{"namespace": "monitoring", "fluxmonitoring": "monitoring/flux"},
		Notified: Notified{Prefix: "monitoring/flux/", Integrations: []string{"slack", "webhook"}, Namespaces: []string{"monitoring"}},
	}
}

// from is params with another source of the objects' state.
func from(p Params, source flux.StateSource) Params {
	p.State = source
	p.StateJob = ""
	return p
}

// overridden is params with one override.
func overridden(o Override) Params {
	p := params("v2.9.4")
	p.Overrides = []Override{o}
	return p
}

// groups renders params that are right.
func groups(g Gomega, p Params) []monitoringv1.RuleGroup {
	rendered, err := Groups(p)
	g.Expect(err).NotTo(HaveOccurred())
	return rendered
}

// rules returns the rules of the alert of this name.
func rules(g Gomega, p Params, name string) []monitoringv1.Rule {
	var found []monitoringv1.Rule
	for _, group := range groups(g, p) {
		for _, r := range group.Rules {
			if r.Alert == name {
				found = append(found, r)
			}
		}
	}
	return found
}

// theRule returns the only rule of the alert of this name.
func theRule(g Gomega, p Params, name string) monitoringv1.Rule {
	found := rules(g, p, name)
	g.Expect(found).To(HaveLen(1), name)
	return found[0]
}

// shipped returns the names of the alerts rendered, each once, in order.
func shipped(g Gomega, p Params) []string {
	var names []string
	for _, group := range groups(g, p) {
		for _, r := range group.Rules {
			if r.Alert != "" && !slices.Contains(names, r.Alert) {
				names = append(names, r.Alert)
			}
		}
	}
	return names
}

func duration(text string) *monitoringv1.Duration { return new(monitoringv1.Duration(text)) }
