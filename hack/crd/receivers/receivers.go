// Package receivers says what a receiver in a FluxMonitoring may hold: each field that a receiver has in any version of the
// AlertmanagerConfig that prometheus-operator defines. It knows schemas, and nothing of what a receiver does.
package receivers

import (
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

// Schema returns what a receiver may hold, from the definition of AlertmanagerConfig in YAML: the union of its versions. A field
// has what all versions demand of it, and no description: prometheus-operator's reference describes it. It fails where a version
// has something that is bounded by nothing, or on which the versions do not agree, so that somebody decides at an update.
func Schema(definition []byte) (apiextensionsv1.JSONSchemaProps, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(definition, &crd); err != nil {
		return apiextensionsv1.JSONSchemaProps{}, fmt.Errorf("reading the definition of AlertmanagerConfig: %w", err)
	}
	var all []apiextensionsv1.JSONSchemaProps
	for _, v := range crd.Spec.Versions {
		list := v.Schema.OpenAPIV3Schema.Properties["spec"].Properties["receivers"]
		if list.Items == nil || list.Items.Schema == nil {
			return apiextensionsv1.JSONSchemaProps{}, fmt.Errorf("AlertmanagerConfig %s has no list of receivers", v.Name)
		}
		all = append(all, *list.Items.Schema)
	}
	if len(all) == 0 {
		return apiextensionsv1.JSONSchemaProps{}, fmt.Errorf("the definition of AlertmanagerConfig has no version")
	}
	return union("receiver", all)
}

// union is a schema of what any of several schemas takes.
func union(path string, all []apiextensionsv1.JSONSchemaProps) (apiextensionsv1.JSONSchemaProps, error) {
	first := all[0]
	for _, s := range all {
		if s.Type != first.Type {
			return first, fmt.Errorf("%s is %q in one version and %q in another", path, first.Type, s.Type)
		}
	}
	result := weakest(all)
	switch first.Type {
	case "string":
		if len(result.Enum) == 0 {
			result.MaxLength = new(int64(bounds.Prose))
		}
	case "boolean", "integer":
	case "array":
		result.MaxItems = new(int64(bounds.Items))
		return result, items(path, &result, all)
	case "object":
		return result, members(path, &result, all)
	default:
		return result, fmt.Errorf("%s is of type %q, about which nothing is known here", path, first.Type)
	}
	return result, nil
}

// weakest is a schema of the type of the first, with the checks of a value that all schemas have alike, and of lengths the least.
func weakest(all []apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
	first := all[0]
	result := apiextensionsv1.JSONSchemaProps{
		Type: first.Type, Format: first.Format, Required: demandedByAll(all),
		Enum: first.Enum, Pattern: first.Pattern, Minimum: first.Minimum, MinLength: first.MinLength, MinItems: first.MinItems,
	}
	for _, s := range all[1:] {
		if !slices.EqualFunc(s.Enum, result.Enum, func(a, b apiextensionsv1.JSON) bool { return string(a.Raw) == string(b.Raw) }) {
			result.Enum = nil
		}
		if s.Pattern != result.Pattern {
			result.Pattern = ""
		}
		result.Minimum = least(result.Minimum, s.Minimum)
		result.MinLength = least(result.MinLength, s.MinLength)
		result.MinItems = least(result.MinItems, s.MinItems)
	}
	return result
}

// least is the lesser of two bounds; none where one of them is none.
func least[N int64 | float64](a, b *N) *N {
	if a == nil || b == nil {
		return nil
	}
	return new(min(*a, *b))
}

// demandedByAll are the fields without which no schema takes an object.
func demandedByAll(all []apiextensionsv1.JSONSchemaProps) []string {
	var demanded []string
	for _, name := range all[0].Required {
		if !slices.ContainsFunc(all, func(s apiextensionsv1.JSONSchemaProps) bool { return !slices.Contains(s.Required, name) }) {
			demanded = append(demanded, name)
		}
	}
	return demanded
}

// items gives a list what is known of its items.
func items(path string, result *apiextensionsv1.JSONSchemaProps, all []apiextensionsv1.JSONSchemaProps) error {
	var within []apiextensionsv1.JSONSchemaProps
	for _, s := range all {
		if s.Items == nil || s.Items.Schema == nil {
			return fmt.Errorf("%s is a list of anything", path)
		}
		within = append(within, *s.Items.Schema)
	}
	item, err := union(path+"[]", within)
	result.Items = &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &item}
	return err
}

// members gives an object its fields, or what all of its values are.
func members(path string, result *apiextensionsv1.JSONSchemaProps, all []apiextensionsv1.JSONSchemaProps) error {
	var values []apiextensionsv1.JSONSchemaProps
	fields := map[string][]apiextensionsv1.JSONSchemaProps{}
	for _, s := range all {
		if anything(s) {
			return fmt.Errorf("%s may hold anything", path)
		}
		if s.AdditionalProperties != nil {
			values = append(values, *s.AdditionalProperties.Schema)
		}
		for name, p := range s.Properties {
			fields[name] = append(fields[name], p)
		}
	}
	if len(values) == 0 {
		return record(path, result, fields)
	}
	if len(values) < len(all) || len(fields) > 0 {
		return fmt.Errorf("%s is a map in one version and not in another", path)
	}
	value, err := union(path+"{}", values)
	result.MaxProperties = new(int64(bounds.Items))
	result.AdditionalProperties = &apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: &value}
	return err
}

// anything reports whether an object may hold what its schema does not say.
func anything(s apiextensionsv1.JSONSchemaProps) bool {
	if s.AdditionalProperties != nil {
		return s.AdditionalProperties.Schema == nil
	}
	return s.XPreserveUnknownFields != nil || s.XIntOrString || s.XEmbeddedResource || len(s.Properties) == 0
}

// record gives an object its fields.
func record(path string, result *apiextensionsv1.JSONSchemaProps, fields map[string][]apiextensionsv1.JSONSchemaProps) error {
	result.Properties = map[string]apiextensionsv1.JSONSchemaProps{}
	for name, of := range fields {
		field, err := union(path+"."+name, of)
		if err != nil {
			return err
		}
		result.Properties[name] = field
	}
	return nil
}
