package main

import (
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// cells are the columns of the tables of docs/style.md below a heading, from the left.
func cells(t *testing.T, heading string) [][]string {
	t.Helper()
	content, err := os.ReadFile("docs/style.md")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	_, section, found := strings.Cut(string(content), "\n## "+heading+"\n")
	NewWithT(t).Expect(found).To(BeTrue())
	section, _, _ = strings.Cut(section, "\n## ")
	var rows [][]string
	for line := range strings.Lines(section) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "| ") {
			rows = append(rows, strings.Split(strings.Trim(line, "| "), " | "))
		}
	}
	return rows[1:]
}

// wrong are the sentences in which Vale finds a problem.
func wrong(t *testing.T, sentences []string) []string {
	t.Helper()
	page := filepath.Join(t.TempDir(), "page.go.md")
	var texts []text
	for number, words := range sentences {
		texts = append(texts, text{token.Position{Line: number}, words})
	}
	g := NewWithT(t)
	g.Expect(write(page, texts)).To(Succeed())
	found, err := judged(filepath.Dir(page), []string{page}, map[string][]text{"page.go": texts})
	g.Expect(err).NotTo(HaveOccurred())
	var bad []string
	for number, words := range sentences {
		if strings.Contains(strings.Join(found, "\n")+"\n", "page.go:"+strconv.Itoa(number)+":") {
			bad = append(bad, words)
		}
	}
	return bad
}

func TestEveryWordOfTheStyleGuideIsAsItSays(t *testing.T) {
	var use, not []string
	for _, row := range cells(t, "Words") {
		for _, word := range strings.Split(row[0], ", ") {
			use = append(use, "The operator and "+word+" are here.")
		}
		for _, word := range strings.Split(strings.TrimPrefix(row[2], ", "), ", ") {
			if row[2] == ", for it" {
				word = "this, for it"
			}
			not = append(not, "The operator and "+word+" is here.")
		}
	}
	NewWithT(t).Expect(wrong(t, use)).To(BeEmpty())
	NewWithT(t).Expect(wrong(t, not)).To(Equal(not))
}

func TestEachSentenceOfTheStyleGuideIsAsItSays(t *testing.T) {
	var not, but []string
	for _, row := range cells(t, "Before and after") {
		not, but = append(not, row[0]), append(but, row[1])
	}
	NewWithT(t).Expect(wrong(t, but)).To(BeEmpty())
	NewWithT(t).Expect(wrong(t, not)).To(Equal(not))
}

func TestTextsOfGoAreItsSentences(t *testing.T) {
	file := filepath.Join(t.TempDir(), "texts.go")
	g := NewWithT(t)
	g.Expect(os.WriteFile(file, []byte(`// Package texts has comments.
package texts

var said = "The operator cannot read " + name + " because " +
	"it is not allowed."

// Never is long, and no marker is in it.
//
// +kubebuilder:validation:Optional
const Never = "sum by (namespace) (rate(some_total{job=~\"a|b\"}[5m])) > 0"

var summary = "{{ $labels.name }} is not ready since %s."
`), 0o600)).To(Succeed())
	words := func(comments bool) (found []string) {
		texts, err := fromGo(file, comments)
		g.Expect(err).NotTo(HaveOccurred())
		for _, text := range texts {
			found = append(found, text.words)
		}
		return found
	}
	g.Expect(words(false)).To(Equal([]string{"The operator cannot read X because it is not allowed.", "X is not ready since X."}))
	g.Expect(words(true)).To(ConsistOf("Package texts has comments.", "The operator cannot read X because it is not allowed.",
		"Never is long, and no marker is in it.", "X is not ready since X."))
}

func TestCommentsOfYAMLThatFollowEachOtherAreOneText(t *testing.T) {
	NewWithT(t).Expect(fromYAML("a.yaml", "# One\n# two.\nkind: X\n  # Three.\n")).To(Equal([]text{
		{token.Position{Filename: "a.yaml", Line: 1}, "One two."}, {token.Position{Filename: "a.yaml", Line: 4}, "Three."},
	}))
}
