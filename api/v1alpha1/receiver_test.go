package v1alpha1_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/hack/crd/receivers"
)

func TestAReceiverIsKeptAsItWasWritten(t *testing.T) {
	g := NewWithT(t)
	o := create(t, "receivers", "spec: {notifications: {receivers: [{name: a, slackConfigs: [{channel: '#a', apiURL: {name: b, key: c}}], webhookConfigs: [{maxAlerts: 1, sendResolved: false}]}]}}")
	fm := &v1alpha1.FluxMonitoring{}
	must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, fm))
	receiver := fm.Spec.Notifications.Receivers[0]
	g.Expect(receiver.Name).To(Equal(v1alpha1.ReceiverName("a")))
	const content = `{"name":"a","slackConfigs":[{"apiURL":{"key":"c","name":"b"},"channel":"#a"}],"webhookConfigs":[{"maxAlerts":1,"sendResolved":false}]}`
	g.Expect(receiver.Content).To(MatchJSON(content))

	copied := fm.DeepCopy()
	copied.Spec.Notifications.Receivers[0].Content[0] = '!'
	again, err := json.Marshal(receiver)
	must(t, err)
	g.Expect(again).To(MatchJSON(content), "a copy is one of its own")
	back, err := runtime.DefaultUnstructuredConverter.ToUnstructured(fm)
	must(t, err)
	g.Expect(back["spec"].(map[string]any)["notifications"]).To(Equal(o.Object["spec"].(map[string]any)["notifications"]))
}

func TestAReceiverInCodeIsItsName(t *testing.T) {
	g := NewWithT(t)
	content, err := json.Marshal(v1alpha1.Receiver{Name: "a"})
	must(t, err)
	g.Expect(content).To(MatchJSON(`{"name":"a"}`))
	g.Expect(json.Unmarshal([]byte(`{"name":1}`), &v1alpha1.Receiver{})).To(MatchError(HavePrefix("reading the name of a receiver: ")))
}

// What the API server reads in one object, and no client can read in a list of them, is not stored.
func TestADeeplyNestedReceiverLeavesTheListReadable(t *testing.T) {
	const deep = 9995
	for name, receiver := range map[string]string{
		"deep-field":    `{"name":"a","a":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `}`,
		"deep-receiver": `{"name":"a","slackConfigs":[{"channel":"a","a":` + strings.Repeat("[", deep-3) + strings.Repeat("]", deep-3) + `}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			o := manifest(t, name, `{"spec":{"notifications":{"receivers":[`+receiver+`]}}}`)
			strict := client.FieldValidation("Strict")
			g.Expect(server.Create(t.Context(), o.DeepCopy(), strict)).To(MatchError(MatchRegexp(`strict decoding error: unknown field "spec.*\.a"`)))

			must(t, server.Create(t.Context(), o, client.FieldValidation("Ignore")))
			defer func() { must(t, server.Delete(t.Context(), o)) }()
			list := &v1alpha1.FluxMonitoringList{}
			g.Expect(server.List(t.Context(), list)).To(Succeed())
			g.Expect(list.Items).To(HaveLen(1))
			g.Expect(list.Items[0].Spec.Notifications.Receivers[0].Content).NotTo(ContainSubstring("[["))
		})
	}
}

func TestEveryFieldOfAReceiverIsKeptInBothVersions(t *testing.T) {
	definition, err := receivers.AlertmanagerConfig(t.Context())
	must(t, err)
	var theirs apiextensionsv1.CustomResourceDefinition
	must(t, yaml.Unmarshal(definition, &theirs))
	var versions []string
	for _, v := range theirs.Spec.Versions {
		versions = append(versions, v.Name)
		schema := v.Schema.OpenAPIV3Schema.Properties["spec"].Properties["receivers"].Items.Schema
		t.Run(v.Name, func(t *testing.T) {
			full := full(t, *schema).(map[string]any)
			o := manifest(t, "full", "")
			must(t, unstructured.SetNestedSlice(o.Object, []any{full}, "spec", "notifications", "receivers"))
			must(t, server.Create(t.Context(), o, client.FieldValidation("Strict"), client.DryRunAll))
			kept, _, err := unstructured.NestedSlice(o.Object, "spec", "notifications", "receivers")
			must(t, err)
			NewWithT(t).Expect(kept).To(Equal([]any{full}))
		})
	}
	NewWithT(t).Expect(versions).To(Equal([]string{"v1alpha1", "v1beta1"}))
}

// full is a value of a schema that has every field, and one item in every list.
func full(t *testing.T, schema apiextensionsv1.JSONSchemaProps) any {
	t.Helper()
	switch schema.Type {
	case "string":
		return text(t, schema)
	case "boolean":
		return true
	case "integer":
		return int64(1)
	case "array":
		return []any{full(t, *schema.Items.Schema)}
	}
	object := map[string]any{}
	if schema.AdditionalProperties != nil {
		object["a"] = full(t, *schema.AdditionalProperties.Schema)
	}
	for name, p := range schema.Properties {
		object[name] = full(t, p)
	}
	return object
}

// text is a text that a schema takes.
func text(t *testing.T, schema apiextensionsv1.JSONSchemaProps) string {
	t.Helper()
	if len(schema.Enum) > 0 {
		var first string
		must(t, json.Unmarshal(schema.Enum[0].Raw, &first))
		return first
	}
	for _, candidate := range []string{"a", "http://a", "5m"} {
		if schema.Pattern == "" || regexp.MustCompile(schema.Pattern).MatchString(candidate) {
			return candidate
		}
	}
	t.Fatalf("no text is known for %s", schema.Pattern)
	return ""
}
