package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// What a console calls its controls.
const (
	control    = "urn:alm:descriptor:com.tectonic.ui:"
	statusText = "urn:alm:descriptor:text"
	conditions = "urn:alm:descriptor:io.kubernetes.conditions"
	anAccount  = "urn:alm:descriptor:io.kubernetes:ServiceAccount"
)

// describe adds to each definition its description and descriptors, by its schema. Said once, in the Go types, they cannot be wrong
// here.
func describe(owned []Definition, manifests []*unstructured.Unstructured) error {
	for i := range owned {
		schema, err := schemaOf(owned[i], manifests)
		if err != nil {
			return err
		}
		owned[i].Description = line(schema.Description)
		owned[i].SpecDescriptors = descriptors(schema.Properties["spec"], "", specControls)
		owned[i].StatusDescriptors = descriptors(schema.Properties["status"], "", statusControls)
	}
	return nil
}

// schemaOf is the schema of a definition's version, as the bundle holds it.
func schemaOf(d Definition, manifests []*unstructured.Unstructured) (*apiextensionsv1.JSONSchemaProps, error) {
	for _, o := range manifests {
		if o.GetKind() != "CustomResourceDefinition" || o.GetName() != d.Name {
			continue
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &crd); err != nil {
			return nil, err
		}
		for _, version := range crd.Spec.Versions {
			if version.Name == d.Version {
				return version.Schema.OpenAPIV3Schema, nil
			}
		}
	}
	return nil, fmt.Errorf("no definition of %s in version %s", d.Name, d.Version)
}

// controls are the x-descriptors of a field, by its name and schema.
type controls func(string, apiextensionsv1.JSONSchemaProps) []string

// descriptors of the fields under a schema, sections before what is in them, in the order of their names. Lists, maps and selectors
// are one field each.
func descriptors(schema apiextensionsv1.JSONSchemaProps, section string, controls controls) []Descriptor {
	var all []Descriptor
	for _, name := range sortedKeys(schema.Properties) {
		field := schema.Properties[name]
		shown := controls(name, field)
		if section != "" {
			shown = append(shown, control+"fieldGroup:"+section)
		}
		path := strings.TrimPrefix(section+"."+name, ".")
		all = append(all, Descriptor{Path: path, DisplayName: title(name), Description: line(field.Description), Controls: shown})
		if len(field.Properties) > 0 && !isSelector(field) {
			all = append(all, descriptors(field, path, controls)...)
		}
	}
	return all
}

// specControls are the controls by which a field of the spec is filled in. What has none is edited as YAML.
func specControls(name string, field apiextensionsv1.JSONSchemaProps) []string {
	switch {
	case name == "serviceAccountName":
		return []string{anAccount}
	case field.Type == "boolean":
		return []string{control + "booleanSwitch"}
	case field.Type == "integer":
		return []string{control + "number"}
	case len(field.Enum) > 0:
		var all []string
		for _, value := range field.Enum {
			all = append(all, control+"select:"+strings.Trim(string(value.Raw), `"`))
		}
		return all
	case field.Type == "string":
		return []string{control + "text"}
	}
	return nil
}

// statusControls are how a field of the status is shown.
func statusControls(name string, field apiextensionsv1.JSONSchemaProps) []string {
	switch {
	case name == "conditions":
		return []string{conditions}
	case field.Type == "string", field.Type == "integer":
		return []string{statusText}
	}
	return nil
}

func isSelector(field apiextensionsv1.JSONSchemaProps) bool {
	return slices.Equal(sortedKeys(field.Properties), []string{"matchExpressions", "matchLabels"})
}

// words of a field's name: a run of capitals is one, and so is a capital with what follows it.
var words = regexp.MustCompile(`[A-Z]+(?:[^A-Za-z]|$)|[A-Z]+[^A-Z]+|^[^A-Z]+`)

// title is a field's name as people read it: "runbookURL" is "Runbook URL".
func title(name string) string {
	all := words.FindAllString(name, -1)
	for i, word := range all {
		if word == "uid" {
			all[i] = "UID"
			continue
		}
		all[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(all, " ")
}

// line is a text without its line breaks.
func line(text string) string {
	return strings.Join(strings.Fields(text), " ")
}
