//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

// What may pass at most between two samples of an object.
const (
	// unbroken is when none is missing.
	unbroken = interval + slack
	// twoMissing is when two are.
	twoMissing = 3*interval + slack
	// leased is how long a killed leader keeps others from leading: its Lease of 15 s, and one try.
	leased = 20 * time.Second
	// forgotten is how long Prometheus keeps the series of a pod that is gone, if no other pod exports the same: until it has
	// noticed, and for two scrapes more, as if the pod might come back. An object that changes meanwhile has two series for the
	// rest of that time. After that, Prometheus has one.
	forgotten = 3*interval + slack
)

// It comes after the upgrade test, whose spec it shares.
func TestObjectStateSurvivesRestartsAndLeaderChanges(t *testing.T) {
	w := shared.watchedClosely(t)
	shared.exportsState(t, w, time.Now())
	before := shared.failureBecomes(t, ourSeverity, flapping, "firing")
	start := time.Now()
	ends := func(t *testing.T, leader *corev1.Pod) { must(t, shared.Delete(t.Context(), leader)) }
	dies := func(t *testing.T, leader *corev1.Pod) { shared.killerOf(t, leader)() }

	shared.survives(t, w, "the leader is deleted while another waits", twoMissing, ends)
	shared.scale(t, system, operator, 1)
	shared.survives(t, w, "the only pod is deleted", twoMissing, ends)
	shared.scaleTo(t.Context(), t, system, operator, 2)
	shared.survives(t, w, "the leader is killed while another waits", leased+twoMissing, dies)

	shared.exportedOnce(t, start)
	shared.always(t, start, notReady(flapping), "what fails is recorded as not ready")
	after := shared.failureBecomes(t, ourSeverity, flapping, "firing")
	g := NewWithT(t)
	g.Expect(after.ActiveAt).To(Equal(before.ActiveAt), "the alert should not have lost its clock")
	g.Expect(shared.notReadySince(t, start, flapping)).To(HaveLen(1), "it has not been ready since one moment")
}

// survives does something to the pod that leads, waits until another leads and exports all objects, and checks
// that meanwhile no state was wrong, no object had two series for long, and none was missing for longer than it may.
func (c *testCluster) survives(t *testing.T, w *witness, what string, missing time.Duration, do func(*testing.T, *corev1.Pod)) {
	t.Helper()
	t.Run(what, func(t *testing.T) {
		doubled := c.lookout(t, twice)
		leader, holder := c.leader(t)
		start := time.Now()
		do(t, leader)
		NewWithT(t).Eventually(func() string { return c.holder(t) }, patient, often).ShouldNot(BeElementOf(holder, ""), "another should lead")
		led := since(start)
		c.exportsState(t, w, time.Now())

		a := c.compare(t, w, start.Add(-2*interval))
		t.Logf("another led after %s and exported everything after %s; %s; an object had two series for %s", led, since(start), a, doubled())
		g := NewWithT(t)
		g.Expect(a.wrong).To(BeEmpty())
		g.Expect(a.gap).To(BeNumerically("<", missing))
		g.Expect(doubled()).To(BeNumerically("<", forgotten))
	})
}

// exportedOnce checks that since a time no object was in two states, nor had two series for longer than an interval. The series of a pod
// that is gone end with the first scrape that fails, and the next leader can export a changed object up to a scrape before that. It first
// waits until Prometheus has forgotten the pods that are gone.
func (c *testCluster) exportedOnce(t *testing.T, since time.Time) {
	t.Helper()
	time.Sleep(forgotten)
	c.atMost(t, interval, since, twice, "an object has two series")
	c.never(t, since, bothStates, "an object is recorded in two states")
}
