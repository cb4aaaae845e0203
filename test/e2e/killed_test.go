//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/mark"
)

func TestNextOperatorCompletesTheWorkOfAKilledOne(t *testing.T) {
	leader, _ := shared.leader(t)
	precise, inTheMiddle := processOf(t, leader) != 0, 0 // Where the process is on another machine, its pod is deleted.
	for _, writes := range []int{0, 1, 1, 2, 3} {
		if shared.killedAtWrite(t, writes, shared.releaseLease) {
			inTheMiddle++
		}
	}
	if precise && inTheMiddle == 0 {
		t.Error("no kill came in the middle of the operator's work")
	}
}

func TestAnotherOperatorLeadsAfterTheLeaseOfAKilledOne(t *testing.T) {
	shared.killedAtWrite(t, 1, func(*testing.T) {})
	shared.monitored(t, "{}")
	shared.scrapes(t, shared.controllers(t))
}

// killedAtWrite removes some objects and changes all, kills the operator as soon as so many of its writes are seen, and waits
// until the one that leads then has completed the work. It reports whether some of the work was done before, and not all.
func (c *testCluster) killedAtWrite(t *testing.T, count int, then func(*testing.T)) (inTheMiddle bool) {
	t.Helper()
	c.monitored(t, "{}")
	round := fmt.Sprintf("killed-%d", time.Now().UnixMilli())
	changed := labelled("round", round)
	writes := c.writes(t, changed)
	kill, killed := c.killer(t)

	must(t, c.DeleteAllOf(t.Context(), object(configMaps),
		client.InNamespace(namespace), client.MatchingLabels{mark.OwnerLabel: name}))
	fm := c.ask(t, fmt.Sprintf("{commonMetadata: {labels: {round: %s}}}", round))
	for range count {
		NewWithT(t).Eventually(writes, soon, time.Millisecond).Should(Receive(), "the operator should write")
	}
	kill()

	start := time.Now()
	done, reported := c.workDone(t, fm, changed)
	then(t)
	NewWithT(t).Eventually(func() string { return c.holder(t) }, patient, often).ShouldNot(BeElementOf(killed, ""), "another should lead")
	c.settled(t, fm, ready, scraped)
	c.holds(t, everything, changed, controlledBy(fm.UID))
	t.Logf("killed with %d of %d objects done, reported in the status: %t; complete after %s", done, len(everything), reported, since(start))
	return done > 0 && !reported
}

// workDone is how many objects are changed, and whether the status reports it.
func (c *testCluster) workDone(t *testing.T, fm *v1alpha1.FluxMonitoring, changed holds) (done int, reported bool) {
	t.Helper()
	objects, err := c.generated(t.Context())
	must(t, err)
	must(t, c.Get(t.Context(), client.ObjectKeyFromObject(fm), fm))
	return len(names(objects, changed)), fm.Status.ObservedGeneration == fm.Generation
}
