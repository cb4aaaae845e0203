//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster/stack"
)

// What may pass at most without a sample of an object.
const (
	// unbroken is between two scrapes.
	unbroken = interval + slack
	// twoScrapes is when two of them are missing.
	twoScrapes = 3*interval + slack
	// expired is when, besides, the leader ended without a word, so that its Lease must run out first.
	expired = twoScrapes + 17*time.Second
)

func TestTheStateOfObjectsSurvivesRestartsAndChangesOfTheLeader(t *testing.T) {
	w := shared.watchedClosely(t)
	shared.failureBecomes(t, ourSeverity, flapping, "firing")
	shared.tells(t, w, time.Now())
	start := time.Now()
	before := shared.failureBecomes(t, ourSeverity, flapping, "firing")

	shared.survives(t, w, "a restart of kustomize-controller", unbroken, func(t *testing.T) {
		must(t, shared.DeleteAllOf(t.Context(), &corev1.Pod{}, client.InNamespace(stack.FluxNamespace),
			client.MatchingLabels{"app": "kustomize-controller"}))
	})
	shared.survives(t, w, "a restart of the operator", twoScrapes, func(t *testing.T) {
		must(t, shared.Delete(t.Context(), shared.leader(t)))
	})
	shared.scale(t, system, operator, 2)
	shared.survives(t, w, "a leader that goes while another waits", twoScrapes, func(t *testing.T) {
		must(t, shared.Delete(t.Context(), shared.leader(t)))
	})
	shared.survives(t, w, "a leader that is killed while another waits", expired, func(t *testing.T) {
		shared.killerOf(t, shared.leader(t))()
	})

	shared.always(t, start, flapsSeries, "what fails is recorded as not ready")
	after := shared.failureBecomes(t, ourSeverity, flapping, "firing")
	NewWithT(t).Expect(after.ActiveAt).To(Equal(before.ActiveAt), "the alert should not have lost its clock")
	t.Logf("not ready since, by when it was last told: %v", shared.sinceTold(t, start, flapping))
}

// survives does something to those who tell the state of objects, waits until all is told again, and checks that in the meantime
// nothing false was told, nothing twice, and nothing was missing for longer than it may.
func (c *testCluster) survives(t *testing.T, w *witness, what string, missing time.Duration, do func(*testing.T)) {
	t.Helper()
	t.Run(what, func(t *testing.T) {
		start := time.Now()
		do(t)
		done := time.Now()
		NewWithT(t).Eventually(func() int { return w.changes(flapping, done) }, patient, often).
			Should(BeNumerically(">=", 1), "kustomize-controller should work")
		c.tells(t, w, done)

		a := c.compare(t, w, start.Add(-2*interval))
		t.Logf("all is told again %s after; %s", since(start), a)
		g := NewWithT(t)
		g.Expect(a.wrong).To(BeEmpty())
		g.Expect(a.gap).To(BeNumerically("<", missing))
		c.never(t, start, twice, "an object has two series")
		c.never(t, start, bothStates, "an object is recorded in two states")
	})
}
