//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// alert is one that Prometheus has.
type alert struct {
	Labels   map[string]string `json:"labels"`
	State    string            `json:"state"`
	ActiveAt time.Time         `json:"activeAt"`
}

// failures are the alerts ReconciliationFailure of a severity, by the object they are about, as their label namespace has it.
func (p prometheus) failures(ctx context.Context, severity string) (map[string]alert, error) {
	var data struct {
		Alerts []alert `json:"alerts"`
	}
	err := p.get(ctx, "alerts", nil, &data)
	found := map[string]alert{}
	for _, a := range data.Alerts {
		if l := a.Labels; l["alertname"] == "ReconciliationFailure" && l["severity"] == severity {
			found[fmt.Sprintf("%s %s/%s", l["kind"], l["namespace"], l["name"])] = a
		}
	}
	return found, err
}

// The severities that tell our own alert from that of Flux's guide.
const (
	ourSeverity   = "critical"
	guideSeverity = "page"
)

// about names an object as failures has it.
func about(id identity) string { return fmt.Sprintf("%s %s/%s", id.kind, appsNamespace, id.name) }

// failureBecomes waits until ReconciliationFailure of an object is in a state; inactive is that there is none.
func (c *testCluster) failureBecomes(t *testing.T, severity string, id identity, state string) alert {
	t.Helper()
	var found alert
	NewWithT(t).Eventually(func(g Gomega) {
		all, err := c.prometheus.failures(t.Context(), severity)
		g.Expect(err).NotTo(HaveOccurred())
		var is bool
		if found, is = all[about(id)]; !is {
			found.State = "inactive"
		}
		g.Expect(found.State).To(Equal(state))
	}, patient, often).Should(Succeed(), "ReconciliationFailure of %s should be %s", about(id), state)
	return found
}
