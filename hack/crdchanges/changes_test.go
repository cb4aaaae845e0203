package main

import (
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

const crd = `
spec:
  scope: Namespaced
  names: {shortNames: [one]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              mode: {type: string, enum: [A, B], default: A, description: Old.}
              name: {type: string, maxLength: 9, pattern: "^a"}
              list: {type: array, maxItems: 4, x-kubernetes-list-type: set, items: {type: string, maxLength: 5}}
              map: {type: object, additionalProperties: {type: string, minLength: 1}}
              rule: {type: string, x-kubernetes-validations: [{rule: "self != ''", message: no}]}
`

// The verdicts of the first group were seen: OLM v1's own code gave them for this project's CRD.
func TestChangesThatOLMRefuses(t *testing.T) {
	for _, c := range []struct{ old, now, says string }{
		{"description: Old.", "description: New.", ""},
		{"shortNames: [one]", "shortNames: [one, two]", ""},
		{"enum: [A, B]", "enum: [A, B, C]", ""},
		{`, pattern: "^a"`, "", ""},
		{"              map:", "              more: {type: string, default: x}\n              map:", ""},
		{"              rule: {type: string, x-kubernetes-validations: [{rule: \"self != ''\", message: no}]}\n", "", "v1: ^.spec.rule: the field is removed"},
		{"enum: [A, B]", "enum: [A]", "v1: ^.spec.mode: an enum loses a value"},
		{"default: A", "default: B", "v1: ^.spec.mode: the default changes"},
		{"maxLength: 9", "maxLength: 8", "v1: ^.spec.name: a maximum is lower"},
		{"list: {type: array", "list: {pattern: x, type: array", "v1: ^.spec.list: a pattern is added"},
		{"message: no", "message: never", "v1: ^.spec.rule: a validation rule changes, or its message"},
		{"x-kubernetes-list-type: set", "x-kubernetes-list-type: atomic", "v1: ^.spec.list: OLM v1 does not know this kind of change"},

		{"items: {type: string, maxLength: 5", "items: {type: string, maxLength: 4", "v1: ^.spec.list[*]: a maximum is lower"},
		{"minLength: 1", "minLength: 2", "v1: ^.spec.map[*]: a minimum is higher"},
		{"name: {type: string", "name: {type: integer", "v1: ^.spec.name: the type changes"},
		{"            type: object\n            properties:", "            type: object\n            required: [name]\n            properties:", "v1: ^.spec: a field is required"},
		{"scope: Namespaced", "scope: Cluster", "the scope is Cluster instead of Namespaced"},
		{"served: true", "served: false", "v1: the version is not served"},
		{"- name: v1\n", "- name: v2\n", "v1: the version is not served"},
	} {
		g := NewWithT(t)
		g.Expect(strings.Count(crd, c.old)).To(Equal(1), c.old)
		changes, err := changesOf([]byte(crd), []byte(strings.Replace(crd, c.old, c.now, 1)))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(strings.Join(changes, "\n")).To(Equal(c.says), "%s instead of %s", c.now, c.old)
	}
}

func TestTheNotesOfAReleaseMustAnnounceSuchChanges(t *testing.T) {
	g := NewWithT(t)
	g.Expect(announced("Set spec.install.preflight.crdUpgradeSafety.enforcement to None.", "v0.1.0")).To(Succeed())
	g.Expect(announced("Fixes.", "v0.1.0")).To(MatchError(ContainSubstring("OLM v1 refuses these changes of the CRD since v0.1.0")))
}

func TestTheCRDHasNoChangesAgainstItself(t *testing.T) {
	g := NewWithT(t)
	content, err := os.ReadFile("../../" + definition)
	g.Expect(err).NotTo(HaveOccurred())
	changes, err := changesOf(content, content)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(changes).To(BeEmpty())
}
