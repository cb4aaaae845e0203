package desired

import (
	"errors"
	"fmt"

	"github.com/fluxcd/pkg/apis/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
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
	resources, err := kustomized(fs)
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.patches", Err: err}
	}
	result := make([]*unstructured.Unstructured, 0, len(objects))
	for _, r := range resources.Resources() {
		content, err := r.MarshalJSON()
		if err != nil {
			return nil, &ConfigurationError{Field: "spec.patches", Err: err}
		}
		// Not r.Map, whose integers are of a type that plain data must not have: copying it would panic.
		var plain map[string]any
		if err := json.Unmarshal(content, &plain); err != nil {
			return nil, &ConfigurationError{Field: "spec.patches", Err: err}
		}
		result = append(result, &unstructured.Unstructured{Object: plain})
	}
	if err := sameIdentities(objects, result); err != nil {
		return nil, &ConfigurationError{Field: "spec.patches", Err: err}
	}
	return result, nil
}

// kustomized runs Kustomize, which panics where a patch gives two objects one identity.
func kustomized(fs filesys.FileSystem) (resources resmap.ResMap, err error) {
	defer func() {
		if recover() != nil {
			resources, err = nil, errIdentity
		}
	}()
	return krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, ".")
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

// sameIdentities holds when the patches left every object what and where it was, its labels readable, and the rest such that its
// reader accepts it.
func sameIdentities(before, after []*unstructured.Unstructured) error {
	if len(before) != len(after) {
		return errIdentity
	}
	for i, b := range before {
		a := after[i]
		if a.GroupVersionKind() != b.GroupVersionKind() || a.GetName() != b.GetName() || a.GetNamespace() != b.GetNamespace() {
			return errIdentity
		}
		if err := textual(a); err != nil {
			return err
		}
		if err := acceptable(a); err != nil {
			return err
		}
	}
	return nil
}

// textual holds when an object's labels are text. Of others none could be read, and all would be lost. Annotations Kustomize
// makes text by itself.
func textual(o *unstructured.Unstructured) error {
	if _, _, err := unstructured.NestedStringMap(o.Object, "metadata", "labels"); err != nil {
		return fmt.Errorf("a patch leaves metadata.labels of %s %s with what is no text: put numbers and booleans in quotes",
			o.GetKind(), o.GetName())
	}
	return nil
}
