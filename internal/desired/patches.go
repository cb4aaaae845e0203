package desired

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fluxcd/pkg/apis/kustomize"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/kustomize/api/builtins" //nolint:staticcheck // nothing else applies one patch; it goes with v1 of the API, which there is not yet
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	kustomizetypes "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

// applyPatches applies the user's patches with Kustomize. A patch may change anything but an object's kind, name and namespace.
func applyPatches(objects []*unstructured.Unstructured, patches []kustomize.Patch) ([]*unstructured.Unstructured, error) {
	if len(patches) == 0 || len(objects) == 0 {
		return objects, nil
	}
	shapes, err := checkPatches(patches)
	if err != nil {
		return nil, err
	}
	resources, err := applyEach(objects, patches, shapes)
	if err != nil {
		return nil, ofPatches(err)
	}
	result, err := plainObjects(resources)
	if err != nil {
		return nil, ofPatches(err)
	}
	for _, o := range result {
		if err := validate(o); err != nil {
			return nil, ofPatches(err)
		}
	}
	return result, nil
}

// ofPatches is an error about the patches; one that names a patch keeps that.
func ofPatches(err error) error {
	var located *ConfigurationError
	if errors.As(err, &located) {
		return located
	}
	return &ConfigurationError{Field: patchesField, Err: err}
}

// plainObjects are the objects of Kustomize as plain data.
func plainObjects(resources resmap.ResMap) ([]*unstructured.Unstructured, error) {
	result := make([]*unstructured.Unstructured, 0, resources.Size())
	for _, r := range resources.Resources() {
		content, err := r.MarshalJSON()
		if err != nil {
			return nil, err
		}
		// Not r.Map, whose integers are of a type that plain data must not have: copying it would panic.
		var plain map[string]any
		if err := json.Unmarshal(content, &plain); err != nil {
			return nil, err
		}
		result = append(result, &unstructured.Unstructured{Object: plain})
	}
	return result, nil
}

// applyEach has Kustomize apply one patch after the other, and checks the objects after each. It turns a panic of Kustomize into an error.
func applyEach(
	objects []*unstructured.Unstructured, patches []kustomize.Patch, shapes []bounds.Shape,
) (resources resmap.ResMap, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			resources, err = nil, fmt.Errorf("a patch makes Kustomize fail: %s", bounds.Brief(fmt.Sprint(fault)))
		}
	}()
	factory := resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory())
	if resources, err = resourcesOf(objects, factory); err != nil {
		return nil, err
	}
	helpers := resmap.NewPluginHelpers(nil, nil, factory, nil) // without a loader: a patch cannot name a file
	work := 0
	for i, p := range patches {
		target := selector(p.Target)
		more, err := workOf(resources, target, shapes[i])
		if work += more; err == nil && work > maxPatchWork {
			err = errWork
		}
		if err == nil {
			err = applyPatch(resources, helpers, kustomizetypes.Patch{Patch: p.Patch, Target: target})
		}
		if err != nil {
			return nil, err
		}
		if o := withoutIdentity(objects, resources.Resources()); o != nil {
			return nil, &ConfigurationError{Field: fmt.Sprintf("%s[%d]", patchesField, i), Err: fmt.Errorf(
				"must keep kind, name and namespace of %s %s; to turn parts off, use the fields enabled", o.GetKind(), o.GetName())}
		}
	}
	resources.RemoveBuildAnnotations()
	return resources, nil
}

// resourcesOf are objects in Kustomize's type.
func resourcesOf(objects []*unstructured.Unstructured, factory *resmap.Factory) (resmap.ResMap, error) {
	resources := resmap.New()
	for _, o := range objects {
		r, err := factory.RF().FromMap(o.Object)
		if err != nil {
			return nil, fmt.Errorf("writing %s %s: %w", o.GetKind(), o.GetName(), err)
		}
		if err := resources.Append(r); err != nil {
			return nil, err
		}
	}
	return resources, nil
}

// applyPatch applies one patch to all objects that it targets.
func applyPatch(resources resmap.ResMap, helpers *resmap.PluginHelpers, p kustomizetypes.Patch) error {
	config, err := yaml.Marshal(p)
	if err != nil {
		return err
	}
	var transformer builtins.PatchTransformerPlugin
	if err := transformer.Config(helpers, config); err != nil {
		return errors.New(bounds.Brief(err.Error())) // it quotes the whole patch
	}
	err = transformer.Transform(resources)
	var tooMuch *jsonpatch.AccumulatedCopySizeError
	switch {
	case errors.As(err, &tooMuch):
		return errCopy
	case err != nil:
		return errors.New(bounds.Brief(err.Error()))
	}
	return checkSizes(resources)
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

var (
	errWork = errors.New("the patches are too much work: give them targets that match fewer objects, or join them")
	errCopy = fmt.Errorf("the operations copy of a patch add more than %d bytes to an object: copy less", bounds.Code)
)

// withoutIdentity is the first object whose kind, name or namespace a patch has changed, or that it has removed; nil if there is none. The
// last one stands for an object that a patch has added.
func withoutIdentity(before []*unstructured.Unstructured, after []*resource.Resource) *unstructured.Unstructured {
	for i, b := range before {
		if i >= len(after) || after[i].GetApiVersion() != b.GetAPIVersion() || after[i].GetKind() != b.GetKind() ||
			after[i].GetName() != b.GetName() || after[i].GetNamespace() != b.GetNamespace() {
			return b
		}
	}
	if len(after) > len(before) {
		return before[len(before)-1]
	}
	return nil
}

// validate is what keeps a patched object from being applied.
func validate(o *unstructured.Unstructured) error {
	if err := validateMetadata(o); err != nil {
		return err
	}
	if err := validateLabels(o); err != nil {
		return err
	}
	return validateSpec(o)
}

// validateMetadata is the error if the metadata has a field that a writer must not set: with a resourceVersion every write would be a
// conflict.
func validateMetadata(o *unstructured.Unstructured) error {
	metadata, _ := o.Object["metadata"].(map[string]any)
	for _, field := range slices.Sorted(maps.Keys(metadata)) {
		if !slices.Contains([]string{"name", "namespace", "labels", "annotations", "finalizers", "ownerReferences"}, field) {
			return fmt.Errorf("a patch sets metadata.%s of %s %s: patch labels, annotations or finalizers only", bounds.Brief(field), o.GetKind(), o.GetName())
		}
	}
	return nil
}

// validateLabels is the error if a label is not text: no label of the object could then be read. Kustomize converts annotations by itself.
func validateLabels(o *unstructured.Unstructured) error {
	if _, _, err := unstructured.NestedStringMap(o.Object, "metadata", "labels"); err != nil {
		return fmt.Errorf("metadata.labels of %s %s must be strings: put numbers and booleans in quotes",
			o.GetKind(), o.GetName())
	}
	return nil
}
