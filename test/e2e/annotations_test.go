//go:build e2e

package e2e_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestProviderAndAlertForGrafanaAreAcceptedAndPruned(t *testing.T) {
	fm := shared.monitored(t, `{dashboards: {eventAnnotations: {address: "https://grafana.example.com/api/annotations",
		secretRef: {name: grafana}, namespaces: [apps], events: Errors}}}`)
	shared.holds(t, everythingAnd("Alert/flux-grafana", "Provider/flux-grafana"), controlledBy(fm.UID))
	g := NewWithT(t)
	g.Expect(shared.specOf(t, fluxProviders)).To(Equal(map[string]any{
		"type": "grafana", "address": "https://grafana.example.com/api/annotations", "secretRef": map[string]any{"name": "grafana"},
	}))
	sources := []any{}
	for _, kind := range []string{"Kustomization", "HelmRelease", "GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket"} {
		sources = append(sources, map[string]any{"kind": kind, "namespace": "apps", "name": "*"})
	}
	g.Expect(shared.specOf(t, fluxAlerts)).To(Equal(map[string]any{
		"providerRef": map[string]any{"name": "flux-grafana"}, "eventSeverity": "error", "eventSources": sources,
	}))

	shared.monitored(t, "{}")
	shared.holds(t, everything)
}

// specOf is the spec of what is generated for Grafana, as the API server keeps it.
func (c *testCluster) specOf(t *testing.T, kind schema.GroupVersionKind) any {
	t.Helper()
	o := named(kind.GroupVersion().String(), kind.Kind, namespace, name+"-grafana")
	must(t, c.Get(t.Context(), client.ObjectKeyFromObject(o), o))
	return o.Object["spec"]
}
