// Package docs_test compares the documentation with what it is about: reasons with the API, examples with a real API server, links with the
// files and headings that they name. It does not run the commands of a page: test/e2e does.
package docs_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/pages"
)

func TestTroubleshootingHasTheReasonsOfTheAPI(t *testing.T) {
	explained := map[string]bool{}
	for _, section := range troubles(t) {
		_, reason, _ := strings.Cut(section, ": ")
		explained[reason] = true
	}
	NewWithT(t).Expect(slices.Sorted(maps.Keys(explained))).To(Equal(slices.Sorted(maps.Keys(reasons(t)))))
}

func TestTroubleshootingHasTheReasonsOfTheSpecification(t *testing.T) {
	specified := map[string]bool{}
	for _, row := range read(t, "docs/spec/fluxmonitoring.md").cells {
		if reason := reasonInTable.FindString(row[1]); reason != "" && conditions.Has(row[0]) {
			specified[row[0]+": "+lastWord(reason)] = true
		}
	}
	explained := troubles(t)
	slices.Sort(explained)
	NewWithT(t).Expect(explained).To(Equal(slices.Sorted(maps.Keys(specified))))
}

func TestTheSpecificationHasEveryReasonOfAnIssue(t *testing.T) {
	var listed []string
	for _, row := range read(t, "docs/spec/fluxmonitoring.md").cells {
		if reason := strings.Trim(row[1], "`"); row[0] == "Status" && slices.Contains(selection.Reasons(), reason) {
			listed = append(listed, reason)
		}
	}
	NewWithT(t).Expect(listed).To(Equal(selection.Reasons()))
}

func TestEverySectionOfTroubleshootingIsWhole(t *testing.T) {
	source, err := os.ReadFile("troubleshooting.md")
	must(t, err)
	for _, section := range strings.Split(string(source), "\n### ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		t.Run(title, func(t *testing.T) {
			for _, said := range []string{"\n- **Said:** ", "\n- **Why:** ", "\n- **Look:** ", "\n- **Do:** "} {
				NewWithT(t).Expect(strings.Count(section, said)).To(Equal(1), said)
			}
		})
	}
}

func TestEveryRelativeLinkLeadsToAFileAndAHeading(t *testing.T) {
	read := map[string]page{}
	for _, p := range all(t) {
		read[p.path] = p
	}
	for _, p := range read {
		for _, link := range p.links {
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			path, anchor, anchored := strings.Cut(link, "#")
			target := cmp.Or(path, filepath.Base(p.path))
			target = filepath.Join(filepath.Dir(p.path), target)
			if _, err := os.Stat(filepath.Join(root, target)); err != nil || strings.HasPrefix(target, "..") {
				t.Errorf("%s: %s leads to no file of the repository", p.path, link)
			} else if to, isPage := read[target]; anchored && isPage && !to.anchors.Has(anchor) {
				t.Errorf("%s: %s leads to no heading of %s", p.path, link, target)
			}
		}
	}
}

func TestEveryPageIsInAnIndex(t *testing.T) {
	for index, folder := range map[string]string{"docs/README.md": "docs/*.md", "docs/how-to/README.md": "docs/how-to/*.md"} {
		links := read(t, index).links
		found, err := filepath.Glob(filepath.Join(root, folder))
		must(t, err)
		for _, path := range found {
			if name := filepath.Base(path); name != "README.md" && !slices.Contains(links, name) {
				t.Errorf("%s does not link to %s", index, name)
			}
		}
	}
}

func TestBashParsesEveryCommandOfEveryPage(t *testing.T) {
	for _, p := range all(t) {
		blocks, err := pages.Blocks(p.source)
		if err != nil {
			t.Errorf("%s: %v", p.path, err)
		}
		for _, b := range blocks {
			for _, name := range b.Placeholders() {
				b.Text = strings.ReplaceAll(b.Text, "<"+name+">", "x")
			}
			if _, err := b.Commands(t.Context()); err != nil {
				t.Errorf("%s: %v", p.path, err)
			}
		}
	}
}

var (
	conditions    = sets.New(append(v1alpha1.Evidence(), "Ready")...)
	reasonInTable = regexp.MustCompile(`^(?:(?:True|False|Unknown) )?[A-Z][A-Za-z]+`)
)

func lastWord(s string) string { return s[strings.LastIndex(s, " ")+1:] }

// troubles are what the sections of docs/troubleshooting.md are about, as `Condition: Reason`. A section can be about several conditions.
func troubles(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, h := range read(t, "docs/troubleshooting.md").headings {
		if h.level != 3 {
			continue
		}
		conditions, reason, _ := strings.Cut(h.text, ": ")
		for condition := range strings.SplitSeq(conditions, ", ") {
			found = append(found, condition+": "+reason)
		}
	}
	return found
}

// reasons are the values of the constants Reason… of the API.
func reasons(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "api/v1alpha1/conditions.go"), nil, 0)
	must(t, err)
	found := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		must(t, err)
		found[value] = true
		return true
	})
	return found
}
