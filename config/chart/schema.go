package chart

import (
	"encoding/json"
	"maps"
	"regexp"
)

// Pieces that schemas are made of.
var (
	boolean = Schema{"type": "boolean"}
	texts   = Schema{"type": "object", "additionalProperties": Schema{"type": "string"}}
	// objectName is the name of an object, or empty.
	objectName = matching(`^([a-z]([-a-z0-9]*[a-z0-9])?)?$`)
	// quantities of resources, by their names.
	quantities = Schema{"type": "object", "additionalProperties": Schema{
		"type": []any{"string", "number"}, "pattern": `^[0-9]+(\.[0-9]+)?([numkMGTPE]|[KMGTPE]i|e[0-9]+)?$`,
	}}
)

func matching(pattern string) Schema { return Schema{"type": "string", "pattern": pattern} }

func oneOf(texts ...any) Schema { return Schema{"enum": texts} }

func number(least int) Schema { return Schema{"type": "integer", "minimum": least} }

func listOf(items Schema) Schema { return Schema{"type": "array", "items": items} }

func object(properties Schema, required ...any) Schema {
	s := Schema{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func with(s, more Schema) Schema {
	s = maps.Clone(s)
	maps.Copy(s, more)
	return s
}

// without refuses properties. By their names as such, for Helm names another value where a rule for names is broken.
func without(s Schema, properties ...string) Schema {
	none := Schema{}
	for _, p := range properties {
		none[p] = false
	}
	return with(s, Schema{"properties": none})
}

func orNull(s Schema) Schema { return with(s, Schema{"type": []any{s["type"], "null"}}) }

// schemaJSON is the schema that Helm holds values against.
func schemaJSON(values []Value) ([]byte, error) {
	s := schemaOf(values)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = "Values of the chart " + operator
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}

func schemaOf(values []Value) Schema {
	properties, required := Schema{}, []any{}
	for _, v := range values {
		if needed(v) {
			required = append(required, v.Name)
		}
		s := v.Schema
		if len(v.Within) > 0 {
			s = schemaOf(v.Within)
		} else {
			s = with(s, Schema{"default": v.Default})
		}
		properties[v.Name] = with(s, Schema{"description": v.About})
	}
	return object(properties, required...)
}

// needed says whether the templates need a value. Helm takes out what somebody sets to null: a list, an object or a text that may be
// empty is then as good as empty, and what may be null is not needed.
func needed(v Value) bool {
	switch standard := v.Default.(type) {
	case bool, int64:
		_, alone := v.Schema["type"].(string)
		return alone || v.Schema["type"] == nil
	case string:
		pattern, has := v.Schema["pattern"].(string)
		return standard != "" && (!has || !regexp.MustCompile(pattern).MatchString(""))
	}
	return len(v.Within) > 0 || v.Schema["minItems"] != nil
}
