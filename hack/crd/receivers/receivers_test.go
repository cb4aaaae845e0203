package receivers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/config/crd"
	"github.com/fluxmonitoring/operator/hack/crd/receivers"
	"github.com/fluxmonitoring/operator/internal/admission"
	"github.com/fluxmonitoring/operator/test/rig"
)

var must = rig.Must

func TestTheDefinitionIsSmallEnoughForClientSideApply(t *testing.T) {
	content, err := yaml.YAMLToJSON(crd.FluxMonitorings)
	must(t, err)
	NewWithT(t).Expect(len(content)).To(BeNumerically("<", 250<<10), "the API server takes 256 KiB of annotations")
}

func TestNoFieldOfTheDefinitionIsFree(t *testing.T) {
	var definition map[string]any
	must(t, yaml.Unmarshal(crd.FluxMonitorings, &definition))
	NewWithT(t).Expect(free("", definition)).To(BeEmpty())
}

// free are the places beneath a node of a schema at which anything may be.
func free(path string, node any) []string {
	var found []string
	switch is := node.(type) {
	case map[string]any:
		if is["x-kubernetes-preserve-unknown-fields"] != nil || is["additionalProperties"] == true {
			found = append(found, path)
		}
		for _, key := range slices.Sorted(maps.Keys(is)) {
			found = append(found, free(path+"/"+key, is[key])...)
		}
	case []any:
		for i, item := range is {
			found = append(found, free(fmt.Sprintf("%s/%d", path, i), item)...)
		}
	}
	return found
}

func TestReceiversOfAlertmanagerConfigAreAccepted(t *testing.T) {
	pinned, err := receivers.AlertmanagerConfig(t.Context())
	must(t, err)
	var theirs apiextensionsv1.CustomResourceDefinition
	must(t, yaml.Unmarshal(pinned, &theirs))
	for _, v := range theirs.Spec.Versions {
		schema := v.Schema.OpenAPIV3Schema.Properties["spec"].Properties["receivers"].Items.Schema
		t.Run(v.Name, rapid.MakeCheck(func(rt *rapid.T) {
			receiver := drawn(rt, *schema).(map[string]any)
			receiver["name"] = "a"
			want, err := json.Marshal(receiver)
			must(t, err)
			fm, err := admission.Admit(&unstructured.Unstructured{Object: map[string]any{
				"apiVersion": "fluxmonitoring.dev/v1alpha1", "kind": "FluxMonitoring",
				"metadata": map[string]any{"name": "flux", "namespace": "monitoring"},
				"spec":     map[string]any{"notifications": map[string]any{"receivers": []any{receiver}}},
			}})
			if err != nil {
				rt.Fatal(err)
			}
			NewWithT(rt).Expect(fm.Spec.Notifications.Receivers[0].Content).To(MatchJSON(want))
		}))
	}
}

// texts are values for each pattern that a receiver's text has to match.
var texts = map[string][]string{
	"":                           {"a", "{{ .CommonLabels.alertname }}"},
	`^(http|https)://.+$`:        {"http://a", "https://a.example.com"},
	`^https?://.+$`:              {"http://a", "https://a.example.com"},
	`^(http|https|socks5)://.+$`: {"http://a", "https://a.example.com", "socks5://a"},
	`^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$`: {"0", "5m", "1d12h"},
	`^(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?$`:     {"5m", "1d12h"},
}

// drawn is a value of a schema.
func drawn(t *rapid.T, schema apiextensionsv1.JSONSchemaProps) any {
	switch schema.Type {
	case "string":
		return drawnText(t, schema)
	case "boolean":
		return rapid.Bool().Draw(t, "boolean")
	case "integer":
		return int64(rapid.Uint16().Draw(t, "integer"))
	case "array":
		items := []any{}
		for range max(1, rapid.IntRange(0, 2).Draw(t, "items")) {
			items = append(items, drawn(t, *schema.Items.Schema))
		}
		return items
	}
	object := map[string]any{}
	if schema.AdditionalProperties != nil {
		object["some-key"] = drawn(t, *schema.AdditionalProperties.Schema)
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		if slices.Contains(schema.Required, name) || rapid.IntRange(0, 3).Draw(t, "has "+name) == 0 {
			object[name] = drawn(t, schema.Properties[name])
		}
	}
	return object
}

func drawnText(t *rapid.T, schema apiextensionsv1.JSONSchemaProps) string {
	if len(schema.Enum) > 0 {
		var text string
		if err := json.Unmarshal(rapid.SampledFrom(schema.Enum).Draw(t, "enum").Raw, &text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	if texts[schema.Pattern] == nil {
		t.Fatalf("no text is known for %s", schema.Pattern)
	}
	return rapid.SampledFrom(texts[schema.Pattern]).Draw(t, "text")
}

// config is a definition of AlertmanagerConfig whose versions have receivers of these schemas.
func config(versions ...string) []byte {
	content := "spec: {versions: ["
	for i, v := range versions {
		content += fmt.Sprintf("{name: v%d, schema: {openAPIV3Schema: {properties: {spec: {properties: {receivers: %s}}}}}},", i+1, v)
	}
	return []byte(content + "]}")
}

func TestTheSchemaIsTheUnionOfAllVersions(t *testing.T) {
	schema, err := receivers.Schema(config(
		`{items: {type: object, required: [name, a], description: text, properties: {
			name: {type: string, minLength: 2, enum: [x]}, a: {type: string, pattern: ^a$, minLength: 1, description: text, default: a},
			list: {type: array, minItems: 1, items: {type: integer, format: int32, minimum: 1}},
			map: {type: object, additionalProperties: {type: boolean}}}}}`,
		`{items: {type: object, required: [name], properties: {
			name: {type: string, minLength: 1, enum: [x]}, a: {type: string, pattern: ^b$}, b: {type: string, enum: [z]},
			list: {type: array, minItems: 2, items: {type: integer, format: int32}}}}}`))
	must(t, err)
	content, err := yaml.Marshal(schema)
	must(t, err)
	NewWithT(t).Expect(string(content)).To(MatchYAML(`
type: object
required: [name]
properties:
  name: {type: string, minLength: 1, enum: [x]}
  a: {type: string, maxLength: 16384}
  b: {type: string, enum: [z]}
  list: {type: array, minItems: 1, maxItems: 100, items: {type: integer, format: int32}}
  map: {type: object, maxProperties: 100, additionalProperties: {type: boolean}}
`))
}

func TestUnboundedFieldsAreRefused(t *testing.T) {
	const named = "{items: {type: object, properties: {name: {type: string}}}}"
	for name, c := range map[string]struct {
		definition []byte
		message    string
	}{
		"no version":   {config(), "the definition of AlertmanagerConfig has no version"},
		"no receivers": {config(named, "{type: string}"), "AlertmanagerConfig v2 has no list of receivers"},
		"two types": {
			config(named, "{items: {type: object, properties: {name: {type: integer}}}}"), `receiver.name is "string" in one version and "integer" in another`,
		},
		"a type that is not known": {
			config("{items: {type: object, properties: {a: {type: number}}}}"), `receiver.a is of type "number", about which nothing is known here`,
		},
		"unknown fields": {
			config("{items: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}}}}"), "receiver may hold anything",
		},
		"a map of anything": {
			config("{items: {type: object, properties: {a: {type: object, additionalProperties: true}}}}"), "receiver.a may hold anything",
		},
		"a list of anything": {config("{items: {type: object, properties: {a: {type: array}}}}"), "receiver.a is a list of anything"},
		"a map and a record": {
			config(named, "{items: {type: object, additionalProperties: {type: string}}}"), "receiver is a map in one version and not in another",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := receivers.Schema(c.definition)
			NewWithT(t).Expect(err).To(MatchError(c.message))
		})
	}
}
