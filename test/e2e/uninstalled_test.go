//go:build e2e

package e2e_test

import (
	"context"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestUninstallingInAnyOrderLeavesNothing(t *testing.T) {
	resource := func(o *unstructured.Unstructured) bool { return o.GetKind() == "FluxMonitoring" }
	definition := func(o *unstructured.Unstructured) bool { return o.GetKind() == "CustomResourceDefinition" }
	permissions := func(o *unstructured.Unstructured) bool {
		return o.GroupVersionKind().Group == "rbac.authorization.k8s.io"
	}
	t.Cleanup(func() { must(t, shared.installOperator(context.Background())) })
	for what, first := range map[string][]func(*unstructured.Unstructured) bool{
		"the resource first":                           {resource},
		"the definition first":                         {definition},
		"the permissions first, and the resource last": {permissions, func(o *unstructured.Unstructured) bool { return !resource(o) && !definition(o) }},
	} {
		t.Run(what, func(t *testing.T) {
			must(t, shared.installOperator(t.Context()))
			fm := shared.monitored(t, "{}")
			shared.holds(t, everything, controlledBy(fm.UID))
			NewWithT(t).Expect(shared.left(t)).NotTo(BeEmpty(), "objects should be found before")
			all := append(defaultObjects(t), named("fluxmonitoring.dev/v1alpha1", "FluxMonitoring", fm.Namespace, fm.Name))
			for _, is := range first {
				shared.delete(t, slices.DeleteFunc(slices.Clone(all), func(o *unstructured.Unstructured) bool { return !is(o) }))
			}
			shared.delete(t, all)
			NewWithT(t).Eventually(func() []string { return shared.left(t) }, patient, nowAndThen).Should(BeEmpty(), "this is left")
		})
	}
}

// uninstall removes what config/default installs and what was made with it, and waits until nothing is left.
func (c *testCluster) uninstall(t *testing.T) {
	t.Helper()
	c.delete(t, defaultObjects(t))
	NewWithT(t).Eventually(func() []string { return c.left(t) }, patient, nowAndThen).Should(BeEmpty(), "this is left")
}

// delete deletes objects, those that are there, and waits until they are gone.
func (c *testCluster) delete(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	gone := func(err error) bool { return missing(err) || meta.IsNoMatchError(err) }
	for _, o := range objects {
		if err := c.Delete(t.Context(), o); err != nil && !gone(err) {
			t.Fatal(err)
		}
	}
	NewWithT(t).Eventually(func(g Gomega) {
		for _, o := range objects {
			g.Expect(gone(c.Get(t.Context(), client.ObjectKeyFromObject(o), o.DeepCopy()))).To(BeTrue(), "%s %s", o.GetKind(), o.GetName())
		}
	}, patient, often).Should(Succeed())
}

// left are the objects of any kind that have a label of the operator's manifests, or of what it generates.
func (c *testCluster) left(t *testing.T) []string {
	t.Helper()
	lists, err := discovery.NewDiscoveryClient(c.rest).ServerPreferredResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		t.Fatal(err)
	}
	found := []string{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		must(t, err)
		for _, resource := range list.APIResources {
			if !slices.Contains(resource.Verbs, "list") {
				continue
			}
			found = append(found, c.marked(t, gv.WithKind(resource.Kind))...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// marked are the objects of a kind with one of the labels, and the definition and its objects.
func (c *testCluster) marked(t *testing.T, kind schema.GroupVersionKind) []string {
	t.Helper()
	var found []string
	for key, value := range map[string]string{
		"app.kubernetes.io/part-of": "fluxmonitoring", "app.kubernetes.io/managed-by": "fluxmonitoring-operator",
	} {
		list := listOf(kind)
		if err := c.List(t.Context(), list, client.MatchingLabels{key: value}); err != nil {
			continue // A kind may leave meanwhile, or may not be listed so.
		}
		for _, o := range list.Items {
			found = append(found, kind.Kind+" "+o.Namespace+"/"+o.Name)
		}
	}
	if kind.Group == "fluxmonitoring.dev" {
		found = append(found, kind.String())
	}
	return found
}
