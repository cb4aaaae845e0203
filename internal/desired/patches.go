package desired

import (
	"errors"
	"fmt"

	"github.com/fluxcd/pkg/apis/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/krusty"
	kustomizetypes "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/yaml"
)

// patched applies the user's patches with Kustomize. A patch may change anything but what an object is and where.
func patched(objects []*unstructured.Unstructured, patches []kustomize.Patch) ([]*unstructured.Unstructured, error) {
	if len(patches) == 0 || len(objects) == 0 {
		return objects, nil
	}
	fs, err := kustomization(objects, patches)
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.patches", Err: err}
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, ".")
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.patches", Err: err}
	}
	result := make([]*unstructured.Unstructured, 0, len(objects))
	for _, r := range resources.Resources() {
		content, err := r.Map()
		if err != nil {
			return nil, &ConfigurationError{Field: "spec.patches", Err: err}
		}
		result = append(result, &unstructured.Unstructured{Object: content})
	}
	if err := sameIdentities(objects, result); err != nil {
		return nil, &ConfigurationError{Field: "spec.patches", Err: err}
	}
	return result, nil
}

// kustomization writes the objects and patches to a file system in memory.
func kustomization(objects []*unstructured.Unstructured, patches []kustomize.Patch) (filesys.FileSystem, error) {
	fs := filesys.MakeFsInMemory()
	k := kustomizetypes.Kustomization{TypeMeta: kustomizetypes.TypeMeta{
		APIVersion: kustomizetypes.KustomizationVersion, Kind: kustomizetypes.KustomizationKind,
	}}
	for i, o := range objects {
		content, err := yaml.Marshal(o.Object)
		if err != nil {
			return nil, fmt.Errorf("writing %s %s: %w", o.GetKind(), o.GetName(), err)
		}
		name := fmt.Sprintf("object-%d.yaml", i)
		if err := fs.WriteFile(name, content); err != nil {
			return nil, err
		}
		k.Resources = append(k.Resources, name)
	}
	for _, p := range patches {
		k.Patches = append(k.Patches, kustomizetypes.Patch{Patch: p.Patch, Target: selector(p.Target)})
	}
	content, err := yaml.Marshal(k)
	if err != nil {
		return nil, err
	}
	return fs, fs.WriteFile("kustomization.yaml", content)
}

func selector(s *kustomize.Selector) *kustomizetypes.Selector {
	if s == nil {
		return nil
	}
	return &kustomizetypes.Selector{
		ResId: resid.ResId{
			Gvk:       resid.Gvk{Group: s.Group, Version: s.Version, Kind: s.Kind},
			Namespace: s.Namespace, Name: s.Name,
		},
		AnnotationSelector: s.AnnotationSelector, LabelSelector: s.LabelSelector,
	}
}

var errIdentity = errors.New("a patch changes the kind, name or namespace of an object, adds one or removes one: " +
	"turn parts off by scrape.enabled, dashboards.enabled and alerts.enabled instead")

// sameIdentities holds when the patches left every object what and where it was.
func sameIdentities(before, after []*unstructured.Unstructured) error {
	if len(before) != len(after) {
		return errIdentity
	}
	for i, b := range before {
		a := after[i]
		if a.GroupVersionKind() != b.GroupVersionKind() || a.GetName() != b.GetName() || a.GetNamespace() != b.GetNamespace() {
			return errIdentity
		}
	}
	return nil
}
