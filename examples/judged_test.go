package examples_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/golden"
)

const (
	// proof are the conditions of evidence where the objects of the cluster show no fault, and nobody is asked. unproven are those of a suspended
	// FluxMonitoring.
	proof = " Proven=Unknown/LinkUnknown Scraped=Unknown/Selected ResourceMetrics=True/Served RulesHealthy=Unknown/Selected " +
		"AlertsEffective=True/Effective"
	unproven = " Proven=Unknown/LinkUnknown Scraped=Unknown/Suspended ResourceMetrics=Unknown/Suspended RulesHealthy=Unknown/Suspended " +
		"AlertsEffective=Unknown/Suspended"
	// notDrawn is proof where a dashboard is not applied.
	notDrawn = " Proven=False/LinkBroken Scraped=Unknown/Selected ResourceMetrics=True/Served RulesHealthy=Unknown/Selected " +
		"AlertsEffective=True/Effective"
	// mistaken is a spec that is accepted and cannot be carried out.
	mistaken = `alerts: {additionalGroups: [{name: mine, rules: [{record: "a:b", expr: "sum(up"}]}]}`
)

// states bring a FluxMonitoring into each state that it passes through, in a namespace of its own with a Prometheus.
var states = map[string]func(*place) *unstructured.Unstructured{
	"just created": func(p *place) *unstructured.Unstructured { return p.create("flux", "") },
	"ready": func(p *place) *unstructured.Unstructured {
		return p.settled(p.create("flux", ""), "Ready=True/Applied"+proof)
	},
	"ready, and proven": func(p *place) *unstructured.Unstructured {
		return p.proven(p.settled(p.create("flux", ""), "Ready=True/Applied"+proof))
	},
	"applied, and no Prometheus selects it": func(p *place) *unstructured.Unstructured {
		return p.settled(p.create("flux", `prometheus: {selector: {matchLabels: {none: such}}}`),
			"Ready=True/Applied Proven=Unknown/LinkUnknown Scraped=Unknown/NoPrometheus ResourceMetrics=True/Served "+
				"RulesHealthy=Unknown/NoPrometheus AlertsEffective=Unknown/NoPrometheus")
	},
	"ready, and changed since": func(p *place) *unstructured.Unstructured {
		return p.change(p.settled(p.create("flux", ""), "Ready=True/Applied"+proof), `{"spec":{"clusterName":"production"}}`, client.DryRunAll)
	},
	"waiting for a kind": func(p *place) *unstructured.Unstructured {
		return p.settled(p.create("flux", `dashboards: {format: GrafanaDashboard}`), "Ready=False/APIMissing"+notDrawn)
	},
	"waiting for a Flux": func(p *place) *unstructured.Unstructured {
		return p.settled(p.create("flux", `flux: {namespace: of-no-flux}`), "Ready=False/FluxNotFound "+
			"Proven=False/LinkBroken Scraped=False/FluxNotFound ResourceMetrics=False/FluxNotFound AlertsEffective=False/FluxNotFound")
	},
	"trying again": func(p *place) *unstructured.Unstructured {
		p.withoutAnswers()
		return p.settled(p.create("flux", ""), "Ready=False/ApplyFailed Reconciling=True/ApplyFailed"+notDrawn)
	},
	"with a spec that cannot be carried out": func(p *place) *unstructured.Unstructured {
		return p.settled(p.create("flux", mistaken), "Ready=False/InvalidSpec Stalled=True/InvalidSpec")
	},
	"with a mistake that is corrected, and not yet observed": func(p *place) *unstructured.Unstructured {
		fm := p.settled(p.create("flux", mistaken), "Ready=False/InvalidSpec Stalled=True/InvalidSpec")
		return p.change(fm, `{"spec":{"alerts":null}}`, client.DryRunAll)
	},
	"in the way of an older one": func(p *place) *unstructured.Unstructured {
		p.settled(p.create("a", ""), "Ready=True/Applied"+proof)
		return p.settled(p.create("b", ""), "Ready=False/Conflict Stalled=True/Conflict")
	},
	"with a foreign object of the same name": func(p *place) *unstructured.Unstructured {
		must(p.t, admin.Create(p.t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Namespace: p.namespace, Name: "flux-dashboard-cluster",
		}}))
		return p.settled(p.create("flux", ""), "Ready=False/ForeignObject Stalled=True/ForeignObject"+notDrawn)
	},
	"suspended after it was ready": func(p *place) *unstructured.Unstructured {
		fm := p.settled(p.create("flux", ""), "Ready=True/Applied"+proof)
		return p.settled(p.change(fm, `{"spec":{"suspend":true}}`), "Ready=True/Suspended"+unproven)
	},
	"suspended from the start": func(p *place) *unstructured.Unstructured {
		return p.settled(p.create("flux", `suspend: true`), "Ready=False/Suspended")
	},
	"suspended, and not yet observed": func(p *place) *unstructured.Unstructured {
		return p.change(p.settled(p.create("flux", ""), "Ready=True/Applied"+proof), `{"spec":{"suspend":true}}`, client.DryRunAll)
	},
}

// judgement is how the tools judge a FluxMonitoring: Argo CD by the health script, and Flux by kstatus and by the healthCheckExprs of the
// example.
type judgement struct {
	ArgoCD              health
	Kstatus, CheckExprs string
}

func TestJudgedStatesMatchTheGoldenFile(t *testing.T) {
	script, check := healthScript(t), healthCheck(t, "flux/monitoring.yaml")
	judged := map[string]judgement{}
	for name, reached := range states {
		t.Run(name, func(t *testing.T) {
			fm := reached(newPlace(t, name))
			judged[name] = judgement{byLua(t, fm, script), byKstatus(t, fm), byExpressions(t, fm, check)}
		})
	}
	golden.YAML(t, "testdata/judged/states.yaml", judged)
}
