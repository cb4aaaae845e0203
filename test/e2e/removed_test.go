//go:build e2e

package e2e_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestDeletingTheResourceLeavesNothingInClusterAndPrometheus(t *testing.T) {
	fm := shared.monitored(t, "{}")
	shared.holds(t, everything, controlledBy(fm.UID))
	for _, j := range []string{job, exporterJob} {
		targets, err := shared.prometheus.targets(t.Context(), j)
		must(t, err)
		NewWithT(t).Expect(targets).NotTo(BeEmpty(), "targets of %s", j)
	}

	start := time.Now()
	shared.remove(t, fm)
	shared.gone(t)
	t.Logf("all objects are gone after %s", since(start))
	shared.forgets(t)
}

// forgets waits until Prometheus has neither rules nor targets of the sample's resource.
func (c *testCluster) forgets(t *testing.T) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		groups, err := c.prometheus.groups(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(groups).To(BeEmpty())
		for _, j := range []string{job, exporterJob} {
			targets, err := c.prometheus.targets(t.Context(), j)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(targets).To(BeEmpty(), "targets of %s", j)
		}
	}, patient, nowAndThen).Should(Succeed(), "Prometheus should forget rules and targets")
}

func TestDeletingTheResourceCompletesWhileNoOperatorRuns(t *testing.T) {
	fm := shared.monitored(t, "{}")
	shared.holds(t, everything, controlledBy(fm.UID))
	NewWithT(t).Expect(fm.Finalizers).To(BeEmpty())
	shared.scale(t, system, operator, 0)
	shared.remove(t, fm)
	shared.gone(t)
}

func TestDeletingAResourceThatOrphansLeavesEverything(t *testing.T) {
	fm := shared.monitored(t, "{deletionPolicy: Orphan}")
	shared.holds(t, everything, controlledByNobody)
	t.Cleanup(func() { shared.removeGenerated(t) })
	before := shared.rested(t)
	shared.remove(t, fm)
	NewWithT(t).Consistently(func() map[string]string { return shared.versions(t) }, atRest, often).
		Should(Equal(before), "everything should stay as it is")
	// Prometheus must load this before the next test: a Prometheus whose configuration changes twice within a second may
	// not notice the second change for minutes.
	shared.removeGenerated(t)
	shared.forgets(t)
}

// removeGenerated deletes what a resource that orphans has left.
func (c *testCluster) removeGenerated(t *testing.T) {
	t.Helper()
	objects, err := c.generated(context.Background())
	must(t, err)
	for i := range objects {
		c.remove(t, &metav1.PartialObjectMetadata{TypeMeta: objects[i].TypeMeta, ObjectMeta: objects[i].ObjectMeta})
	}
}
