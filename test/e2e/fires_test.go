//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

func TestFluxControllerDownFiresUntilTheControllerIsBack(t *testing.T) {
	const gone, stays = "kustomize-controller", "source-controller"
	shared.monitored(t, `
scrape: {interval: 5s}
alerts: {overrides: [{name: FluxControllerDown, for: 15s, keepFiringFor: 1s}]}`)
	shared.alertBecomes(t, gone, "inactive")
	shared.scrapesOften(t, shared.controllers(t))
	shared.exportsOften(t)
	w := shared.witness(t)
	began := time.Now()

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

	// The state of its objects was right all the time.
	shared.exportsState(t, w, time.Now())
	a := shared.compare(t, w, began)
	t.Log(a)
	NewWithT(t).Expect(a.wrong).To(BeEmpty())
	NewWithT(t).Expect(a.gap).To(BeNumerically("<", unbroken))
	shared.never(t, began, twice, "an object has two series")
	shared.always(t, began, notReady(flapping), "what fails is recorded as not ready")
}

// scrapesOften waits until Prometheus has scraped each of these controllers at an interval of 5 s. It does not notice the end of
// a target that it has not scraped since its configuration changed.
func (c *testCluster) scrapesOften(t *testing.T, apps []string) {
	t.Helper()
	NewWithT(t).Eventually(func() ([]string, error) {
		samples, err := c.prometheus.query(t.Context(), `count_over_time(up{job="`+job+`"}[12s]) >= 2`)
		return keys(by(samples, "app")), err
	}, patient, nowAndThen).Should(Equal(apps), "each controller should be scraped every 5 s")
	c.scrapes(t, apps)
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
