package manifests_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestTheSamplesAreValidAndHoldNoUnknownField(t *testing.T) {
	must(t, cluster.Apply(t.Context(), admin, monitoringStack()...))
	strict := client.WithFieldValidation(client.NewDryRunClient(admin), client.FieldValidation("Strict"))
	for _, name := range []string{"fluxmonitoring_minimal.yaml", "fluxmonitoring_full.yaml"} {
		t.Run(name, func(t *testing.T) {
			for _, o := range sample(t, name) {
				o.SetGenerateName(o.GetName() + "-") // so that it does not matter what the other tests have created
				o.SetName("")
				if err := strict.Create(t.Context(), o); err != nil {
					t.Errorf("%s: %v", o.GetKind(), err)
				}
			}
		})
	}
}

func TestTheFullSampleShowsEveryField(t *testing.T) {
	g := NewWithT(t)
	spec, _, err := unstructured.NestedMap(sample(t, "fluxmonitoring_full.yaml")[0].Object, "spec")
	must(t, err)
	for name, schema := range specSchema(t) {
		g.Expect(spec).To(HaveKey(name))
		section, nested := spec[name].(map[string]any)
		if !nested {
			continue
		}
		fields, _, err := unstructured.NestedMap(schema.(map[string]any), "properties")
		must(t, err)
		for field := range fields {
			g.Expect(section).To(HaveKey(field), "in "+name)
		}
	}
}

// specSchema are the fields of spec in the definition, each with its schema.
func specSchema(t *testing.T) map[string]any {
	t.Helper()
	content, err := os.ReadFile(config + "/crd/fluxmonitoring.dev_fluxmonitorings.yaml")
	must(t, err)
	definition := &unstructured.Unstructured{}
	must(t, yaml.Unmarshal(content, &definition.Object))
	versions, _, err := unstructured.NestedSlice(definition.Object, "spec", "versions")
	must(t, err)
	fields, found, err := unstructured.NestedMap(versions[0].(map[string]any), "schema", "openAPIV3Schema", "properties", "spec", "properties")
	must(t, err)
	if !found {
		t.Fatal("the definition has no spec")
	}
	return fields
}
