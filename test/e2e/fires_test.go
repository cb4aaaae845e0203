//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

func TestAControllerThatIsGoneMakesItsAlertPendingThenFiringUntilItIsBack(t *testing.T) {
	const gone, stays = "kustomize-controller", "source-controller"
	shared.monitored(t, `
scrape: {interval: 5s}
alerts: {rules: [{name: FluxControllerDown, for: 15s, keepFiringFor: 1s}]}`)
	shared.scrapes(t, shared.controllers(t))
	shared.alertBecomes(t, gone, "inactive")
	start := time.Now()

	shared.scale(t, stack.FluxNamespace, gone, 0)
	shared.alertBecomes(t, gone, "pending")
	t.Logf("pending after %s", since(start))
	shared.alertBecomes(t, gone, "firing")
	t.Logf("firing after %s", since(start))
	shared.alertBecomes(t, stays, "inactive") // The alert is of one controller alone.

	start = time.Now()
	shared.scale(t, stack.FluxNamespace, gone, 1)
	shared.alertBecomes(t, gone, "inactive")
	t.Logf("resolved %s after it was to come back", since(start))
	shared.scrapes(t, shared.controllers(t))
}

// alertBecomes waits until FluxControllerDown of a controller, as the spec has changed it, is in a state.
func (c *testCluster) alertBecomes(t *testing.T, app, state string) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		r, err := c.prometheus.alert(t.Context(), "FluxControllerDown", app)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(r.Duration).To(BeEquivalentTo(15), "the rule's `for`, in seconds")
		g.Expect(r.State).To(Equal(state))
	}, patient, 500*time.Millisecond).Should(Succeed(), "FluxControllerDown of %s should be %s", app, state)
}
