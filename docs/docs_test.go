// Package docs_test holds the documentation against what it is about: reasons against the API, examples against a real API server,
// links against the files and headings they name. What the commands in it do is not known here: they are run by test/e2e.
package docs_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestEveryReasonOfTheAPIIsInTroubleshootingAndNoOther(t *testing.T) {
	told := map[string]bool{}
	for _, section := range troubles(t) {
		_, reason, _ := strings.Cut(section, ": ")
		told[reason] = true
	}
	NewWithT(t).Expect(sorted(told)).To(Equal(sorted(reasons(t))))
}

func TestTroubleshootingHasEveryConditionWithTheReasonsOfTheSpecification(t *testing.T) {
	specified := map[string]bool{}
	for _, row := range read(t, "docs/spec/fluxmonitoring.md").cells {
		if reason := reasonInTable.FindString(row[1]); reason != "" && conditions[row[0]] {
			specified[row[0]+": "+lastWord(reason)] = true
		}
	}
	told := troubles(t)
	slices.Sort(told)
	NewWithT(t).Expect(told).To(Equal(sorted(specified)))
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

func TestEverySectionOfTroubleshootingSaysWhatAndWhyAndWhatToDo(t *testing.T) {
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
	for _, p := range pages(t) {
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

func TestEveryPageIsOnTheMapAndEveryHowToInItsIndex(t *testing.T) {
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

func TestEveryCommandOfEveryPageIsReadByBash(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if script := commands(b); script != "" {
				read := exec.Command("bash", "-n")
				read.Stdin = strings.NewReader(script)
				if said, err := read.CombinedOutput(); err != nil {
					t.Errorf("%s: %s\n%s", p.path, said, script)
				}
			}
		}
	}
}

var (
	conditions    = map[string]bool{"Ready": true, "Scraped": true, "ResourceMetrics": true, "AlertsEffective": true}
	reasonInTable = regexp.MustCompile(`^(?:(?:True|False|Unknown) )?[A-Z][A-Za-z]+`)
	placeholder   = regexp.MustCompile(`<[a-zA-Z][a-zA-Z _-]*>`)
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

// commands are what a reader types of a block, with its placeholders filled in.
func commands(b block) string {
	switch b.language {
	case "sh", "bash", "shell":
		return placeholder.ReplaceAllString(b.content, "x")
	case "console":
		var typed []string
		for line := range strings.Lines(b.content) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				typed = append(typed, command)
			}
		}
		return placeholder.ReplaceAllString(strings.Join(typed, ""), "x")
	}
	return ""
}

func sorted(set map[string]bool) []string {
	var members []string
	for m := range set {
		members = append(members, m)
	}
	slices.Sort(members)
	return members
}
