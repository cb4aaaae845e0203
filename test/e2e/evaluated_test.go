//go:build e2e

package e2e_test

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/alerts"
)

func TestPrometheusLoadsAndEvaluatesEveryRule(t *testing.T) {
	shared.monitored(t, `{alerts: {errorBudget: {objective: "99"}}}`)
	t.Logf("%d rules", shared.loadsRules(t))

	groups, err := shared.prometheus.groups(t.Context())
	must(t, err)
	names := []string{}
	for _, g := range groups {
		names = append(names, g.Name)
		for _, r := range g.Rules {
			// The API of rules returns errors, and the API of queries returns warnings too.
			if _, err := shared.prometheus.query(t.Context(), r.Query); err != nil {
				t.Errorf("%s/%s: %v", g.Name, r.Name, err)
			}
		}
	}
	NewWithT(t).Expect(names).To(ConsistOf(alerts.RecordingGroup, alerts.WorkRecordingGroup, alerts.GuideGroup, alerts.ResourceGroup,
		alerts.ControlPlaneGroup, alerts.ControlPlaneGroup+"-helm-controller", alerts.ControlPlaneGroup+"-kustomize-controller",
		alerts.ControlPlaneGroup+"-source-controller", alerts.MonitoringGroup, alerts.BudgetGroup))
}

// loadsRules waits until the rules that Prometheus has loaded are those of the PrometheusRule, and healthy. The PrometheusRule may
// change meanwhile, as its windows follow the objects that are there.
func (c *testCluster) loadsRules(t *testing.T) (count int) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		o := &monitoringv1.PrometheusRule{}
		g.Expect(c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, o)).To(Succeed())
		var desired []string
		for _, one := range o.Spec.Groups {
			for _, r := range one.Rules {
				desired = append(desired, one.Name+"/"+r.Alert+r.Record+": "+canonical(t, r.Expr.String())+" ok")
			}
		}
		g.Expect(desired).NotTo(BeEmpty())
		count = len(desired)
		groups, err := c.prometheus.groups(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		var loaded []string
		for _, one := range groups {
			for _, r := range one.Rules {
				loaded = append(loaded, one.Name+"/"+r.Name+": "+canonical(t, r.Query)+" "+r.Health+r.LastError)
			}
		}
		g.Expect(loaded).To(ConsistOf(desired))
	}, patient, nowAndThen).Should(Succeed(), "the rules loaded should be those of the PrometheusRule, and healthy")
	return count
}

// canonical is an expression as Prometheus prints it.
func canonical(t *testing.T, expr string) string {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	must(t, err)
	return tree.String()
}
