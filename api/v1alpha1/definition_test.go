package v1alpha1_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/dashboards"
)

// A stored resource must stay valid with an operator that has other names, so the definition lists none. It must not refuse one either.
func TestTheDefinitionAcceptsEveryAlertAndDashboard(t *testing.T) {
	for pattern, names := range map[any][]string{
		node(t, "spec", "alerts", "overrides", "[]", "name")["pattern"]: alerts.Names(),
		node(t, "spec", "dashboards", "include", "[]")["pattern"]:       dashboards.Names(),
	} {
		NewWithT(t).Expect(names).To(HaveEach(MatchRegexp(pattern.(string))))
	}
}

func TestEveryFieldIsDocumented(t *testing.T) {
	g := NewWithT(t)
	g.Expect(undocumented("spec", node(t, "spec"))).To(BeEmpty())
	g.Expect(undocumented("status", node(t, "status"))).To(BeEmpty())
}

func TestTheColumnsOfKubectl(t *testing.T) {
	columns, _, err := unstructured.NestedSlice(version(t), "additionalPrinterColumns")
	must(t, err)
	var names []any
	for _, c := range columns {
		name := c.(map[string]any)["name"].(string)
		if c.(map[string]any)["priority"] != nil {
			name += " (wide)"
		}
		names = append(names, name)
	}
	NewWithT(t).Expect(names).To(Equal([]any{"Ready", "Proven", "Scraped", "Metrics", "Alerts", "Flux", "Age", "Message (wide)", "Prometheus (wide)"}))
}

// undocumented lists the fields beneath a node of the schema that have no description.
func undocumented(path string, schema map[string]any) []string {
	var found []string
	if items, ok := schema["items"].(map[string]any); ok {
		return undocumented(path+"[]", items)
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		property := p.(map[string]any)
		if path == "spec.notifications.receivers[]" && name != "name" {
			continue // prometheus-operator's reference describes it
		}
		if property["description"] == nil {
			found = append(found, path+"."+name)
		}
		found = append(found, undocumented(path+"."+name, property)...)
	}
	return found
}

// node is a node of the schema; [] stands for a list's items.
func node(t *testing.T, path ...string) map[string]any {
	t.Helper()
	steps := []string{"schema", "openAPIV3Schema"}
	for _, p := range path {
		if p == "[]" {
			steps = append(steps, "items")
		} else {
			steps = append(steps, "properties", p)
		}
	}
	found, ok, err := unstructured.NestedMap(version(t), steps...)
	must(t, err)
	if !ok {
		t.Fatalf("the definition has no %v", path)
	}
	return found
}

// version is the one version of the definition.
func version(t *testing.T) map[string]any {
	t.Helper()
	content, err := os.ReadFile("../../config/crd/fluxmonitoring.dev_fluxmonitorings.yaml")
	must(t, err)
	definition := map[string]any{}
	must(t, yaml.Unmarshal(content, &definition))
	versions, _, err := unstructured.NestedSlice(definition, "spec", "versions")
	must(t, err)
	if len(versions) != 1 {
		t.Fatalf("the definition has %d versions", len(versions))
	}
	return versions[0].(map[string]any)
}
