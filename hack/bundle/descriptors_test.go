package main

import (
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

func TestFieldsAreNamedAsPeopleReadThem(t *testing.T) {
	for name, read := range map[string]string{
		"interval":                  "Interval",
		"serviceAccountName":        "Service Account Name",
		"runbookURL":                "Runbook URL",
		"uid":                       "UID",
		"allowCrossNamespaceImport": "Allow Cross Namespace Import",
		"lastHandledReconcileAt":    "Last Handled Reconcile At",
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(title(name)).To(Equal(read)) })
	}
}

func TestFieldsOfTheSpecHaveControls(t *testing.T) {
	var schema apiextensionsv1.JSONSchemaProps
	must(t, yaml.Unmarshal([]byte(`
properties:
  scrape:
    description: Scrape says how.
    type: object
    properties:
      enabled: {type: boolean, description: "On, or\noff."}
      labels: {type: object, description: Labels., additionalProperties: {type: string}}
      level: {type: string, description: Level., enum: [Full, Minimal]}
  selector:
    description: Selector by label.
    type: object
    properties: {matchLabels: {type: object}, matchExpressions: {type: array}}
  serviceAccountName: {type: string, description: Account.}
  size: {type: integer, description: Size.}
`), &schema))
	NewWithT(t).Expect(descriptors(schema, "", specControls)).To(Equal([]Descriptor{
		{"scrape", "Scrape", "Scrape says how.", nil},
		{"scrape.enabled", "Enabled", "On, or off.", []string{control + "booleanSwitch", control + "fieldGroup:scrape"}},
		{"scrape.labels", "Labels", "Labels.", []string{control + "fieldGroup:scrape"}},
		{"scrape.level", "Level", "Level.", []string{control + "select:Full", control + "select:Minimal", control + "fieldGroup:scrape"}},
		{"selector", "Selector", "Selector by label.", nil},
		{"serviceAccountName", "Service Account Name", "Account.", []string{anAccount}},
		{"size", "Size", "Size.", []string{control + "number"}},
	}))
}

func TestFieldsOfTheStatusHaveControls(t *testing.T) {
	var schema apiextensionsv1.JSONSchemaProps
	must(t, yaml.Unmarshal([]byte(`
properties:
  conditions: {type: array, description: Conditions.}
  observedGeneration: {type: integer, description: Generation.}
`), &schema))
	NewWithT(t).Expect(descriptors(schema, "", statusControls)).To(Equal([]Descriptor{
		{"conditions", "Conditions", "Conditions.", []string{conditions}},
		{"observedGeneration", "Observed Generation", "Generation.", []string{statusText}},
	}))
}
