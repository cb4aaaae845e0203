package controllers_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/served"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// expression is that of an alert's first rule.
func (p *place) expression(name string) string {
	p.t.Helper()
	for _, r := range p.rulesOf(name) {
		expr, _, _ := unstructured.NestedString(r, "expr")
		return expr
	}
	return ""
}

// bootstraps waits until the alert on bootstrap objects is about objects of these names.
func (p *place) bootstraps(appliers, source string) {
	p.t.Helper()
	NewWithT(p.t).Eventually(func(g Gomega) {
		g.Expect(p.expression("FluxBootstrapNotReady")).To(ContainSubstring(`exported_namespace="` + p.flux + `",kind=~"FluxInstance|Kustomization",name=~"` + appliers + `"`))
		g.Expect(p.expression("FluxBootstrapNotReady")).To(ContainSubstring(`exported_namespace="` + p.flux + `",kind=~"Bucket|GitRepository|OCIRepository",name=~"` + source + `"`))
	}, soon, often).Should(Succeed())
}

func fluxInstance(namespace, sync string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"distribution": map[string]any{"version": "2.x", "registry": "ghcr.io/fluxcd"},
		"sync":         map[string]any{"kind": "GitRepository", "name": sync, "url": "https://example.com/fleet.git", "ref": "main", "path": "./"},
	}}}
	o.SetAPIVersion("fluxcd.controlplane.io/v1")
	o.SetKind("FluxInstance")
	o.SetNamespace(namespace)
	o.SetName("flux")
	return o
}

func TestTheBootstrapObjectIsWhatAFluxInstanceSynchronises(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	p.bootstraps("flux|"+p.flux, "flux|"+p.flux)
	c.installCRDs(t, fluxOperatorCRDs)
	instance := fluxInstance(p.flux, "cluster")
	p.must(cluster.Apply(t.Context(), p.Client, instance))
	p.bootstraps("flux|cluster", "cluster")
	p.must(cluster.Apply(t.Context(), p.Client, fluxInstance(p.flux, "fleet")))
	p.bootstraps("flux|fleet", "fleet")
	p.must(p.Delete(t.Context(), instance))
	p.bootstraps("flux|"+p.flux, "flux|"+p.flux)
}

func TestTheBootstrapObjectIsTheKustomizationThatAppliedTheControllersAndItsSource(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	p.bootstraps("flux|"+p.flux, "flux|"+p.flux)
	label := func(name string) {
		p.changeDeployments(func(d *appsv1.Deployment) {
			d.Labels["kustomize.toolkit.fluxcd.io/namespace"], d.Labels["kustomize.toolkit.fluxcd.io/name"] = p.flux, name
		})
	}
	label("platform")
	p.bootstraps("platform", "platform")
	k := kustomization(p.flux, "platform")
	NewWithT(t).Eventually(func() error { return p.Create(t.Context(), k.DeepCopy()) }, soon, often).Should(Succeed())
	p.bootstraps("platform", "shop")
	p.must(p.Get(t.Context(), client.ObjectKeyFromObject(k), k))
	before := k.DeepCopy()
	p.must(unstructured.SetNestedField(k.Object, "fleet", "spec", "sourceRef", "name"))
	p.must(p.Patch(t.Context(), k, client.MergeFrom(before)))
	p.bootstraps("platform", "fleet")
	label("another")
	p.bootstraps("another", "another")
}

func TestABootstrapObjectThatMayNotBeReadIsUnknownAndBlocksNobody(t *testing.T) {
	g := NewWithT(t)
	config := rest.CopyConfig(shared.plane.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "nobody"}
	watch := func(client.Object, cache.Cache) error { return nil }
	bootstrap := &served.Bootstrap{Manager: running(t, config), Watch: watch}
	kind := flux.ServedKind{Kind: flux.Kind{Group: "monitoring.coreos.com", Name: "PodMonitor"}, Version: "v1"}
	began := time.Now()
	_, known := bootstrap.Objects(t.Context(), kind, "default", "")
	g.Expect(known).To(BeFalse())
	_, known = bootstrap.Objects(t.Context(), kind, "default", "")
	g.Expect(known).To(BeFalse())
	g.Expect(time.Since(began)).To(BeNumerically("<", soon))

	bootstrap = &served.Bootstrap{Manager: running(t, shared.plane.Config), Watch: watch}
	_, known = bootstrap.Objects(t.Context(), kind, "kube-system", "")
	g.Expect(known).To(BeTrue())
}
