package controllers_test

import (
	"os"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// generation is what a release of Flux serves, as test/testdata/generations has it from the real definitions.
type generation struct {
	Flux        string
	Definitions []definitionOf
}

type definitionOf struct {
	Group, Kind, Plural string
	Versions            []version
}

type version struct {
	Name            string
	Served, Storage bool
}

// preferred are the kinds of each release in the version the cluster prefers of those it serves.
var preferred = []struct {
	flux  string
	kinds []string
}{
	{"2.2", []string{
		"Alert/v1beta3=0", "Bucket/v1beta2=0", "GitRepository/v1=0", "HelmChart/v1beta2=0", "HelmRelease/v2beta2=0",
		"HelmRepository/v1beta2=0", "ImagePolicy/v1beta2=0", "ImageRepository/v1beta2=0", "ImageUpdateAutomation/v1beta1=0",
		"Kustomization/v1=0", "OCIRepository/v1beta2=0", "Provider/v1beta3=0", "Receiver/v1=0",
	}},
	{"2.5", []string{
		"Alert/v1beta3=0", "Bucket/v1=0", "GitRepository/v1=0", "HelmChart/v1=0", "HelmRelease/v2=0",
		"HelmRepository/v1=0", "ImagePolicy/v1beta2=0", "ImageRepository/v1beta2=0", "ImageUpdateAutomation/v1beta2=0",
		"Kustomization/v1=0", "OCIRepository/v1beta2=0", "Provider/v1beta3=0", "Receiver/v1=0",
	}},
	{"2.7", []string{
		"Alert/v1beta3=0", "ArtifactGenerator/v1beta1=0", "Bucket/v1=0", "ExternalArtifact/v1=0", "GitRepository/v1=0",
		"HelmChart/v1=0", "HelmRelease/v2=0", "HelmRepository/v1=0", "ImagePolicy/v1=0", "ImageRepository/v1=0",
		"ImageUpdateAutomation/v1=0", "Kustomization/v1=0", "OCIRepository/v1=0", "Provider/v1beta3=0", "Receiver/v1=0",
	}},
	{"2.9", []string{
		"Alert/v1beta3=0", "ArtifactGenerator/v1beta1=0", "Bucket/v1=0", "ExternalArtifact/v1=0", "GitRepository/v1=0",
		"HelmChart/v1=0", "HelmRelease/v2=0", "HelmRepository/v1=0", "ImagePolicy/v1=0", "ImageRepository/v1=0",
		"ImageUpdateAutomation/v1=0", "Kustomization/v1=0", "OCIRepository/v1=0", "Provider/v1beta3=0", "Receiver/v1=0",
	}},
}

func TestEachKindIsReadInTheVersionItsReleasePrefersThroughUpgrades(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, exporter := exporting(t)
	c.operator(t, exporter)
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	for _, release := range preferred {
		content, err := os.ReadFile("../test/testdata/generations/flux-" + release.flux + ".yaml")
		p.must(err)
		var of generation
		p.must(yaml.Unmarshal(content, &of))
		g.Expect(of.Flux).To(HavePrefix(release.flux))
		for _, d := range of.Definitions {
			p.upgrade(d)
		}
		g.Eventually(func() []string { return at.counted(t.Context()) }, soon, often).Should(Equal(release.kinds), "Flux %s", release.flux)
	}
}

// upgrade makes a CRD serve what a release does, the way Flux's own upgrades have to: the new versions arrive, objects are
// stored in the one that stays, the old versions go.
func (p *place) upgrade(d definitionOf) {
	p.t.Helper()
	now := &unstructured.Unstructured{}
	now.SetAPIVersion("apiextensions.k8s.io/v1")
	now.SetKind("CustomResourceDefinition")
	key := client.ObjectKey{Name: d.Plural + "." + d.Group}
	if err := p.Get(p.t.Context(), key, now); err == nil {
		between := d
		for _, v := range versionsOf(p.t, now) {
			if !slices.ContainsFunc(d.Versions, func(n version) bool { return n.Name == v }) {
				between.Versions = append(slices.Clone(between.Versions), version{Name: v, Served: true})
			}
		}
		p.must(cluster.Apply(p.t.Context(), p.Client, crdOf(between)))
		p.must(p.Get(p.t.Context(), key, now))
		stays := d.Versions[slices.IndexFunc(d.Versions, func(v version) bool { return v.Storage })].Name
		before := now.DeepCopy()
		p.must(unstructured.SetNestedStringSlice(now.Object, []string{stays}, "status", "storedVersions"))
		p.must(p.Client.Status().Patch(p.t.Context(), now, client.MergeFrom(before)))
	} else if !apierrors.IsNotFound(err) {
		p.must(err)
	}
	p.must(cluster.Apply(p.t.Context(), p.Client, crdOf(d)))
}

func versionsOf(t *testing.T, crd *unstructured.Unstructured) []string {
	t.Helper()
	versions, _, err := unstructured.NestedSlice(crd.Object, "spec", "versions")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range versions {
		names = append(names, v.(map[string]any)["name"].(string))
	}
	return names
}

// crdOf is a CRD of these names and versions that allows any content.
func crdOf(d definitionOf) *unstructured.Unstructured {
	var versions []any
	for _, v := range d.Versions {
		versions = append(versions, map[string]any{
			"name": v.Name, "served": v.Served, "storage": v.Storage,
			"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
		})
	}
	crd := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"group": d.Group, "scope": "Namespaced", "versions": versions,
		"names": map[string]any{"kind": d.Kind, "plural": d.Plural},
	}}}
	crd.SetAPIVersion("apiextensions.k8s.io/v1")
	crd.SetKind("CustomResourceDefinition")
	crd.SetName(d.Plural + "." + d.Group)
	return crd
}
