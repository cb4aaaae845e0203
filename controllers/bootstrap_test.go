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

// bootstraps waits until the alert on bootstrap objects is about objects of these names.
func (p *place) bootstraps(appliers, source string) {
	p.t.Helper()
	p.Eventually(func(g Gomega) {
		g.Expect(p.expression("FluxBootstrapNotReady")).To(ContainSubstring(`exported_namespace="` + p.flux + `",kind=~"FluxInstance|Kustomization",name=~"` + appliers + `"`))
		g.Expect(p.expression("FluxBootstrapNotReady")).To(ContainSubstring(`exported_namespace="` + p.flux + `",kind=~"Bucket|GitRepository|OCIRepository",name=~"` + source + `"`))
	}).Should(Succeed())
}

func fluxInstance(namespace, sync string) *unstructured.Unstructured {
	o := object("FluxInstance", namespace, "flux")
	o.Object["spec"] = map[string]any{
		"distribution": map[string]any{"version": "2.x", "registry": "ghcr.io/fluxcd"},
		"sync":         map[string]any{"kind": "GitRepository", "name": sync, "url": "https://example.com/fleet.git", "ref": "main", "path": "./"},
	}
	return o
}

func TestTheBootstrapObjectOfAFluxInstanceIsItsSource(t *testing.T) {
	p, _ := inOwnCluster(t).monitored()
	p.bootstraps("flux|"+p.flux, "flux|"+p.flux)
	p.installCRDs(t, fluxOperatorCRDs)
	instance := fluxInstance(p.flux, "cluster")
	p.must(cluster.Apply(t.Context(), p.Client, instance))
	p.bootstraps("flux|cluster", "cluster")
	p.must(cluster.Apply(t.Context(), p.Client, fluxInstance(p.flux, "fleet")))
	p.bootstraps("flux|fleet", "fleet")
	p.must(p.Delete(t.Context(), instance))
	p.bootstraps("flux|"+p.flux, "flux|"+p.flux)
}

func TestTheBootstrapObjectIsTheKustomizationOfTheControllers(t *testing.T) {
	p := inOwnCluster(t).withFlux().withPrometheus()
	p.withKustomizations()
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
	p.createOnceServed(k)
	p.bootstraps("platform", "shop")
	p.must(p.Get(t.Context(), client.ObjectKeyFromObject(k), k))
	before := k.DeepCopy()
	p.must(unstructured.SetNestedField(k.Object, "fleet", "spec", "sourceRef", "name"))
	p.must(p.Patch(t.Context(), k, client.MergeFrom(before)))
	p.bootstraps("platform", "fleet")
	label("another")
	p.bootstraps("another", "another")
}

func TestAForbiddenBootstrapObjectIsUnknownAndBlocksNoRun(t *testing.T) {
	g := NewWithT(t)
	config := rest.CopyConfig(shared.plane.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "nobody"}
	known := func(b *served.Bootstrap) bool {
		b.Watch = func(client.Object, cache.Cache) error { return nil }
		kind := flux.ServedKind{Kind: flux.Kind{Group: monitoringGroup, Name: "PodMonitor"}, Version: "v1"}
		_, known := b.Objects(t.Context(), kind, "default", "")
		return known
	}
	began, forbidden := time.Now(), &served.Bootstrap{Manager: running(t, config)}
	g.Expect(known(forbidden)).To(BeFalse())
	g.Expect(known(forbidden)).To(BeFalse(), "the second time too")
	g.Expect(time.Since(began)).To(BeNumerically("<", soon))
	g.Expect(known(&served.Bootstrap{Manager: running(t, shared.plane.Config)})).To(BeTrue())
}
