//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// place is a namespace for the Flux objects of one test, where what fails in the namespace apps is not in its way. It is there
// until the test ends.
func (c *testCluster) place(t *testing.T, name string) {
	t.Helper()
	o := &corev1.Namespace{}
	o.Name = name
	t.Cleanup(func() { c.vacate(t, o) })
	must(t, c.Create(t.Context(), o.DeepCopy()))
}

// vacate deletes a namespace and all that is in it, and waits until it is gone.
func (c *testCluster) vacate(t *testing.T, o *corev1.Namespace) {
	t.Helper()
	ctx := context.Background() // It cleans up after tests.
	must(t, client.IgnoreNotFound(c.Delete(ctx, o)))
	NewWithT(t).Eventually(func() bool { return missing(c.Get(ctx, client.ObjectKeyFromObject(o), o)) }, patient, often).
		Should(BeTrue(), "the namespace %s should be gone", o.Name)
}

// put creates an object of Flux with the given YAML for its spec in the place of a test.
func (c *testCluster) put(t *testing.T, place string, id identity, spec string) *unstructured.Unstructured {
	t.Helper()
	o := described(t, place, id, spec)
	must(t, cluster.Apply(t.Context(), c, o.DeepCopy()))
	return o
}

// described is an object of Flux with the given YAML for its spec.
func described(t *testing.T, place string, id identity, spec string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(reconciled[id.kind])
	o.SetKind(id.kind)
	o.SetNamespace(place)
	o.SetName(id.name)
	wanted := map[string]any{}
	must(t, yaml.Unmarshal([]byte(spec), &wanted))
	o.Object["spec"] = wanted
	return o
}

// applies is the spec of a Kustomization that applies the source that works, under names of its own.
func applies(place, name string) string {
	return fmt.Sprintf(`{interval: 10s, retryInterval: 5s, path: ./, prune: false, namePrefix: %s-, targetNamespace: %s,
		sourceRef: {kind: OCIRepository, name: hello, namespace: apps}}`, name, place)
}

// allReady waits until so many Kustomizations are in a place, and every one is ready.
func (c *testCluster) allReady(t *testing.T, place string, count int) {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(reconciled["Kustomization"])
	list.SetKind("KustomizationList")
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.List(t.Context(), list, client.InNamespace(place))).To(Succeed())
		g.Expect(list.Items).To(HaveLen(count))
		for i := range list.Items {
			g.Expect(said(&list.Items[i])).To(ContainElement("Ready=True"), "%s: %s", list.Items[i].GetName(), list.Items[i].Object["status"])
		}
	}, patient, often).Should(Succeed(), "every Kustomization in %s should be ready", place)
}

// firesFor waits until an alert fires for as many objects in a place.
func (c *testCluster) firesFor(t *testing.T, alert, place string, count int) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		samples, err := c.prometheus.query(t.Context(), fmt.Sprintf(`ALERTS{alertname=%q, alertstate="firing", exported_namespace=%q}`, alert, place))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(keys(by(samples, "kind", "name"))).To(HaveLen(count))
	}, patient, often).Should(Succeed(), "%s should fire for %d objects", alert, count)
}
