package observe

import (
	"context"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/given"
)

// bootstrapObjects are bootstrap objects, and the kinds that cannot be read.
type bootstrapObjects struct {
	objects []unstructured.Unstructured
	unknown []string
}

func (r bootstrapObjects) Objects(_ context.Context, kind flux.ServedKind, namespace, name string) ([]unstructured.Unstructured, bool) {
	if slices.Contains(r.unknown, kind.Name) {
		return nil, false
	}
	var found []unstructured.Unstructured
	for _, o := range r.objects {
		if o.GetKind() == kind.Name && o.GetNamespace() == namespace && (name == "" || o.GetName() == name) {
			stripped, err := StripBootstrap(&o)
			if err != nil {
				return nil, false
			}
			found = append(found, *stripped.(*unstructured.Unstructured))
		}
	}
	return found, true
}

// bothServed are FluxInstances and Kustomizations.
type bothServed struct{ fakeState }

func (bothServed) FluxKinds() []flux.ServedKind {
	return given.Kinds("FluxInstance/v1", "Kustomization/v1")
}

func object(t *testing.T, text string) unstructured.Unstructured {
	t.Helper()
	var o unstructured.Unstructured
	must(t, yaml.Unmarshal([]byte(text), &o.Object))
	return o
}

// appliedBy labels a Deployment with the Kustomization that applied it.
func appliedBy(namespace, name string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		d.Labels["kustomize.toolkit.fluxcd.io/namespace"], d.Labels["kustomize.toolkit.fluxcd.io/name"] = namespace, name
	}
}

const (
	synced      = `{kind: FluxInstance, metadata: {namespace: flux-system, name: flux}, spec: {distribution: {version: 2.x}, sync: {kind: OCIRepository, name: cluster, url: "oci://a"}}}`
	syncedSo    = `{kind: FluxInstance, metadata: {namespace: flux-system, name: flux}, spec: {sync: {url: "https://a"}}}`
	unsynced    = `{kind: FluxInstance, metadata: {namespace: flux-system, name: flux}, spec: {distribution: {version: 2.x}}}`
	elsewhere   = `{kind: FluxInstance, metadata: {namespace: elsewhere, name: flux}, spec: {sync: {name: cluster}}}`
	platform    = `{kind: Kustomization, metadata: {namespace: infra, name: platform}, spec: {interval: 1h, sourceRef: {kind: GitRepository, namespace: sources, name: fleet}}}`
	ofNamespace = `{kind: Kustomization, metadata: {namespace: flux-system, name: flux-system}, spec: {sourceRef: {kind: GitRepository, name: flux-system}}}`
)

func TestBootstrapObjectsAreFound(t *testing.T) {
	of := func(kind, namespace, name string) flux.Object {
		return flux.Object{Kind: kind, Namespace: namespace, Name: name}
	}
	instance, bootstrap := of("FluxInstance", "flux-system", "flux"), of("Kustomization", "flux-system", "flux-system")
	applied := []appsv1.Deployment{deployment("source-controller", appliedBy("infra", "platform")), deployment("source-controller-eu", appliedBy("shards", "eu"))}
	for name, c := range map[string]struct {
		objects     []string
		unknown     []string
		deployments []appsv1.Deployment
		want        flux.Bootstrap
	}{
		"what a FluxInstance synchronises": {[]string{synced, platform}, nil, applied, flux.Bootstrap{
			Appliers: []flux.Object{instance, of("Kustomization", "flux-system", "cluster")},
			Sources:  []flux.Object{of("OCIRepository", "flux-system", "cluster")}}},
		"by default called like its namespace": {[]string{syncedSo}, nil, nil, flux.Bootstrap{
			Appliers: []flux.Object{instance, bootstrap}, Sources: []flux.Object{of("GitRepository", "flux-system", "flux-system")}}},
		"of a FluxInstance that synchronises nothing, the Kustomization that applied the controllers": {
			[]string{unsynced, platform}, nil, applied, flux.Bootstrap{
				Appliers: []flux.Object{instance, of("Kustomization", "infra", "platform")}, Sources: []flux.Object{of("GitRepository", "sources", "fleet")}}},
		"the Kustomization that applied the controllers, but for their shards": {[]string{platform, elsewhere}, nil, applied, flux.Bootstrap{
			Appliers: []flux.Object{of("Kustomization", "infra", "platform")}, Sources: []flux.Object{of("GitRepository", "sources", "fleet")}}},
		"that of shards, where there are only shards": {nil, nil, applied[1:], flux.Bootstrap{Appliers: []flux.Object{of("Kustomization", "shards", "eu")}}},
		"the source in the Kustomization's namespace": {
			[]string{ofNamespace}, nil, []appsv1.Deployment{deployment("source-controller", appliedBy("flux-system", "flux-system"))}, flux.Bootstrap{
				Appliers: []flux.Object{bootstrap}, Sources: []flux.Object{of("GitRepository", "flux-system", "flux-system")}}},
		"without the right to read Kustomizations, without a source": {nil, []string{"Kustomization"}, applied, flux.Bootstrap{
			Appliers: []flux.Object{of("Kustomization", "infra", "platform")}}},
		"without the right to read FluxInstances, the usual one too": {[]string{platform}, []string{"FluxInstance"}, applied, flux.Bootstrap{
			Appliers: []flux.Object{instance, of("Kustomization", "infra", "platform")}, Sources: []flux.Object{of("GitRepository", "sources", "fleet")}}},
		"unknown, where nothing names it": {nil, nil, []appsv1.Deployment{deployment("source-controller")}, flux.Bootstrap{}},
	} {
		t.Run(name, func(t *testing.T) {
			var objects []unstructured.Unstructured
			for _, text := range c.objects {
				objects = append(objects, object(t, text))
			}
			o := &Observer{State: bothServed{}, Objects: bootstrapObjects{objects, c.unknown}}
			NewWithT(t).Expect(o.bootstrap(t.Context(), "flux-system", c.deployments)).To(Equal(c.want))
		})
	}
}

func TestNothingIsReadOfKindsThatAreNotServed(t *testing.T) {
	o := &Observer{State: fakeState{}, Objects: bootstrapObjects{objects: []unstructured.Unstructured{object(t, synced)}}}
	NewWithT(t).Expect(o.bootstrap(t.Context(), "flux-system", nil)).To(BeZero())
}
