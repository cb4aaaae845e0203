//go:build e2e

package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// counted are the kinds that the commands of a page can leave behind.
var counted = map[string][]string{
	"v1":                                     {"Namespace", "Service", "ServiceAccount", "Secret", "ConfigMap"},
	"apps/v1":                                {"Deployment", "StatefulSet"},
	"networking.k8s.io/v1":                   {"NetworkPolicy"},
	"policy/v1":                              {"PodDisruptionBudget"},
	"rbac.authorization.k8s.io/v1":           {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
	"admissionregistration.k8s.io/v1":        {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"},
	"apiextensions.k8s.io/v1":                {"CustomResourceDefinition"},
	"monitoring.coreos.com/v1":               {"Alertmanager", "PodMonitor", "Prometheus", "PrometheusRule", "ServiceMonitor"},
	"monitoring.coreos.com/v1alpha1":         {"AlertmanagerConfig"},
	"notification.toolkit.fluxcd.io/v1beta3": {"Alert", "Provider"},
	"fluxmonitoring.dev/v1alpha1":            {"FluxMonitoring"},
}

// specless are the counted kinds of which only the metadata is read: their objects have no spec, or a very long one.
var specless = []string{
	"ServiceAccount", "Secret", "ConfigMap", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "CustomResourceDefinition",
}

// inventory is the spec of each object in the cluster by kind, namespace and name. It has the objects of Flux, and no objects that
// controllers create and delete, such as Pods.
func (c *testCluster) inventory(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for apiVersion, kinds := range counted {
		for _, kind := range kinds {
			maps.Copy(all, c.specs(t, schema.FromAPIVersionAndKind(apiVersion, kind)))
		}
	}
	for kind, apiVersion := range reconciled {
		maps.Copy(all, c.specs(t, schema.FromAPIVersionAndKind(apiVersion, kind)))
	}
	return all
}

// inventoryBesideTests is the inventory without the namespaces in which the tests that run in parallel create objects, without the Prometheus
// that one of them has, and without the PrometheusRule, whose windows follow these objects.
func (c *testCluster) inventoryBesideTests(t *testing.T) map[string]string {
	t.Helper()
	all := c.inventory(t)
	maps.DeleteFunc(all, func(object, _ string) bool {
		parts := strings.Split(object, "/")
		last := path.Base(object)
		ofPrometheus := parts[0] == "Prometheus" && last == gitOpsNamespace || strings.HasPrefix(last, "prometheus-"+gitOpsNamespace)
		return object == path.Join("PrometheusRule", namespace, name) || slices.Contains(testNamespaces, parts[1]) || ofPrometheus
	})
	return all
}

// testNamespaces are the namespaces in which tests that run in parallel create objects.
var testNamespaces = []string{appsNamespace, namespaceOfOne, namespaceOfSource, gitOpsNamespace}

// specs are the spec of each object of a kind, or "there" for what is specless.
func (c *testCluster) specs(t *testing.T, kind schema.GroupVersionKind) map[string]string {
	t.Helper()
	found := map[string]string{}
	if slices.Contains(specless, kind.Kind) {
		list := listOf(kind)
		must(t, c.List(context.Background(), list))
		for _, o := range list.Items {
			found[path.Join(kind.Kind, o.Namespace, o.Name)] = "there"
		}
		return found
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind)
	if err := c.List(context.Background(), list); !missing(err) {
		must(t, err)
	}
	for _, o := range list.Items {
		spec, err := json.Marshal(o.Object["spec"])
		must(t, err)
		found[path.Join(kind.Kind, o.GetNamespace(), o.GetName())] = string(spec)
	}
	return found
}

// differs are the entries in which two inventories differ, as the second has them.
func differs(before, after map[string]string) map[string]string {
	all := maps.Clone(before)
	maps.Copy(all, after)
	maps.DeleteFunc(all, func(object, _ string) bool { return before[object] == after[object] })
	for object := range all {
		all[object] = cmp.Or(after[object], "gone")
	}
	return all
}

// restored installs the operator and the sample again, as they were before a page.
func (c *testCluster) restored(t *testing.T) {
	t.Helper()
	must(t, c.installOperator(context.Background()))
	c.monitored(t, "{}")
}
