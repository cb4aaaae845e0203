package desired

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const declared = `
spec:
  versions:
  - name: v1alpha1
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              one: {type: string}
              open: {type: object, x-kubernetes-preserve-unknown-fields: true}
              bare: {type: object}
              free: {type: object, additionalProperties: {type: object, properties: {one: {type: string}}}}
              list: {type: array, items: {type: object, properties: {one: {type: string}, port: {x-kubernetes-int-or-string: true}}}}
`

func TestUndeclaredFieldsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		object     string
		undeclared []string
	}{
		"none":                      {`{apiVersion: v1, kind: A, metadata: {name: a, labels: {b: c}}, spec: {one: a}}`, nil},
		"one":                       {`{spec: {two: a}}`, []string{"spec.two"}},
		"at the top":                {`{status: {}}`, []string{"status"}},
		"the same in several items": {`{spec: {list: [{one: a}, {two: b}, {two: c, three: d}]}}`, []string{"spec.list.three", "spec.list.two"}},
		"within a map of free keys": {`{spec: {free: {any: {one: a}, other: {two: a}}}}`, []string{"spec.free.two"}},
		"within what is open":       {`{spec: {open: {two: {three: a}}, bare: {two: a}}}`, nil},
		"beneath a scalar, which is not for here": {`{spec: {one: {two: a}, list: [{port: {two: a}}]}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			crd, object := &unstructured.Unstructured{}, map[string]any{}
			must(t, yaml.Unmarshal([]byte(declared), &crd.Object))
			must(t, yaml.Unmarshal([]byte(c.object), &object))
			g.Expect(SchemaOf(crd, "v1").Undeclared(object)).To(Equal(c.undeclared))
			g.Expect(SchemaOf(crd, "v1alpha1").Undeclared(object)).To(BeEmpty(), "a version without a schema")
			g.Expect(SchemaOf(crd, "v2").Undeclared(object)).To(BeEmpty(), "a version that is not there")
		})
	}
}
