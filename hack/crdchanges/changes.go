package main

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/utils/ptr"
)

// refused are the changes from one version of a CRD to the next that OLM v1 refuses, each as `version: ^.path: what`. OLM v1 compares the
// schemas, whatever objects exist, and refuses each change that it does not know to be safe.
func refused(before, after *apiextensionsv1.CustomResourceDefinition) []string {
	var all []string
	if before.Spec.Scope != after.Spec.Scope {
		all = append(all, fmt.Sprintf("the scope is %s instead of %s", after.Spec.Scope, before.Spec.Scope))
	}
	versions := map[string]apiextensionsv1.CustomResourceDefinitionVersion{}
	for _, version := range after.Spec.Versions {
		versions[version.Name] = version
	}
	for _, old := range before.Spec.Versions {
		now, found := versions[old.Name]
		if !found || old.Served && !now.Served {
			all = append(all, old.Name+": the version is not served")
			continue
		}
		schemas := fields(*old.Schema.OpenAPIV3Schema, *now.Schema.OpenAPIV3Schema, "^")
		for _, change := range schemas {
			all = append(all, old.Name+": "+change)
		}
	}
	return all
}

// fields compares the schemas of a field and of all below it.
func fields(before, after apiextensionsv1.JSONSchemaProps, path string) []string {
	var all []string
	for _, change := range field(before, after) {
		all = append(all, path+": "+change)
	}
	for _, name := range slices.Sorted(maps.Keys(before.Properties)) {
		if now, found := after.Properties[name]; found {
			all = append(all, fields(before.Properties[name], now, path+"."+name)...)
		} else {
			all = append(all, path+"."+name+": the field is removed")
		}
	}
	if old, now := elements(before), elements(after); old != nil && now != nil {
		all = append(all, fields(*old, *now, path+"[*]")...)
	}
	return all
}

// elements is the schema of the elements of a list or a map, or nil.
func elements(of apiextensionsv1.JSONSchemaProps) *apiextensionsv1.JSONSchemaProps {
	switch {
	case of.Items != nil:
		return of.Items.Schema
	case of.AdditionalProperties != nil:
		return of.AdditionalProperties.Schema
	}
	return nil
}

// field compares the schema of one field, without those below it.
func field(before, after apiextensionsv1.JSONSchemaProps) []string {
	var all []string
	add := func(is bool, what string) {
		if is {
			all = append(all, what)
		}
	}
	add(before.Type != after.Type, "the type changes")
	add(!reflect.DeepEqual(before.Default, after.Default), "the default changes")
	add(!reflect.DeepEqual(before.XValidations, after.XValidations), "a validation rule changes, or its message")
	add(after.Pattern != "" && after.Pattern != before.Pattern, "a pattern is added")
	add(slices.ContainsFunc(after.Required, func(name string) bool { return !slices.Contains(before.Required, name) }), "a field is required")
	add(narrower(before.Enum, after.Enum), "an enum loses a value")
	add(lower(before.MaxLength, after.MaxLength) || lower(before.MaxItems, after.MaxItems) || lower(before.MaxProperties, after.MaxProperties) ||
		lower(before.Maximum, after.Maximum), "a maximum is lower")
	add(lower(after.MinLength, before.MinLength) || lower(after.MinItems, before.MinItems) || lower(after.MinProperties, before.MinProperties) ||
		lower(after.Minimum, before.Minimum), "a minimum is higher")
	add(!reflect.DeepEqual(unknown(before), unknown(after)), "OLM v1 does not know this kind of change")
	return all
}

// narrower reports whether a value is not allowed any more.
func narrower(before, after []apiextensionsv1.JSON) bool {
	if len(after) == 0 {
		return false
	}
	allowed := map[string]bool{}
	for _, value := range after {
		allowed[string(value.Raw)] = true
	}
	return len(before) == 0 || slices.ContainsFunc(before, func(value apiextensionsv1.JSON) bool { return !allowed[string(value.Raw)] })
}

// lower reports whether the second bound is below the first; no bound is above every bound.
func lower[N cmp.Ordered](before, after *N) bool {
	return after != nil && (before == nil || ptr.Deref(after, *before) < *before)
}

// unknown is a schema without what the other rules judge, and without what never matters.
func unknown(of apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
	of.Type, of.Default, of.XValidations, of.Pattern, of.Required, of.Enum = "", nil, nil, "", nil, nil
	of.MaxLength, of.MaxItems, of.MaxProperties, of.Maximum = nil, nil, nil, nil
	of.MinLength, of.MinItems, of.MinProperties, of.Minimum = nil, nil, nil, nil
	of.Description, of.Title, of.Example, of.ExternalDocs = "", "", nil, nil
	of.Properties, of.Items, of.AdditionalProperties = nil, nil, nil
	return of
}
