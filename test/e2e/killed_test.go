//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/apply"
)

func TestAnOperatorKilledInTheMiddleOfItsWorkCompletesItAtItsNextStart(t *testing.T) {
	for writes := range len(everything) + 1 {
		t.Run(fmt.Sprintf("at write %d", writes), func(t *testing.T) {
			shared.killedAtWrite(t, writes, shared.releaseLease)
		})
	}
	t.Run("while its lease still runs", func(t *testing.T) {
		shared.killedAtWrite(t, 1, func(*testing.T) {})
	})
	shared.monitored(t, "{}")
	shared.scrapes(t, shared.controllers(t))
}

// killedAtWrite removes some objects and changes all, kills the operator as soon as so many of its writes are seen, and waits
// until another start has completed the work.
func (c *testCluster) killedAtWrite(t *testing.T, count int, then func(*testing.T)) {
	t.Helper()
	c.monitored(t, "{}")
	mark := fmt.Sprintf("killed-%d-%d", time.Now().Unix(), count)
	changed := labelled("round", mark)
	writes := c.writes(t, changed)
	kill, killed := c.killer(t)

	must(t, c.DeleteAllOf(t.Context(), metadata(configMaps.Kind),
		client.InNamespace(namespace), client.MatchingLabels{apply.OwnerLabel: name}))
	fm := c.ask(t, fmt.Sprintf("{commonMetadata: {labels: {round: %s}}}", mark))
	for range count {
		NewWithT(t).Eventually(writes, soon, time.Millisecond).Should(Receive(), "the operator should write")
	}
	kill()

	start := time.Now()
	left, err := c.generated(t.Context())
	must(t, err)
	then(t)
	c.operatorPod(t, killed)
	c.settled(t, fm, ready, scraped)
	c.holds(t, everything, changed, controlledBy(fm.UID))
	t.Logf("killed with %d of %d objects done; complete after %s", len(names(left, changed)), len(everything), since(start))
}
