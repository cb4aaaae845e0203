// Package workflows holds what is to be true of the workflows in .github. It runs none of them: that only the forge can.
package workflows_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/rhysd/actionlint"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/release/rig"
)

const checkout = "../.."

func TestTheWorkflowsPassActionlint(t *testing.T) {
	g := NewWithT(t)
	g.Expect(complaints(t, nil)).To(BeEmpty())
	broken := []byte("on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    needs: absent\n    steps: [{run: 'true'}]\n")
	g.Expect(complaints(t, broken)).To(ConsistOf(ContainSubstring(`job "a" needs job "absent"`)))
}

func TestEachJobMayDoWhatItNeedsAndNoMore(t *testing.T) {
	permissions := map[string]map[string]string{}
	for file, workflow := range workflows(t) {
		permissions[file] = scopes(workflow.Permissions)
		for id, job := range workflow.Jobs {
			permissions[file+" "+id] = scopes(job.Permissions)
		}
	}
	read := map[string]string{"contents": "read"}
	NewWithT(t).Expect(permissions).To(Equal(map[string]map[string]string{
		"ci.yaml":                      {},
		"ci.yaml run":                  read,
		"codeql.yaml":                  {},
		"codeql.yaml analyze":          {"contents": "read", "security-events": "write"},
		"fuzz.yaml":                    {},
		"fuzz.yaml fuzz":               read,
		"govulncheck.yaml":             {},
		"govulncheck.yaml govulncheck": read,
		"release.yaml":                 {},
		"release.yaml test":            read,
		"release.yaml dist":            read,
		"release.yaml govulncheck":     read,
		"release.yaml reproduce":       read,
		"release.yaml tools":           read,
		"release.yaml publish": {
			"attestations": "write", "contents": "read", "id-token": "write", "packages": "write",
		},
		"release.yaml release":   {"contents": "write"},
		"scorecard.yaml":         {},
		"scorecard.yaml analyze": {"contents": "read", "id-token": "write", "security-events": "write"},
	}))
}

func TestEveryActionIsPinnedByCommit(t *testing.T) {
	g := NewWithT(t)
	pinned := regexp.MustCompile(`^(actions|github|ossf)/[a-z-/]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	commits := map[string]string{}
	for file, content := range sources(t) {
		for line := range strings.Lines(content) {
			_, action, found := strings.Cut(line, "uses: ")
			action = strings.TrimSpace(action)
			if !found || strings.HasPrefix(action, "./") {
				continue
			}
			g.Expect(action).To(MatchRegexp(pinned.String()), file)
			name, commit, _ := strings.Cut(action, "@")
			g.Expect(commits).To(Or(Not(HaveKey(name)), HaveKeyWithValue(name, commit)), "one version of each action")
			commits[name] = commit
		}
	}
	g.Expect(slices.Sorted(maps.Keys(commits))).To(Equal([]string{
		"actions/attest-build-provenance", "actions/attest-sbom", "actions/cache", "actions/checkout", "actions/download-artifact",
		"actions/setup-go", "actions/setup-node", "actions/upload-artifact",
		"github/codeql-action/analyze", "github/codeql-action/init", "github/codeql-action/upload-sarif", "ossf/scorecard-action",
	}))
}

func TestEveryJobEndsByItself(t *testing.T) {
	minutes := map[string]float64{}
	for file, workflow := range workflows(t) {
		for id, job := range workflow.Jobs {
			if job.WorkflowCall == nil {
				NewWithT(t).Expect(job.TimeoutMinutes).NotTo(BeNil(), file+" "+id)
				minutes[file+" "+id] = job.TimeoutMinutes.Value
			}
		}
	}
	NewWithT(t).Expect(minutes).To(Equal(map[string]float64{
		"ci.yaml run": 150, "codeql.yaml analyze": 60, "fuzz.yaml fuzz": 240, "govulncheck.yaml govulncheck": 30, "scorecard.yaml analyze": 15,
		"release.yaml dist": 60, "release.yaml reproduce": 60, "release.yaml tools": 30, "release.yaml publish": 30, "release.yaml release": 10,
	}))
}

func TestCIRunsTheCommandOfContributors(t *testing.T) {
	g := NewWithT(t)
	g.Expect(runs(workflows(t)["ci.yaml"].Jobs["run"])).To(Equal([]string{
		`sudo -E env "HOME=$HOME" "PATH=$PATH" .ci/run`,
		`sudo chown -R "$(id -u):$(id -g)" ~/go ~/.cache`,
	}))
	info, err := os.Stat(filepath.Join(checkout, ".ci", "run"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(info.Mode().Perm() & 0o111).To(Equal(os.FileMode(0o111)))
}

func TestAReleaseIsTestedReproducedAndInTheChangelog(t *testing.T) {
	g := NewWithT(t)
	jobs := workflows(t)["release.yaml"].Jobs
	g.Expect(jobs["test"].WorkflowCall.Uses.Value).To(Equal("./.github/workflows/ci.yaml"))
	g.Expect(runs(jobs["dist"])[:3]).To(Equal([]string{
		`go run -C release . notes --version "$VERSION" >"$RUNNER_TEMP/notes.md"`,
		`go run ./hack/crdchanges --notes "$RUNNER_TEMP/notes.md"`, `make dist VERSION="$VERSION"`,
	}))
	needs := map[string][]string{}
	for id, job := range jobs {
		for _, need := range job.Needs {
			needs[id] = append(needs[id], need.Value)
		}
	}
	g.Expect(needs).To(Equal(map[string][]string{
		"reproduce": {"dist"}, "govulncheck": {"dist"}, "publish": {"test", "dist", "reproduce", "govulncheck", "tools"}, "release": {"publish"},
	}))
}

// What can publish compiles nothing, so that no code of others runs there but the tools themselves.
func TestPublishingCompilesNothing(t *testing.T) {
	g := NewWithT(t)
	for _, id := range []string{"publish", "release"} {
		job := workflows(t)["release.yaml"].Jobs[id]
		g.Expect(setUp(job)).To(BeEmpty(), id)
		for _, script := range runs(job) {
			g.Expect(script).NotTo(MatchRegexp(`\bgo (run|build|install|tool)\b`), id)
		}
	}
}

func TestAReleaseIsScannedForVulnerabilities(t *testing.T) {
	g := NewWithT(t)
	found := workflows(t)
	g.Expect(found["release.yaml"].Jobs).To(HaveKey("govulncheck"))
	g.Expect(found["release.yaml"].Jobs["dist"].Outputs).To(HaveKey("go"))
	call := found["release.yaml"].Jobs["govulncheck"].WorkflowCall
	g.Expect(call.Uses.Value).To(Equal("./.github/workflows/govulncheck.yaml"))
	g.Expect(call.Inputs["go"].Value.Value).To(Equal("${{ needs.dist.outputs.go }}"))
	g.Expect(found["release.yaml"].Jobs["dist"].Outputs["go"].Value.Value).To(Equal("${{ env.GO }}"))
	g.Expect(setUp(found["release.yaml"].Jobs["dist"])).To(Equal("${{ env.GO }}"))
	g.Expect(setUp(found["govulncheck.yaml"].Jobs["govulncheck"])).To(Equal("${{ inputs.go || '1.26.x' }}"))
	g.Expect(runs(found["govulncheck.yaml"].Jobs["govulncheck"])).To(Equal([]string{
		"go tool -modfile=release/go.mod govulncheck . ./cmd/kubectl-fluxmon", "go tool govulncheck .",
	}))
}

// A tag of another form is one that release/versions does not hold against the manifests.
func TestOnlyTagsOfVersionsStartARelease(t *testing.T) {
	g := NewWithT(t)
	on := workflows(t)["release.yaml"].On
	g.Expect(on).To(HaveLen(1))
	tags := []string{}
	for _, tag := range on[0].(*actionlint.WebhookEvent).Tags.Values {
		tags = append(tags, tag.Value)
	}
	g.Expect(tags).To(Equal([]string{"v[0-9]+.[0-9]+.[0-9]+", "v[0-9]+.[0-9]+.[0-9]+-rc.[0-9]+"}))
}

func TestTheImageIsTaggedAfterItIsSigned(t *testing.T) {
	names := []string{}
	for _, step := range workflows(t)["release.yaml"].Jobs["publish"].Steps {
		if step.Name != nil {
			names = append(names, step.Name.Value)
		}
	}
	NewWithT(t).Expect(names).To(Equal([]string{
		"Tools", "Log in", "Image", "Checksums",
		"Provenance of the image", "Provenance of the files", "SBOM of the image", "Tag", "Chart", "Bundle", "Catalog",
	}))
}

func TestEveryVerbAndPartThatAWorkflowRunsExists(t *testing.T) {
	g := NewWithT(t)
	defined := []string{}
	for _, match := range regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		defined = append(defined, match[1])
	}
	catalogue := read(t, "test/cluster/parts/catalogue.go")
	verbs, parts := map[string]bool{}, map[string]bool{}
	for _, content := range sources(t) {
		for _, match := range regexp.MustCompile(`\bmake (?:-C \S+ )?([a-z][a-z0-9-]*)`).FindAllStringSubmatch(content, -1) {
			verbs[match[1]] = true
			g.Expect(defined).To(ContainElement(match[1]), "make "+match[1])
		}
		for _, match := range regexp.MustCompile(`test/cluster/build ([a-z-]+)`).FindAllStringSubmatch(content, -1) {
			parts[match[1]] = true
			g.Expect(strings.Contains(catalogue, fmt.Sprintf("%q", match[1]))).To(BeTrue(), "part "+match[1])
		}
	}
	g.Expect(verbs).To(Equal(map[string]bool{"dist": true, "bundle-image": true, "catalog": true, "fuzz": true}))
	g.Expect(parts).To(Equal(map[string]bool{"helm": true}))
}

func TestTheToolsThatAWorkflowRunsArePinned(t *testing.T) {
	g := NewWithT(t)
	module := read(t, "release/go.mod")
	g.Expect(module).To(ContainSubstring("github.com/google/go-containerregistry/cmd/crane\n"))
	g.Expect(module).To(ContainSubstring("golang.org/x/vuln/cmd/govulncheck\n"))
	for file, content := range sources(t) {
		for _, match := range regexp.MustCompile(`\b(?:go install|go run) (\S+\.\S+/\S+)`).FindAllStringSubmatch(content, -1) {
			if !strings.HasPrefix(match[1], "./") {
				g.Expect(match[1]).To(Or(MatchRegexp(`@v\d+\.\d+\.\d+$`), Equal("github.com/google/go-containerregistry/cmd/crane)")), file)
			}
		}
	}
}

func TestDependabotUpdatesAllDependencies(t *testing.T) {
	g := NewWithT(t)
	updates := struct {
		Updates []struct {
			Ecosystem   string   `json:"package-ecosystem"`
			Directory   string   `json:"directory"`
			Directories []string `json:"directories"`
		} `json:"updates"`
	}{}
	g.Expect(yaml.Unmarshal([]byte(read(t, ".github/dependabot.yml")), &updates)).To(Succeed())
	files := map[string]string{
		"gomod": "go.mod", "npm": "package-lock.json", "docker": "Dockerfile", "github-actions": ".github/workflows/ci.yaml",
	}
	seen := []string{}
	for _, update := range updates.Updates {
		seen = append(seen, update.Ecosystem)
		for _, folder := range append(update.Directories, update.Directory) {
			g.Expect(filepath.Join(checkout, folder, files[update.Ecosystem])).To(Or(BeARegularFile(), Equal(filepath.Join(checkout, files["gomod"]))))
		}
	}
	g.Expect(seen).To(ConsistOf(slices.Collect(maps.Keys(files))))
}

func TestTheBugFormHasTheFieldsOfGitHub(t *testing.T) {
	g := NewWithT(t)
	form := map[string]any{}
	g.Expect(yaml.UnmarshalStrict([]byte(read(t, ".github/ISSUE_TEMPLATE/bug.yml")), &form)).To(Succeed())
	g.Expect(slices.Sorted(maps.Keys(form))).To(Equal([]string{"body", "description", "labels", "name"}))
	ids := []string{}
	for _, field := range form["body"].([]any) {
		ids = append(ids, field.(map[string]any)["id"].(string))
	}
	g.Expect(ids).To(Equal([]string{"what", "resource", "log", "versions", "way"}))
}

// complaints is what actionlint says of the workflows, or of the one that is given.
func complaints(t *testing.T, one []byte) []string {
	t.Helper()
	linter, err := actionlint.NewLinter(&bytes.Buffer{}, &actionlint.LinterOptions{})
	rig.Must(t, err)
	var found []*actionlint.Error
	if one != nil {
		found, err = linter.Lint("one.yaml", one, nil)
	} else {
		found, err = linter.LintRepository(checkout)
	}
	rig.Must(t, err)
	messages := []string{}
	for _, complaint := range found {
		messages = append(messages, complaint.Error())
	}
	return messages
}

// sources are the workflows as they are written, by file.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(checkout, ".github", "workflows", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no workflows", err)
	}
	found := map[string]string{}
	for _, file := range files {
		found[filepath.Base(file)] = read(t, ".github/workflows/"+filepath.Base(file))
	}
	return found
}

func workflows(t *testing.T) map[string]*actionlint.Workflow {
	t.Helper()
	found := map[string]*actionlint.Workflow{}
	for file, content := range sources(t) {
		workflow, errs := actionlint.Parse([]byte(content))
		if len(errs) > 0 {
			t.Fatal(file, errs)
		}
		found[file] = workflow
	}
	return found
}

// scopes are what is allowed. Permissions that are not said are those of the repository, which may be all.
func scopes(permissions *actionlint.Permissions) map[string]string {
	if permissions == nil || permissions.All != nil {
		return map[string]string{"all": "not said by name"}
	}
	allowed := map[string]string{}
	for name, scope := range permissions.Scopes {
		allowed[name] = scope.Value.Value
	}
	return allowed
}

// setUp is the version of Go that a job asks for.
func setUp(job *actionlint.Job) string {
	for _, step := range job.Steps {
		if action, ok := step.Exec.(*actionlint.ExecAction); ok && strings.HasPrefix(action.Uses.Value, "actions/setup-go@") {
			return action.Inputs["go-version"].Value.Value
		}
	}
	return ""
}

// runs are the scripts of a job.
func runs(job *actionlint.Job) []string {
	scripts := []string{}
	for _, step := range job.Steps {
		if run, ok := step.Exec.(*actionlint.ExecRun); ok {
			scripts = append(scripts, strings.TrimSpace(run.Run.Value))
		}
	}
	return scripts
}

func read(t *testing.T, file string) string {
	t.Helper()
	return rig.Read(t, filepath.Join(checkout, file))
}
