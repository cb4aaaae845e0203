//go:build e2e

package e2e_test

import (
	"flag"
	"testing"
	"time"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// gitOpsLength is how long nothing may be written while Flux reconciles on.
var gitOpsLength = flag.Duration("gitops.length", time.Minute, "how long nothing may be written to what Flux applies again and again")

func TestResourceAppliedByFluxSettlesAndIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	o := shared.gitOps(t)
	foreign := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: gitOpsNamespace, Name: "flux-dashboard-cluster"}}
	must(t, o.Create(t.Context(), foreign))
	o.applied(t, nil)
	o.follow(t, o.kustomization())
	o.follow(t, o.fluxMonitoring())

	t.Run("wait does not pass, and fails at once, while a person has to act", func(t *testing.T) {
		start := time.Now()
		NewWithT(t).Eventually(func() metav1.Condition { return o.condition(t, fluxmeta.ReadyCondition) }, gitOpsTimeout/2, often).Should(SatisfyAll(
			HaveField("Status", metav1.ConditionFalse), HaveField("Reason", fluxmeta.HealthCheckFailedReason),
			HaveField("Message", ContainSubstring("FluxMonitoring/gitops/flux status: 'Failed'"))))
		t.Logf("Flux finds it failed %s after it began", since(start))
		NewWithT(t).Expect(statesOf(o.live(t, o.fluxMonitoring()))).To(ContainElements("Ready=False", "Stalled=True"))
		NewWithT(t).Expect(o.seen.first("Kustomization 1 Ready=True")).To(BeZero())
	})
	t.Run("wait passes within seconds once the resource is ready, and not before", func(t *testing.T) {
		start := time.Now()
		must(t, o.Delete(t.Context(), foreign))
		o.passes(t, "Kustomization 1 Ready=True")
		t.Logf("Flux is done %s after the object that was in the way is gone", since(start))
		o.inOrder(t, "FluxMonitoring 1 Ready=True", "Kustomization 1 Ready=True")
	})
	t.Run("nothing is written while Flux reconciles on", func(t *testing.T) {
		o.rests(t, *gitOpsLength)
	})
	t.Run("by healthCheckExprs it waits for evidence too", func(t *testing.T) {
		o.applied(t, exampleHealthChecks(t))
		NewWithT(t).Eventually(func() metav1.Condition { return o.condition(t, "Healthy") }, soon, often).Should(SatisfyAll(
			HaveField("Status", metav1.ConditionUnknown), HaveField("ObservedGeneration", int64(2))), "Flux should be looking")
		NewWithT(t).Consistently(func() int64 { return o.seen.first("Kustomization 2 Ready=True") }, atRest, often).Should(BeZero())
		NewWithT(t).Expect(statesOf(o.live(t, o.fluxMonitoring()))).To(Equal([]string{
			"Ready=True", "Proven=Unknown", "Scraped=Unknown", "ResourceMetrics=True", "RulesHealthy=Unknown", "AlertsEffective=Unknown",
			"DashboardsLoaded=True",
		}))

		start := time.Now()
		o.withPrometheus(t)
		o.passes(t, "Kustomization 2 Ready=True")
		t.Logf("Flux is done %s after a Prometheus is there", since(start))
		o.inOrder(t, "FluxMonitoring 1 Scraped=True", "Kustomization 2 Ready=True")
		o.inOrder(t, "FluxMonitoring 1 Proven=True", "Kustomization 2 Ready=True")
		o.rests(t, atRest)
	})
	t.Run("what Flux prunes takes along all that was generated", func(t *testing.T) {
		start := time.Now()
		o.remove(t, o.kustomization())
		NewWithT(t).Eventually(func(g Gomega) {
			g.Expect(missing(o.Get(t.Context(), o.key(), &v1alpha1.FluxMonitoring{}))).To(BeTrue(), "the FluxMonitoring is there")
			g.Expect(names(o.children(t))).To(BeEmpty())
		}, soon, often).Should(Succeed())
		t.Logf("all is gone after %s", since(start))
	})
}
