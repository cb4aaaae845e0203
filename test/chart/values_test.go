package chart_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"
)

// value is what a user may set. In values.yaml it has a comment, and within it nothing has.
type value struct {
	group, name, about string
}

// path of the value, as templates have it after .Values.
func (v value) path() string { return strings.TrimPrefix(v.group+"."+v.name, ".") }

// set is the value set to something, in YAML.
func (v value) set(to string) string {
	if v.group == "" {
		return v.name + ": " + to
	}
	return v.group + ": {" + v.name + ": " + to + "}"
}

// values are those of values.yaml, and the names of groups of them.
func values(t *testing.T) (all []value, groups []string) {
	t.Helper()
	var file yaml.Node
	must(t, yaml.Unmarshal([]byte(read(t, chart+"/values.yaml")), &file))
	top := file.Content[0].Content
	for i := 0; i < len(top); i += 2 {
		name, content := top[i], top[i+1]
		within := commented(content)
		if len(within) == 0 {
			all = append(all, value{"", name.Value, name.HeadComment})
			continue
		}
		NewWithT(t).Expect(within).To(HaveLen(len(content.Content)/2), "%s: all values of a group have a comment, or none has", name.Value)
		groups = append(groups, name.Value)
		for _, v := range within {
			all = append(all, value{name.Value, v.Value, v.HeadComment})
		}
	}
	return all, groups
}

// commented are the keys of a mapping that have a comment.
func commented(content *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	if content.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(content.Content); i += 2 {
		if content.Content[i].HeadComment != "" {
			all = append(all, content.Content[i])
		}
	}
	return all
}

// objectSchema is a piece of values.schema.json, as far as values have one.
type objectSchema struct {
	Ref         string                  `json:"$ref"`
	Definitions map[string]objectSchema `json:"definitions"`
	Required    []string                `json:"required"`
	// Properties of podLabels are false, and no schemas.
	Properties map[string]json.RawMessage `json:"properties"`
}

// schemas are the schema of all values, and those of the groups.
func schemas(t *testing.T, groups []string) map[string]objectSchema {
	t.Helper()
	var whole objectSchema
	must(t, json.Unmarshal([]byte(read(t, chart+"/values.schema.json")), &whole))
	all := map[string]objectSchema{"": whole}
	for _, name := range groups {
		var s objectSchema
		must(t, json.Unmarshal(whole.Properties[name], &s))
		if definition, is := strings.CutPrefix(s.Ref, "#/definitions/"); is {
			s = whole.Definitions[definition]
		}
		all[name] = s
	}
	return all
}

func TestEveryValueHasAComment(t *testing.T) {
	all, _ := values(t)
	for _, v := range all {
		NewWithT(t).Expect(v.about).To(HaveSuffix("."), v.path())
	}
}

func TestTheSchemaHasExactlyTheValues(t *testing.T) {
	all, groups := values(t)
	want := slices.Clone(groups)
	for _, v := range all {
		want = append(want, v.path())
	}
	var has []string
	for group, s := range schemas(t, groups) {
		for _, name := range sortedKeys(s.Properties) {
			has = append(has, value{group: group, name: name}.path())
		}
	}
	NewWithT(t).Expect(has).To(ConsistOf(want))
}

func TestTemplatesUseKnownValuesOnly(t *testing.T) {
	all, _ := values(t)
	files, err := templates()
	must(t, err)
	known := map[string]bool{}
	for _, v := range all {
		known[v.path()] = true
	}
	for _, file := range files {
		for _, word := range strings.FieldsFunc(read(t, file), func(r rune) bool { return strings.ContainsRune(" ()\n{}", r) }) {
			if path, is := strings.CutPrefix(word, ".Values."); is && !known[path] {
				t.Errorf("%s uses .Values.%s, which is no value", file, path)
			}
		}
	}
}

func TestEveryValueHasAnEffect(t *testing.T) {
	all, _ := values(t)
	var want []string
	for _, v := range all {
		want = append(want, v.path())
	}
	shown := slices.Clone(elsewhere)
	for sentence := range effects {
		path, _, _ := strings.Cut(strings.ReplaceAll(sentence, ",", " "), " ")
		shown = append(shown, path)
	}
	slices.Sort(shown)
	NewWithT(t).Expect(slices.Compact(shown)).To(ConsistOf(want))
}

func TestARequiredValueIsNotNull(t *testing.T) {
	_, groups := values(t)
	of := schemas(t, groups)
	NewWithT(t).Expect(of[""].Required).To(ContainElements(groups))
	for group, s := range of {
		for _, name := range s.Required {
			null := value{group: group, name: name}.set("null")
			t.Run(null, func(t *testing.T) {
				t.Parallel()
				refused(t, "missing property '"+name+"'", null)
			})
		}
	}
}

func TestAnOptionalValueMayBeNull(t *testing.T) {
	g := NewWithT(t)
	all, groups := values(t)
	of := schemas(t, groups)
	var set []string
	for _, v := range all {
		if !slices.Contains(of[v.group].Required, v.name) {
			set = append(set, v.set("null"))
		}
	}
	g.Expect(set).To(ContainElements("nodeSelector: null", "image: {digest: null}", "logLevel: null", "enabled: null"))
	g.Expect(changes(render(t), render(t, set...))).To(HaveEach(Or(
		HavePrefix(inPodGone),
		Equal("ValidatingAdmissionPolicy fluxmonitoring-operator-generated: spec.variables[adopting].expression: "+
			`["fluxmonitoring-system"], was ["monitoring","flux-system","fluxmonitoring-system"]`), // without trustedNamespaces
	)), "it is as good as empty")
}
