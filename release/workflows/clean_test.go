package workflows_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/rhysd/actionlint"
)

// The image of a checkout with changes is labelled so, and has another digest than that of a clean one.
func TestNoStepWritesIntoTheCheckoutBeforeTheBuild(t *testing.T) {
	jobs := workflows(t)["release.yaml"].Jobs
	for _, id := range []string{"dist", "reproduce"} {
		t.Run(id, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(runs(jobs[id])).To(ContainElement(MatchRegexp(makes.String())))
			g.Expect(written(jobs[id])).To(BeEmpty())
		})
	}
}

func TestAStepThatWritesIntoTheCheckoutIsFound(t *testing.T) {
	const checkout = "{uses: actions/checkout@v6}"
	const elsewhere = "{uses: actions/checkout@v6, with: {path: elsewhere}}"
	for name, it := range map[string]struct {
		steps []string
		found []string
	}{
		"a redirection":                 {[]string{checkout, "{run: go run . notes >notes.md}"}, []string{"go run . notes >notes.md"}},
		"one that appends":              {[]string{checkout, "{run: date >> \"notes.md\"}"}, []string{`date >> "notes.md"`}},
		"of errors":                     {[]string{checkout, "{run: go vet 2>errors &>/dev/null}"}, []string{"go vet 2>errors &>/dev/null"}},
		"of both":                       {[]string{checkout, "{run: date >&notes.md}"}, []string{"date >&notes.md"}},
		"to a file in the workspace":    {[]string{checkout, "{run: date >\"$GITHUB_WORKSPACE/notes.md\"}"}, []string{`date >"$GITHUB_WORKSPACE/notes.md"`}},
		"a command that writes":         {[]string{checkout, "{run: date | tee notes.md}"}, []string{"date | tee notes.md"}},
		"a line of a script":            {[]string{checkout, "{run: \"go version\\nmkdir image\"}"}, []string{"mkdir image"}},
		"an artifact":                   {[]string{checkout, "{uses: actions/download-artifact@v4}"}, []string{"actions/download-artifact@v4 in ."}},
		"an artifact in a folder":       {[]string{checkout, "{uses: actions/download-artifact@v4, with: {path: a}}"}, []string{"actions/download-artifact@v4 in a"}},
		"one in the other checkout":     {[]string{elsewhere, "{uses: actions/download-artifact@v4, with: {path: elsewhere/a}}"}, []string{"actions/download-artifact@v4 in elsewhere/a"}},
		"one beside the other checkout": {[]string{elsewhere, "{uses: actions/download-artifact@v4, with: {path: released}}"}, nil},
		"outside of the workspace":      {[]string{checkout, "{run: go run . notes >\"$RUNNER_TEMP/notes.md\" 2>&1 2>/dev/null}"}, nil},
		"variables of later steps":      {[]string{checkout, "{run: go version >>\"$GITHUB_OUTPUT\"}"}, nil},
		"after the release is made":     {[]string{checkout, "{run: make -C elsewhere dist}", "{run: date >notes.md}"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			steps := strings.Join(it.steps, "\n    - ")
			workflow, errs := actionlint.Parse([]byte("on: push\njobs:\n  a:\n    runs-on: a\n    steps:\n    - " + steps + "\n"))
			g.Expect(errs).To(BeEmpty())
			g.Expect(written(workflow.Jobs["a"])).To(Equal(it.found))
		})
	}
}

var (
	// makes is the step that makes the release.
	makes = regexp.MustCompile(`(?m)^make (-C \S+ )?dist\b`)
	// redirected is where output goes to.
	redirected = regexp.MustCompile(`>{1,2}\|?\s*"?(&?[^\s"&>]+)`)
	// outside is what is no part of the workspace: descriptors, and the files that steps set variables by, are not.
	outside = regexp.MustCompile(`^(&\d|/dev/null|\$RUNNER_TEMP/.+|\$GITHUB_(OUTPUT|ENV|PATH|STEP_SUMMARY))$`)
	// writes are commands that write files by their arguments.
	writes = regexp.MustCompile(`(^|[|;&(]|\$\()\s*(sudo )?(tee|touch|cp|mv|ln|mkdir|install|tar|unzip|sed -i|curl|go generate|go mod|make)\b`)
)

// written is what may write into the checkout before the release is made, as far as its text shows.
func written(job *actionlint.Job) []string {
	var found []string
	checkout := "."
	for _, step := range job.Steps {
		switch exec := step.Exec.(type) {
		case *actionlint.ExecRun:
			if makes.MatchString(exec.Run.Value) {
				return found
			}
			found = append(found, writing(exec.Run.Value)...)
		case *actionlint.ExecAction:
			action, folder := exec.Uses.Value, folder(exec)
			switch {
			case strings.HasPrefix(action, "actions/checkout@"):
				checkout = folder
			case strings.HasPrefix(action, "actions/download-artifact@") && within(checkout, folder):
				found = append(found, action+" in "+folder)
			}
		}
	}
	return found
}

// writing are the lines of a script that write.
func writing(script string) []string {
	var found []string
	for line := range strings.Lines(script) {
		inside := writes.MatchString(line)
		for _, target := range redirected.FindAllStringSubmatch(line, -1) {
			inside = inside || !outside.MatchString(target[1])
		}
		if inside {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// folder is the one that an action is given, relative to the workspace.
func folder(action *actionlint.ExecAction) string {
	if given, ok := action.Inputs["path"]; ok {
		return path.Clean(given.Value.Value)
	}
	return "."
}

func within(checkout, folder string) bool {
	return checkout == "." || folder == checkout || strings.HasPrefix(folder, checkout+"/")
}
