//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// place is a namespace for the Flux objects of one test, where what fails in the namespace apps is not in its way. It is there
// until the test ends.
func (c *testCluster) createNamespace(t *testing.T, name string) {
	t.Helper()
	o := &corev1.Namespace{}
	o.Name = name
	t.Cleanup(func() { c.remove(t, o) })
	must(t, c.Create(t.Context(), o.DeepCopy()))
}

// remove deletes an object, a namespace with all that is in it, and waits until it is gone.
func (c *testCluster) remove(t *testing.T, o client.Object) {
	t.Helper()
	ctx := context.Background() // It cleans up after tests too.
	must(t, client.IgnoreNotFound(c.Delete(ctx, o)))
	NewWithT(t).Eventually(func() bool { return missing(c.Get(ctx, client.ObjectKeyFromObject(o), o)) }, patient, often).
		Should(BeTrue(), "%s should be gone", o.GetName())
}

// put creates an object of Flux with the given YAML for its spec in the place of a test.
func (c *testCluster) put(t *testing.T, place string, id identity, spec string) *unstructured.Unstructured {
	t.Helper()
	o := fluxObject(place, id, spec)
	must(t, cluster.Apply(t.Context(), c, o.DeepCopy()))
	return o
}

// fluxObject is an object of Flux with the given YAML for its spec.
func fluxObject(namespace string, id identity, spec string) *unstructured.Unstructured {
	o := named(reconciled[id.kind], id.kind, namespace, id.name)
	if err := yaml.Unmarshal([]byte("{spec: "+spec+"}"), &o.Object); err != nil {
		panic(err) // It is written in a test.
	}
	return o
}

// named is an object without content.
func named(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

// fluxList is an empty list of one of Flux's kinds.
func fluxList(kind string) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(reconciled[kind])
	list.SetKind(kind + "List")
	return list
}

// applies is the spec of a Kustomization that applies the source that works, under names of its own.
func applies(place, name string) string {
	return fmt.Sprintf(`{interval: 30s, retryInterval: 5s, path: ./, prune: false, namePrefix: %s-, targetNamespace: %s,
		sourceRef: {kind: OCIRepository, name: hello, namespace: apps}}`, name, place)
}

// eachReady waits until so many Kustomizations are in a place, and each was seen to be ready: while one is reconciled again, its state is Unknown.
func (c *testCluster) eachReady(t *testing.T, place string, count int) {
	t.Helper()
	list, seen := fluxList("Kustomization"), map[string]bool{}
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.List(t.Context(), list, client.InNamespace(place))).To(Succeed())
		g.Expect(list.Items).To(HaveLen(count))
		not := map[string]any{}
		for i := range list.Items {
			o := &list.Items[i]
			if seen[o.GetName()] = seen[o.GetName()] || slices.Contains(statesOf(o), "Ready=True"); !seen[o.GetName()] {
				not[o.GetName()] = o.Object["status"]
			}
		}
		g.Expect(not).To(BeEmpty())
	}, patient, often).Should(Succeed(), "each Kustomization in %s should be ready", place)
}

// firesFor waits until an alert fires for as many objects in a place.
func (c *testCluster) firesFor(t *testing.T, alert, place string, count int) {
	t.Helper()
	expr := fmt.Sprintf(`ALERTS{alertname=%q, alertstate="firing", exported_namespace=%q}`, alert, place)
	NewWithT(t).Eventually(func() (map[string]string, error) {
		samples, err := c.prometheus.query(t.Context(), expr)
		return by(samples, "kind", "name"), err
	}, patient, often).Should(HaveLen(count), "%s should fire for %d objects", alert, count)
}

// conditionsOf are the conditions of an object.
func conditionsOf(o *unstructured.Unstructured) []metav1.Condition {
	of := struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &of); err != nil {
		return nil
	}
	return of.Status.Conditions
}

// statesOf are the conditions of an object, as Type=Status.
func statesOf(o *unstructured.Unstructured) []string {
	var all []string
	for _, c := range conditionsOf(o) {
		all = append(all, fmt.Sprintf("%s=%s", c.Type, c.Status))
	}
	return all
}
