//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestAnAlertKeepsItsClockWhileTheSourceOfObjectStateIsChanged(t *testing.T) {
	const spec = `scrape: {interval: 5s}
alerts: {rules: [{name: ReconciliationFailure, for: 10m}]}
`
	shared.monitored(t, spec)
	shared.loadsRules(t)
	shared.exportsOften(t)
	before := shared.failureBecomes(t, ourSeverity, flapping, "pending")
	start := time.Now()

	fm := shared.settled(t, shared.ask(t, spec+"resourceMetrics: {source: KubeStateMetrics}"), ready, scraped)
	NewWithT(t).Expect(fm.Status.ResourceMetrics).To(HaveField("Source", v1alpha1.ResourceMetricsSourceKubeStateMetrics))
	shared.loadsRules(t)
	NewWithT(t).Eventually(func(g Gomega) {
		for _, gone := range []string{infoSeries, "flux:resource:observed"} {
			samples, err := shared.prometheus.query(t.Context(), gone)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(samples).To(BeEmpty())
		}
	}, patient, often).Should(Succeed(), "nobody should tell anything, for there is no kube-state-metrics")
	silent := time.Now()
	t.Logf("nobody tells anything after %s", since(start))

	shared.monitored(t, spec)
	shared.loadsRules(t)
	shared.exportsOften(t)
	t.Logf("told again %s later", since(silent))
	shared.always(t, start, flapsSeries, "what fails is recorded as not ready")
	after := shared.failureBecomes(t, ourSeverity, flapping, "pending")
	NewWithT(t).Expect(after.ActiveAt).To(Equal(before.ActiveAt), "the alert should not have lost its clock")
}
