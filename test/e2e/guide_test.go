//go:build e2e

package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

func TestAlertOfTheGuideFiresAndResolves(t *testing.T) {
	t.Parallel()
	shared.watchedClosely(t)
	shared.guide(t)
	fixed, deleted := identity{"Kustomization", "guide-repaired"}, identity{"Kustomization", "guide-deleted"}
	start := time.Now()
	toFix, toDelete := shared.fails(t, fixed), shared.fails(t, deleted)
	for _, id := range []identity{fixed, deleted, {"Kustomization", "broken"}, {"GitRepository", "missing"}} {
		shared.failureBecomes(t, guideSeverity, id, "firing")
	}
	t.Logf("firing after %s", since(start))
	for _, id := range []identity{{"Kustomization", "hello"}, {"Kustomization", "paused"}} {
		shared.failureBecomes(t, guideSeverity, id, "inactive")
	}

	start = time.Now()
	shared.change(t, toFix, repair)
	shared.remove(t, toDelete)
	shared.failureBecomes(t, guideSeverity, deleted, "inactive")
	t.Logf("the alert of what was deleted is gone after %s", since(start))
	shared.failureBecomes(t, guideSeverity, fixed, "inactive")
	t.Logf("the alert of what was repaired is gone after %s", since(start))
	all, err := shared.prometheus.query(t.Context(), `{name="`+deleted.name+`", job="`+exporterJob+`"}`)
	must(t, err)
	NewWithT(t).Expect(all).To(BeEmpty(), "no series should be of what was deleted")
}

// guide creates the rule of Flux's guide until the test ends. Its `for` is of seconds instead of ten minutes, and nothing else
// is changed: test/rules holds the ten minutes.
func (c *testCluster) guide(t *testing.T) {
	t.Helper()
	stream, err := os.ReadFile(filepath.Join(source, "test", "rules", "guide-rules.yaml"))
	must(t, err)
	o := &monitoringv1.PrometheusRule{}
	o.Namespace, o.Name = appsNamespace, "guide"
	must(t, yaml.UnmarshalStrict(stream, &o.Spec))
	rules := o.Spec.Groups[0].Rules
	NewWithT(t).Expect(rules[0].Expr.String()).To(Equal(`max(gotk_reconcile_condition{status="False",type="Ready"}) by (namespace, name, kind)` +
		` + on(namespace, name, kind) (max(gotk_reconcile_condition{status="Deleted"}) by (namespace, name, kind)) * 2 == 1`))
	seconds := monitoringv1.Duration("10s")
	rules[0].For = &seconds
	o.Spec.Groups[0].Rules = rules[:1]

	var all monitoringv1.PrometheusList
	must(t, c.List(t.Context(), &all))
	for _, p := range all.Items {
		if p.Namespace == stack.MonitoringNamespace && p.Spec.RuleSelector != nil {
			o.Labels = p.Spec.RuleSelector.MatchLabels
		}
	}
	t.Cleanup(func() { c.remove(t, o) })
	must(t, c.Create(t.Context(), o.DeepCopy()))
}
