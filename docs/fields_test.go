package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/yaml"
)

// foreign are the fields that have types of other projects, or many fields that another page describes.
var foreign = sets.New("prometheus.selector", "prometheus.namespaceSelector", "dashboards.instanceSelector", "scrape.relabelings[]",
	"scrape.metricRelabelings[]", "alerts.additionalGroups[]", "patches[]", "stack.kubePrometheusStack.valuesFrom[]")

func TestTheSpecificationHasEveryFieldOfTheSpec(t *testing.T) {
	documented := documentedFields(t)
	var missing []string
	for _, field := range fieldsOf("", specSchema(t)) {
		if !documented.Has(field) {
			missing = append(missing, field)
		}
	}
	NewWithT(t).Expect(missing).To(BeEmpty(), "describe them in a table of docs/spec/fluxmonitoring.md")
}

func TestTheSpecificationHasNoFieldThatTheSpecLacks(t *testing.T) {
	existing := sets.New(fieldsOf("", specSchema(t))...)
	var unknown []string
	for field := range documentedFields(t) {
		isPart := slices.ContainsFunc(existing.UnsortedList(), func(e string) bool { return strings.HasPrefix(e, field) })
		if !isPart {
			unknown = append(unknown, field)
		}
	}
	NewWithT(t).Expect(unknown).To(BeEmpty(), "remove them from the tables of docs/spec/fluxmonitoring.md")
}

func TestTheFullSampleShowsEveryField(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(root, "config/samples/fluxmonitoring_full.yaml"))
	must(t, err)
	sample := &struct{ Spec map[string]any }{}
	first, _, _ := strings.Cut(string(content), "\n---\n")
	must(t, yaml.Unmarshal([]byte(first), sample))
	var missing []string
	for name, schema := range specSchema(t).Properties {
		value, shown := sample.Spec[name]
		if !shown {
			missing = append(missing, name)
		}
		if section, isSection := value.(map[string]any); isSection {
			for field := range schema.Properties {
				if _, shown := section[field]; !shown {
					missing = append(missing, name+"."+field)
				}
			}
		}
	}
	NewWithT(t).Expect(missing).To(BeEmpty(), "add them to config/samples/fluxmonitoring_full.yaml")
}

// specSchema is the schema of spec in the CRD.
func specSchema(t *testing.T) apiextensionsv1.JSONSchemaProps {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "config/crd/fluxmonitoring.dev_fluxmonitorings.yaml"))
	must(t, err)
	crd := &apiextensionsv1.CustomResourceDefinition{}
	must(t, yaml.Unmarshal(content, crd))
	return crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
}

// fieldsOf are the fields beneath a field that have no field of ours beneath them, as the specification writes them.
func fieldsOf(path string, schema apiextensionsv1.JSONSchemaProps) []string {
	switch {
	case foreign.Has(path) || path == "notifications.receivers[].name":
		return []string{strings.TrimSuffix(path, "[]")}
	case schema.Items != nil && schema.Items.Schema.Type == "object":
		return fieldsOf(path+"[]", *schema.Items.Schema)
	case len(schema.Properties) == 0:
		return []string{path}
	}
	var all []string
	for name, property := range schema.Properties {
		if path == "notifications.receivers[]" && name != "name" {
			continue
		}
		all = append(all, fieldsOf(strings.TrimPrefix(path+"."+name, "."), property)...)
	}
	slices.Sort(all)
	return all
}

// field is what a table of the specification has in its first column.
var field = regexp.MustCompile(`^[a-zA-Z.]+(\[\][a-zA-Z.]*)*$`)

// documentedFields are those in the first column of the tables with the columns field, meaning, default and example. A name that begins with a
// dot is beside the one before it.
func documentedFields(t *testing.T) sets.Set[string] {
	t.Helper()
	fields := sets.New[string]()
	for _, row := range read(t, "docs/spec/fluxmonitoring.md").cells {
		last := ""
		for _, cell := range strings.Split(row[1], ", ") {
			if len(row) != 5 || !field.MatchString(cell) {
				break
			}
			if sibling, is := strings.CutPrefix(cell, "."); is {
				cell = last[:strings.LastIndex(last, ".")+1] + sibling
			}
			last = cell
			fields.Insert(cell)
		}
	}
	return fields
}
