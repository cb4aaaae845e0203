// Package limits gives each text, list and map of a FluxMonitoring's spec the most that it may hold, where its Go type says nothing of it:
// markers cannot reach the types of others, such as the rules of prometheus-operator and the patches of Flux. It knows schemas, and nothing of
// what a field does. The status is left out: the operator alone writes it.
package limits

import (
	"errors"
	"maps"
	"slices"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

// longer are the fields whose texts may be longer than Text, by their names or those of the map that holds them.
var longer = map[string]int64{"annotations": bounds.Prose, "patch": bounds.Code, "expr": bounds.Code}

// Set gives each version of a CustomResourceDefinition the limits that its spec lacks.
func Set(definition map[string]any) error {
	return walk(definition, func(_, name string, schema map[string]any) {
		for key, most := range lacking(name, schema) {
			schema[key] = most
		}
	})
}

// Lacking are the limits that the spec lacks in some version of a CustomResourceDefinition, each as a path and the key in its schema.
func Lacking(definition map[string]any) ([]string, error) {
	var all []string
	err := walk(definition, func(path, name string, schema map[string]any) {
		for key := range lacking(name, schema) {
			all = append(all, path+": "+key)
		}
	})
	return all, err
}

// visit is called with a schema, its path, and the name of the field that holds it.
type visit func(path, name string, schema map[string]any)

// walk visits each schema in the spec of each version of a definition, in the order of their paths.
func walk(definition map[string]any, do visit) error {
	spec, _ := definition["spec"].(map[string]any)
	versions, _ := spec["versions"].([]any)
	for _, v := range versions {
		schema, err := specOf(v)
		if err != nil {
			return err
		}
		within("spec", "spec", schema, do)
	}
	return nil
}

// within visits a schema and what is within it. Items, and values of a map, go by the name of what holds them.
func within(path, name string, schema map[string]any, do visit) {
	do(path, name, schema)
	fields, _ := schema["properties"].(map[string]any)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if s, ok := fields[field].(map[string]any); ok {
			within(path+"."+field, field, s, do)
		}
	}
	for key, mark := range map[string]string{"items": "[]", "additionalProperties": "{}"} {
		if s, ok := schema[key].(map[string]any); ok {
			within(path+mark, name, s, do)
		}
	}
}

// specOf is the schema of the spec in a version of a definition.
func specOf(version any) (map[string]any, error) {
	node := version
	for _, key := range []string{"schema", "openAPIV3Schema", "properties", "spec"} {
		holder, _ := node.(map[string]any)
		node = holder[key]
	}
	schema, ok := node.(map[string]any)
	if !ok {
		return nil, errors.New("a version of the definition has no schema of its spec")
	}
	return schema, nil
}

// lacking are the limits that a schema itself lacks, by their keys in it.
func lacking(name string, schema map[string]any) map[string]int64 {
	text := int64(bounds.Text)
	if most, is := longer[name]; is {
		text = most
	}
	missing := map[string]int64{}
	_, chosen := schema["enum"]
	switch _, either := schema["x-kubernetes-int-or-string"]; {
	case schema["type"] == "string" && !chosen, either:
		missing["maxLength"] = text
	case schema["type"] == "array":
		missing["maxItems"] = bounds.Items
	case schema["additionalProperties"] != nil:
		missing["maxProperties"] = bounds.Items
	}
	maps.DeleteFunc(missing, func(key string, _ int64) bool { return schema[key] != nil })
	return missing
}
