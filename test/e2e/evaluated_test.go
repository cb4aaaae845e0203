//go:build e2e

package e2e_test

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestEveryRuleIsLoadedAsItIsAndEvaluatedWithoutError(t *testing.T) {
	shared.monitored(t, "{}")
	t.Logf("%d rules", shared.loadsRules(t))
}

// loadsRules waits until the rules that Prometheus has loaded are those of the PrometheusRule, and healthy.
func (c *testCluster) loadsRules(t *testing.T) (count int) {
	t.Helper()
	o := &monitoringv1.PrometheusRule{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, o))
	var wanted []string
	for _, g := range o.Spec.Groups {
		for _, r := range g.Rules {
			wanted = append(wanted, g.Name+"/"+r.Alert+r.Record+": "+canonical(t, r.Expr.String())+" ok")
		}
	}
	NewWithT(t).Expect(wanted).NotTo(BeEmpty())
	NewWithT(t).Eventually(func(g Gomega) {
		groups, err := c.prometheus.groups(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		var loaded []string
		for _, one := range groups {
			for _, r := range one.Rules {
				loaded = append(loaded, one.Name+"/"+r.Name+": "+canonical(t, r.Query)+" "+r.Health+r.LastError)
			}
		}
		g.Expect(loaded).To(ConsistOf(wanted))
	}, patient, nowAndThen).Should(Succeed(), "the rules loaded should be those of the PrometheusRule, and healthy")
	return len(wanted)
}

// canonical is an expression as Prometheus prints it.
func canonical(t *testing.T, expr string) string {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	must(t, err)
	return tree.String()
}
