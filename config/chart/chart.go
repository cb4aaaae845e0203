// Package chart makes the Helm chart of the operator out of config/default, and of what the OLM bundle says of the version. It knows
// which leaves of the manifests are values, and what is a name in a release. It does not know Helm: that is test/cluster/helm's.
//
// What is in config/default is in the chart, or is refused with what to do about it. docs/decisions/0017-helm-chart.md says why
// the chart is as it is.
package chart

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"
)

// Folder is where the chart is, from the root of the repository.
const Folder = "charts/" + operator

// Files are contents by path within the chart.
type Files map[string][]byte

// written is what a person has to write of the chart: its page, its notes and its named templates.
//
//go:embed written/*
var written embed.FS

// Build makes the files of the chart from the repository at root. The same repository gives the same bytes.
func Build(root string) (Files, error) {
	given, err := read(root)
	if err != nil {
		return nil, err
	}
	return generate(given)
}

// generate makes the files of what was read.
func generate(given *sources) (Files, error) {
	files, defaults, err := templates(given.objects)
	if err != nil {
		return nil, err
	}
	if given.digest != "" {
		defaults["image.digest"] = given.digest
	}
	values, err := complete(catalogue(), defaults)
	if err != nil {
		return nil, err
	}
	for name, made := range map[string]func() ([]byte, error){
		"Chart.yaml":         func() ([]byte, error) { return metadata(given) },
		"values.yaml":        func() ([]byte, error) { return valuesYAML(values) },
		"values.schema.json": func() ([]byte, error) { return schemaJSON(values) },
		"README.md":          func() ([]byte, error) { return readme(given, values) },
	} {
		if files[name], err = made(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for file, name := range map[string]string{
		"helpers.tpl": "templates/_helpers.tpl", "arguments.tpl": "templates/_arguments.tpl", "NOTES.txt": "templates/NOTES.txt",
		"helmignore": ".helmignore",
	} {
		text, err := written.ReadFile("written/" + file)
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	return files, nil
}

// readme is the page of the chart, with the table of its values.
func readme(given *sources, values []Value) ([]byte, error) {
	page, err := template.ParseFS(written, "written/README.md.tmpl")
	if err != nil {
		return nil, err
	}
	table, err := valuesTable(values)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = page.Execute(&text, map[string]any{"Kubernetes": given.version.Spec.MinKubeVersion, "Values": table})
	return text.Bytes(), err
}
