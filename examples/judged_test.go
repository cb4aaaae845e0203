package examples_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	applied = "Flux v2.9.5 in flux-system: PodMonitor, PrometheusRule and dashboards applied"
	// proof are the conditions of evidence where all is well.
	unproven = " Scraped=Unknown/Suspended ResourceMetrics=Unknown/Suspended AlertsEffective=Unknown/Suspended"
	proof    = " Scraped=True/Selected ResourceMetrics=True/Served AlertsEffective=True/Effective"
	unseen   = "the operator has not looked at this generation yet"
	nothing  = "the operator writes nothing until spec.suspend is false"
	// mistaken is a spec that is accepted and cannot be carried out.
	mistaken        = `alerts: {additionalGroups: [{name: mine, rules: [{record: "a:b", expr: "sum(up"}]}]}`
	mistakenMessage = "spec.alerts.additionalGroups[0].rules[0].expr: 1:7: unclosed left parenthesis"
	foreignMessage  = "ConfigMap flux-dashboard-cluster: it exists and is managed by somebody else: delete it, or set " +
		"spec.adoptionPolicy to Adopt"
)

// states are those that a FluxMonitoring passes through, each with what the tools say of it.
var states = []struct {
	name string
	// reached brings a FluxMonitoring into the state, in a namespace of its own with a Prometheus.
	reached func(*place) *unstructured.Unstructured
	argo    health
	kstatus string
	// expressions is what Flux says by the healthCheckExprs of the example.
	expressions string
}{
	{
		"just created", func(p *place) *unstructured.Unstructured { return p.create("flux", "") },
		health{"Progressing", unseen}, "InProgress", "InProgress",
	},
	{
		"ready", func(p *place) *unstructured.Unstructured {
			return p.settled(p.create("flux", ""), "Ready=True/Applied"+proof)
		},
		health{"Healthy", applied}, "Current", "Current",
	},
	{
		"applied, and no Prometheus takes it up", func(p *place) *unstructured.Unstructured {
			return p.settled(p.create("flux", `prometheus: {selector: {matchLabels: {none: such}}}`),
				"Ready=True/Applied Scraped=False/NoPrometheus ResourceMetrics=True/Served AlertsEffective=False/NoPrometheus")
		},
		health{"Healthy", applied + "; Scraped is False: spec.prometheus selects no Prometheus and no PrometheusAgent: create one, or " +
			"widen its selectors; AlertsEffective is False: no alert can fire, because spec.prometheus selects no Prometheus: create one, or widen " +
			"its selectors"}, "Current", "InProgress",
	},
	{
		"ready, and changed since", func(p *place) *unstructured.Unstructured {
			return p.changing(p.settled(p.create("flux", ""), "Ready=True/Applied"+proof), `{"spec":{"clusterName":"production"}}`)
		},
		health{"Progressing", unseen}, "InProgress", "InProgress",
	},
	{
		"waiting for a kind", func(p *place) *unstructured.Unstructured {
			return p.settled(p.create("flux", `dashboards: {format: GrafanaDashboard}`), "Ready=False/APIMissing"+proof)
		},
		health{"Progressing", "GrafanaDashboard not applied, because the cluster does not serve grafana.integreatly.org/v1beta1: install the CRDs of " +
			"grafana-operator; the operator then continues automatically"}, "InProgress", "InProgress",
	},
	{
		"waiting for a Flux", func(p *place) *unstructured.Unstructured {
			return p.settled(p.create("flux", `flux: {namespace: of-no-flux}`), "Ready=False/FluxNotFound "+
				"Scraped=False/FluxNotFound ResourceMetrics=False/FluxNotFound AlertsEffective=False/FluxNotFound")
		},
		health{"Progressing", "namespace of-no-flux does not exist: install Flux, or set spec.flux.namespace to where it runs"},
		"InProgress", "InProgress",
	},
	{
		"trying again", func(p *place) *unstructured.Unstructured {
			p.withoutAnswers()
			return p.settled(p.create("flux", ""), "Ready=False/ApplyFailed Reconciling=True/ApplyFailed"+proof)
		},
		health{"Progressing", "ConfigMap flux-dashboard-cluster: Internal error occurred: failed calling webhook \"nobody.example.com\": failed to " +
			"call webhook: Post \"https://…/?timeout=10s\": dial tcp: connect: connection refused"},
		"InProgress", "InProgress",
	},
	{
		"with a spec that cannot be carried out", func(p *place) *unstructured.Unstructured {
			return p.settled(p.create("flux", mistaken), "Ready=False/InvalidSpec Stalled=True/InvalidSpec")
		},
		health{"Degraded", mistakenMessage}, "Failed", "Failed",
	},
	{
		"with a mistake that is mended, and not yet looked at", func(p *place) *unstructured.Unstructured {
			fm := p.settled(p.create("flux", mistaken), "Ready=False/InvalidSpec Stalled=True/InvalidSpec")
			return p.changing(fm, `{"spec":{"alerts":null}}`)
		},
		health{"Progressing", unseen}, "InProgress", "InProgress",
	},
	{
		"in the way of an older one", func(p *place) *unstructured.Unstructured {
			p.settled(p.create("a", ""), "Ready=True/Applied"+proof)
			return p.settled(p.create("b", ""), "Ready=False/Conflict Stalled=True/Conflict")
		},
		health{"Degraded", "Conflicts with FluxMonitoring in-the-way-of-an-older-one/a, which already monitors Flux in flux-system for Prometheus " +
			"in-the-way-of-an-older-one/k8s. Delete one or set different spec.prometheus.selector."}, "Failed", "Failed",
	},
	{
		"with somebody else's object in the way", func(p *place) *unstructured.Unstructured {
			must(p.t, admin.Create(p.t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
				Namespace: p.namespace, Name: "flux-dashboard-cluster",
			}}))
			return p.settled(p.create("flux", ""), "Ready=False/ForeignObject Stalled=True/ForeignObject"+proof)
		},
		health{"Degraded", foreignMessage}, "Failed", "Failed",
	},
	{
		"suspended after it was ready", func(p *place) *unstructured.Unstructured {
			fm := p.settled(p.create("flux", ""), "Ready=True/Applied"+proof)
			return p.settled(p.change(fm, `{"spec":{"suspend":true}}`), "Ready=True/Suspended"+unproven)
		},
		health{"Suspended", nothing}, "Current", "InProgress", // nobody knows meanwhile whether it works
	},
	{
		"suspended from the start", func(p *place) *unstructured.Unstructured {
			return p.settled(p.create("flux", `suspend: true`), "Ready=False/Suspended")
		},
		health{"Suspended", nothing}, "InProgress", "InProgress",
	},
	{
		"suspended, and not yet looked at", func(p *place) *unstructured.Unstructured {
			return p.changing(p.settled(p.create("flux", ""), "Ready=True/Applied"+proof), `{"spec":{"suspend":true}}`)
		},
		health{"Progressing", unseen}, "InProgress", "InProgress",
	},
}

func TestFluxAndArgoCDJudgeEveryStateRight(t *testing.T) {
	script, check := healthScript(t), healthCheck(t, "flux/monitoring.yaml")
	for _, s := range states {
		t.Run(s.name, func(t *testing.T) {
			g := NewWithT(t)
			fm := s.reached(newPlace(t, s.name))
			g.Expect(byLua(t, fm, script)).To(Equal(s.argo))
			g.Expect(byKstatus(t, fm)).To(Equal(s.kstatus))
			g.Expect(byExpressions(t, fm, check)).To(Equal(s.expressions))
		})
	}
}
