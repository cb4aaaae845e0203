package bounds_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

func TestYAMLThatExpandsOrNestsIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"an alias":                     {"a: &b [x]\nc: *b\n", "line 1: the anchor &b is not allowed: write the value out wherever it is needed"},
		"an alias alone":               {"c:\n- *b\n", "yaml: unknown anchor 'b' referenced"},
		"an anchor on the first key":   {"&a a: 1\n", "line 1: the anchor &a is not allowed: write the value out wherever it is needed"},
		"an anchor on the document":    {"--- &a\nb: 1\n", "line 1: the anchor &a is not allowed: write the value out wherever it is needed"},
		"a merge key":                  {"a: &b {x: 1}\nc: {<<: *b}\n", "line 1: the anchor &b is not allowed: write the value out wherever it is needed"},
		"an alias in a later document": {"a: 1\n---\nb: &c 1\nd: *c\n", "line 3: the anchor &c is not allowed: write the value out wherever it is needed"},
		"an alias in JSON":             {"[&a {\"op\": \"test\"},\r\n*a]", "line 1: the anchor &a is not allowed: write the value out wherever it is needed"},
		"lists within lists":           {strings.Repeat("[", 101) + strings.Repeat("]", 101), "line 1: it nests deeper than 100 levels"},
		"maps within maps":             {strings.Repeat("{a: ", 101) + strings.Repeat("}", 101), "line 1: it nests deeper than 100 levels"},
		"lists that never end":         {strings.Repeat("[", 60000), "yaml: exceeded max depth of 10000"},
		"dashes":                       {strings.Repeat("- ", 30000), "yaml: exceeded max depth of 10000"},
		"many documents":               {strings.Repeat("---\n", 102), "line 101: more than 100 documents"},
		"no YAML":                      {"a: 'b", "yaml: found unexpected end of stream"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bounds.YAML([]byte(c.text))
			NewWithT(t).Expect(err).To(MatchError(c.says))
		})
	}
}

func TestTheShapeOfYAMLIsSaid(t *testing.T) {
	g := NewWithT(t)
	for text, shape := range map[string]bounds.Shape{
		"":                                    {},
		"a: {b: 1}":                           {Nodes: 6},
		"a: '*b'\n---\nc: \"&d\"\n":           {Nodes: 8},
		"[\n\t{\"op\": \"remove\"}\n]":        {Nodes: 5, List: true},
		"- {op: remove}\n":                    {Nodes: 5, List: true},
		"- {op: remove}\n---\n- {op: remove}": {Nodes: 10},
		strings.Repeat("[", 100) + strings.Repeat("]", 100): {Nodes: 101, List: true},
	} {
		found, err := bounds.YAML([]byte(text))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(Equal(shape), text)
	}
}

func TestARegularExpressionIsMeasuredBeforeItIsCompiled(t *testing.T) {
	g := NewWithT(t)
	for text, steps := range map[string]int{"": 1, "flux": 4, "a|bc": 4, "x{1000}": 2000, "(a{10}){10}": 220, "(": 0} {
		found, err := bounds.Regexp(text)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(Equal(steps), text)
	}
	_, err := bounds.Regexp(strings.Repeat("x{1000}", 500))
	g.Expect(err).To(MatchError(HaveSuffix("expands to 1000001 steps, more than the 20000 allowed: repeat less")))
	_, err = bounds.Regexp(strings.Repeat(`(?i)\pL`, 500))
	g.Expect(err).To(MatchError(HaveSuffix("steps, more than the 20000 allowed: repeat less")))
	_, err = bounds.Regexp(strings.Repeat("x", 5000))
	g.Expect(err).To(MatchError("a regular expression has 5000 bytes, more than the 4096 allowed"))
}

func TestALongTextIsCutBetweenCharacters(t *testing.T) {
	g := NewWithT(t)
	g.Expect(bounds.Brief("short")).To(Equal("short"))
	g.Expect(bounds.Brief(strings.Repeat("ü", 1000) + "x")).To(Equal(strings.Repeat("ü", 500) + "... (1001 bytes more)"))
	g.Expect(bounds.Brief("x" + strings.Repeat("ü", 1000))).To(Equal("x" + strings.Repeat("ü", 499) + "... (1001 bytes more)"))
}

func FuzzYAML(f *testing.F) {
	f.Add("a: &b [x]\nc: *b\n")
	f.Add(strings.Repeat("- ", 300))
	f.Add("%TAG ! x\n--- !a\n? b\n: c\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = bounds.YAML([]byte(text)) })
}
