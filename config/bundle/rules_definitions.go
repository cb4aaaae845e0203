package bundle

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// definitions: those of the bundle are described, field by field as their schema has them, and no others are demanded: where another
// than OLM has installed prometheus-operator or Flux, the operator could not be installed.
func (b *Bundle) definitions() []string {
	var all []string
	for _, d := range b.CSV.Spec.Definitions.Required {
		all = append(all, "demands "+d.Name+" of an operator that OLM installs")
	}
	for _, d := range b.CSV.Spec.Definitions.Owned {
		all = append(all, b.definition(d)...)
	}
	for _, o := range b.Objects {
		owned := func(d Definition) bool { return d.Name == o.GetName() }
		if o.GetKind() == "CustomResourceDefinition" && !slices.ContainsFunc(b.CSV.Spec.Definitions.Owned, owned) {
			all = append(all, "definition "+o.GetName()+" is there and not owned")
		}
	}
	return all
}

func (b *Bundle) definition(d Definition) []string {
	schema, err := schemaOf(d, b.Objects)
	if err != nil {
		return []string{err.Error()}
	}
	var all []string
	if d.DisplayName == "" || d.Description == "" || len(d.Resources) == 0 {
		all = append(all, d.Kind+" must have a displayName, a description and resources")
	}
	all = append(all, descriptorComplaints("spec", schema, d.SpecDescriptors)...)
	return append(all, descriptorComplaints("status", schema, d.StatusDescriptors)...)
}

// descriptorComplaints are about fields that are described and not there, or there and not described.
func descriptorComplaints(section string, schema *apiextensionsv1.JSONSchemaProps, given []Descriptor) []string {
	var all []string
	left := maps.Clone(schema.Properties[section].Properties)
	for _, d := range given {
		delete(left, d.Path)
		if !has(schema.Properties[section], strings.Split(d.Path, ".")) {
			all = append(all, "descriptor of "+section+"."+d.Path+", which is no field")
		}
		if d.DisplayName == "" || d.Description == "" {
			all = append(all, "descriptor of "+section+"."+d.Path+" says nothing")
		}
	}
	for _, name := range sortedKeys(left) {
		all = append(all, section+"."+name+" has no descriptor")
	}
	return all
}

// has says whether a schema has a field, given the names on the way to it.
func has(schema apiextensionsv1.JSONSchemaProps, names []string) bool {
	if len(names) == 0 {
		return true
	}
	field, there := schema.Properties[names[0]]
	return there && has(field, names[1:])
}

// examples: one of each definition and version, of which one is what people begin with.
func (b *Bundle) examples() []string {
	annotations := b.CSV.Metadata.Annotations
	var given []map[string]any
	if err := json.Unmarshal([]byte(annotations["alm-examples"]), &given); err != nil {
		return []string{"alm-examples: " + err.Error()}
	}
	var all []string
	for _, d := range b.CSV.Spec.Definitions.Owned {
		_, group, _ := strings.Cut(d.Name, ".")
		shows := func(o map[string]any) bool { return o["apiVersion"] == group+"/"+d.Version && o["kind"] == d.Kind }
		if !slices.ContainsFunc(given, shows) {
			all = append(all, "no example of "+d.Kind+" "+d.Version)
		}
	}
	first := &unstructured.Unstructured{}
	err := json.Unmarshal([]byte(annotations["operatorframework.io/initialization-resource"]), &first.Object)
	if err != nil || len(given) == 0 || first.GetName() != (&unstructured.Unstructured{Object: given[0]}).GetName() {
		all = append(all, "operatorframework.io/initialization-resource is not the first example")
	}
	return all
}
