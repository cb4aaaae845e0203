//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// fails creates a Kustomization that fails until it is repaired.
func (c *testCluster) fails(t *testing.T, id identity) *unstructured.Unstructured {
	t.Helper()
	return c.create(t, id, fmt.Sprintf(`{interval: 10s, retryInterval: 2s, path: ./missing, prune: true, namePrefix: %s-,
		targetNamespace: apps, sourceRef: {kind: OCIRepository, name: hello}}`, id.name))
}

// repair is the change that makes it succeed.
const repair = `{path: ./}`

func TestReconciliationFailureFiresUntilTheObjectIsFixed(t *testing.T) {
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
	shared.change(t, o, repair)
	shared.becomes(t, w, id, status{ready: "True", suspended: "false"})
	shared.failureBecomes(t, ourSeverity, id, "inactive")
	t.Logf("resolved %s after it was repaired", since(start))
}

func TestReconciliationFailureFiresOnlyForFailingObjects(t *testing.T) {
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
		// FluxResourceBlockedByDependency is about objects that wait for others, FluxSourceNotReady about sources that fail.
		for _, other := range []identity{
			{"Kustomization", "hello"}, {"Kustomization", "paused"}, {"Kustomization", "dependent"}, {"HelmRelease", "hello"},
			{"OCIRepository", "hello"}, {"GitRepository", "hello"}, {"GitRepository", "missing"}, {"GitRepository", "private"},
			{"HelmRepository", "charts"}, {"HelmChart", "hello"},
		} {
			g.Expect(fire).NotTo(HaveKey(about(other)))
		}
	}, patient, often).Should(Succeed(), "what fails of what applies something, and nothing else, should have an alert that fires")
}

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

// The severities of our own alert and of that of Flux's guide.
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
