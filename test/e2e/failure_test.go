//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// fails creates a Kustomization that fails until it is mended.
func (c *testCluster) fails(t *testing.T, id identity) *unstructured.Unstructured {
	t.Helper()
	return c.create(t, id, fmt.Sprintf(`{interval: 10s, retryInterval: 2s, path: ./missing, prune: true, namePrefix: %s-,
		targetNamespace: apps, sourceRef: {kind: OCIRepository, name: hello}}`, id.name))
}

// mended is what makes it succeed.
const mended = `{path: ./}`

func TestAnObjectThatFailsMakesReconciliationFailurePendingThenFiringUntilItIsMended(t *testing.T) {
	t.Parallel()
	w := shared.watchedClosely(t)
	id := identity{"Kustomization", "failing"}
	start := time.Now()
	o := shared.fails(t, id)
	shared.failureBecomes(t, ourSeverity, id, "pending")
	t.Logf("pending after %s", since(start))
	shared.failureBecomes(t, ourSeverity, id, "firing")
	t.Logf("firing after %s", since(start))

	start = time.Now()
	shared.change(t, o, mended)
	shared.becomes(t, w, id, status{ready: "True", suspended: "false"})
	shared.failureBecomes(t, ourSeverity, id, "inactive")
	t.Logf("resolved %s after it was mended", since(start))
}

func TestReconciliationFailureFiresForWhatFailsAndForNothingElse(t *testing.T) {
	t.Parallel()
	shared.watchedClosely(t)
	NewWithT(t).Eventually(func(g Gomega) {
		all, err := shared.prometheus.failures(t.Context(), ourSeverity)
		g.Expect(err).NotTo(HaveOccurred())
		fire := map[string]bool{}
		for object, a := range all {
			fire[object] = a.State == "firing"
		}
		for _, fails := range []identity{{"Kustomization", "broken"}, flapping} {
			g.Expect(fire).To(HaveKeyWithValue(about(fails), true))
		}
		// Of what waits for another FluxResourceBlockedByDependency tells, of sources that fail FluxSourceNotReady.
		for _, other := range []identity{
			{"Kustomization", "hello"}, {"Kustomization", "paused"}, {"Kustomization", "dependent"}, {"HelmRelease", "hello"},
			{"OCIRepository", "hello"}, {"GitRepository", "hello"}, {"GitRepository", "missing"}, {"GitRepository", "private"},
			{"HelmRepository", "charts"}, {"HelmChart", "hello"},
		} {
			g.Expect(fire).NotTo(HaveKey(about(other)))
		}
	}, patient, often).Should(Succeed(), "what fails of what applies something, and nothing else, should have an alert that fires")
}
