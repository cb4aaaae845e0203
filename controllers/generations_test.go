package controllers_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	versions "k8s.io/apimachinery/pkg/version"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
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

// preferred is the kind in the version that the cluster prefers of those it serves, as target.counted has it when there are no objects.
func (d definitionOf) preferred() string {
	served := slices.DeleteFunc(slices.Clone(d.Versions), func(v version) bool { return !v.Served })
	best := slices.MaxFunc(served, func(a, b version) int { return versions.CompareKubeAwareVersionStrings(a.Name, b.Name) })
	return d.Kind + "/" + best.Name + "=0"
}

func TestKindsAreReadInThePreferredVersionAcrossUpgrades(t *testing.T) {
	at, exporter := exporting(t)
	p, _ := inOwnCluster(t, exporter).monitored()
	var of generation
	for _, release := range []string{"2.2", "2.5", "2.7", "2.9"} {
		of = generation{}
		p.must(yaml.Unmarshal([]byte(rig.Read(t, "../test/testdata/generations/flux-"+release+".yaml")), &of))
		var kinds []string
		for _, d := range of.Definitions {
			p.upgrade(d)
			kinds = append(kinds, d.preferred())
		}
		p.Eventually(at.counted).Should(ConsistOf(kinds), "Flux %s", release)
	}
	p.Expect(of.Definitions).To(HaveLen(15))
	p.removeCRD("kustomizations.kustomize.toolkit.fluxcd.io")
	p.Eventually(at.counted).Should(And(HaveLen(14), Not(ContainElement(HavePrefix("Kustomization/")))), "the others are still exported")
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
	rig.Must(t, err)
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
