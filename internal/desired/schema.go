package desired

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// Schema is what a CRD declares of the fields of a kind. A nil Schema declares every field.
type Schema struct {
	fields map[string]*Schema
	// items is the schema of the items of a list, and of the values of a map with free keys.
	items *Schema
}

// SchemaOf is the schema of a kind's version in its CRD; nil if it has none.
func SchemaOf(crd *unstructured.Unstructured, version string) *Schema {
	for _, v := range pipeline.ListIn(crd.Object, "spec", "versions") {
		v, _ := v.(map[string]any)
		if name, _, _ := unstructured.NestedString(v, "name"); name != version {
			continue
		}
		declared, _, _ := unstructured.NestedFieldNoCopy(v, "schema", "openAPIV3Schema")
		s := schemaOf(declared)
		for _, everywhere := range []string{"apiVersion", "kind", "metadata"} {
			if s != nil && s.fields != nil {
				s.fields[everywhere] = nil
			}
		}
		return s
	}
	return nil
}

func schemaOf(declared any) *Schema {
	d, _ := declared.(map[string]any)
	if open, _ := d["x-kubernetes-preserve-unknown-fields"].(bool); open || d["x-kubernetes-embedded-resource"] == true {
		return nil
	}
	properties, _ := d["properties"].(map[string]any)
	switch {
	case len(properties) > 0:
		s := &Schema{fields: map[string]*Schema{}}
		for name, property := range properties {
			s.fields[name] = schemaOf(property)
		}
		return s
	case d["items"] != nil:
		return &Schema{items: schemaOf(d["items"])}
	case d["additionalProperties"] != nil:
		return &Schema{items: schemaOf(d["additionalProperties"])}
	}
	return nil
}

// Undeclared are the fields of an object that the schema does not have, such as spec.groups.rules.keep_firing_for, sorted; all items of a
// list count as one.
func (s *Schema) Undeclared(object map[string]any) []string {
	found := map[string]bool{}
	s.walk("", object, func(path string) bool {
		found[path] = true
		return false
	})
	return slices.Sorted(maps.Keys(found))
}

// walk visits every undeclared field, and removes those for which visit returns true.
func (s *Schema) walk(path string, value any, visit func(path string) (remove bool)) {
	if s == nil {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if s.fields == nil {
				s.items.walk(path, member, visit)
				continue
			}
			inner := strings.TrimPrefix(path+"."+name, ".")
			if declared, ok := s.fields[name]; ok {
				declared.walk(inner, member, visit)
			} else if visit(inner) {
				delete(v, name)
			}
		}
	case []any:
		for _, item := range v {
			s.items.walk(path, item, visit)
		}
	}
}

// OmittedFields are fields that were omitted from objects of a kind, because its CRD does not have them.
type OmittedFields struct {
	// Kind of the objects.
	Kind schema.GroupVersionKind
	// Fields, such as spec.groups.rules.keep_firing_for. Sorted.
	Fields []string
}

// WithoutUndeclared omits the fields that the schemas of the kinds do not have from desired objects, and returns which. A field that only
// spec.patches adds stays: the API server refuses it, so its author learns of it. Objects without such fields are returned unchanged.
func WithoutUndeclared(
	fm *v1alpha1.FluxMonitoring, facts facts.Facts, schemas map[schema.GroupVersionKind]*Schema, objects []*unstructured.Unstructured,
) ([]*unstructured.Unstructured, []OmittedFields, error) {
	undeclared := undeclaredIn(schemas, objects)
	if len(undeclared) > 0 && len(fm.Spec.Patches) > 0 {
		unpatched := fm.DeepCopy()
		unpatched.Spec.Patches = nil
		objects, err := Objects(unpatched, facts)
		if err != nil {
			return nil, nil, err
		}
		undeclared = undeclaredIn(schemas, objects)
	}
	if len(undeclared) == 0 {
		return objects, nil, nil
	}
	reduced, left := make([]*unstructured.Unstructured, 0, len(objects)), map[schema.GroupVersionKind]map[string]bool{}
	for _, w := range objects {
		kind := w.GroupVersionKind()
		if fields := undeclared[kind]; len(fields) > 0 {
			if left[kind] == nil {
				left[kind] = map[string]bool{}
			}
			w = w.DeepCopy()
			schemas[kind].walk("", w.Object, func(path string) bool {
				left[kind][path] = left[kind][path] || fields[path]
				return fields[path]
			})
			if err := mark.SetDigest(w); err != nil {
				return nil, nil, &ConfigurationError{Field: "spec", Err: err}
			}
		}
		reduced = append(reduced, w)
	}
	return reduced, omittedFields(left), nil
}

// undeclaredIn are the undeclared fields of objects by kind, without the kinds that have none.
func undeclaredIn(schemas map[schema.GroupVersionKind]*Schema, objects []*unstructured.Unstructured) map[schema.GroupVersionKind]map[string]bool {
	all := map[schema.GroupVersionKind]map[string]bool{}
	for _, o := range objects {
		kind := o.GroupVersionKind()
		for _, field := range schemas[kind].Undeclared(o.Object) {
			if all[kind] == nil {
				all[kind] = map[string]bool{}
			}
			all[kind][field] = true
		}
	}
	return all
}

// omittedFields are the omitted fields, sorted.
func omittedFields(left map[schema.GroupVersionKind]map[string]bool) []OmittedFields {
	var all []OmittedFields
	for kind, fields := range left {
		maps.DeleteFunc(fields, func(_ string, removed bool) bool { return !removed })
		if len(fields) > 0 {
			all = append(all, OmittedFields{Kind: kind, Fields: slices.Sorted(maps.Keys(fields))})
		}
	}
	slices.SortFunc(all, func(a, b OmittedFields) int { return strings.Compare(a.Kind.String(), b.Kind.String()) })
	return all
}
