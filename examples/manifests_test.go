package examples_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// kustomizations are the folders that are built, and what they come to.
var kustomizations = map[string][]string{
	"flux": {
		"GitRepository/fluxmonitoring", "Kustomization/fluxmonitoring", "Kustomization/fluxmonitoring-operator",
	},
	"flux-oci": {
		"Kustomization/fluxmonitoring", "Kustomization/fluxmonitoring-operator", "OCIRepository/fluxmonitoring",
	},
	"flux/monitoring": {"FluxMonitoring/flux"},
	"argocd":          {"Application/fluxmonitoring", "Application/fluxmonitoring-operator"},
}

func TestEveryKustomizationBuildsAndIsAccepted(t *testing.T) {
	for folder, objects := range kustomizations {
		t.Run(folder, func(t *testing.T) {
			var names []string
			for _, o := range built(t, folder) {
				names = append(names, o.GetKind()+"/"+o.GetName())
				accepted(t, o)
			}
			slices.Sort(names)
			NewWithT(t).Expect(names).To(Equal(objects))
		})
	}
}

func TestEveryManifestIsAcceptedOrBuilt(t *testing.T) {
	for _, file := range manifests(t) {
		t.Run(file, func(t *testing.T) {
			if filepath.Base(file) == "kustomization.yaml" {
				NewWithT(t).Expect(kustomizations).To(HaveKey(filepath.ToSlash(filepath.Dir(file))))
				return
			}
			for _, o := range written(t, file) {
				accepted(t, o)
			}
		})
	}
}

// manifests are the YAML files here.
func manifests(t *testing.T) (files []string) {
	t.Helper()
	must(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && entry.Name() == "testdata" {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".yaml") {
			files = append(files, path)
		}
		return err
	}))
	return files
}

// accepted asks the API server whether it would apply an object, in which no field is unknown or written twice.
func accepted(t *testing.T, o *unstructured.Unstructured) {
	t.Helper()
	strict := client.WithFieldValidation(admin, "Strict")
	err := strict.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o.DeepCopy()), client.DryRunAll, client.FieldOwner("kustomize-controller"))
	if err != nil {
		t.Errorf("%s %s: %v", o.GetKind(), o.GetName(), err)
	}
}

func TestEveryReconciledPathExists(t *testing.T) {
	g := NewWithT(t)
	var paths []string
	for _, folder := range []string{"flux", "flux-oci", "argocd"} {
		for _, o := range built(t, folder) {
			for _, field := range [][]string{{"spec", "path"}, {"spec", "source", "path"}} {
				path, found, err := unstructured.NestedString(o.Object, field...)
				must(t, err)
				if !found {
					continue
				}
				paths = append(paths, path)
				entry, err := os.Stat(filepath.Join("..", path))
				must(t, err)
				g.Expect(entry.IsDir()).To(BeTrue(), path)
			}
		}
	}
	g.Expect(paths).To(ConsistOf("./config/default", "./examples/flux/monitoring", "./config/default", "./examples/flux/monitoring",
		"config/default", "examples/argocd/monitoring"))
}

func TestFluxFetchesOnlyTheManifests(t *testing.T) {
	ignore, found, err := unstructured.NestedString(written(t, "flux/source.yaml")[0].Object, "spec", "ignore")
	must(t, err)
	if !found {
		t.Fatal("source.yaml ignores nothing")
	}
	kept := []string{"config/default/kustomization.yaml", "config/rbac/role.yaml", "examples/flux/monitoring/fluxmonitoring.yaml"}
	left := []string{"main.go", "README.md", "charts/fluxmonitoring-operator/Chart.yaml", "internal/config/config.go", "docs/examples/a.md"}
	NewWithT(t).Expect(ignored(t, ignore, append(kept, left...)...)).To(Equal(left))
}

// ignored are the paths that git ignores by patterns, which Flux reads as git does.
func ignored(t *testing.T, patterns string, paths ...string) []string {
	t.Helper()
	folder := t.TempDir()
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = folder
		out, err := cmd.Output()
		must(t, err)
		return string(out)
	}
	git("init", "--quiet")
	must(t, os.WriteFile(filepath.Join(folder, ".gitignore"), []byte(patterns), 0o644))
	return strings.Fields(git(append([]string{"check-ignore", "--no-index", "--"}, paths...)...))
}

func TestTheReplacedImageIsTheOperators(t *testing.T) {
	g := NewWithT(t)
	var image string
	for _, o := range built(t, "../config/default") {
		if o.GetKind() != "Deployment" {
			continue
		}
		containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
		must(t, err)
		image, _, _ = strings.Cut(containers[0].(map[string]any)["image"].(string), ":")
	}
	flux, _, err := unstructured.NestedSlice(written(t, "flux/operator.yaml")[0].Object, "spec", "images")
	must(t, err)
	g.Expect(flux).To(HaveLen(1))
	g.Expect(flux[0]).To(HaveKeyWithValue("name", image))
	argo, _, err := unstructured.NestedStringSlice(written(t, "argocd/operator.yaml")[0].Object, "spec", "source", "kustomize", "images")
	must(t, err)
	g.Expect(argo).To(ConsistOf(HavePrefix(image + "=")))
}

// Argo CD without refresh retries the commit that failed, and never looks at the one that fixes it.
func TestEndlessRetriesUseTheNewestCommit(t *testing.T) {
	var endless []string
	for _, o := range built(t, "argocd") {
		retry, _, err := unstructured.NestedMap(o.Object, "spec", "syncPolicy", "retry")
		must(t, err)
		if limit, is := retry["limit"].(float64); is && limit < 0 {
			endless = append(endless, o.GetName())
			NewWithT(t).Expect(retry).To(HaveKeyWithValue("refresh", true), o.GetName())
		}
	}
	NewWithT(t).Expect(endless).To(Equal([]string{"fluxmonitoring"}))
}

func TestTheExamplesOfBothToolsApplyTheSameFluxMonitoring(t *testing.T) {
	NewWithT(t).Expect(written(t, "argocd/monitoring/fluxmonitoring.yaml")).To(Equal(built(t, "flux/monitoring")))
}

func TestTheHowToHasTheHealthCheckOfTheExample(t *testing.T) {
	page, err := os.ReadFile("../docs/how-to/gitops.md")
	must(t, err)
	_, shown, found := strings.Cut(string(page), "```yaml\nhealthCheckExprs:\n")
	shown, _, ended := strings.Cut(shown, "```\n")
	if !found || !ended {
		t.Fatal("the page shows none")
	}
	checks := map[string]any{}
	must(t, yaml.Unmarshal([]byte("healthCheckExprs:\n"+shown), &checks))
	example, _, err := unstructured.NestedSlice(written(t, "flux/monitoring.yaml")[0].Object, "spec", "healthCheckExprs")
	must(t, err)
	NewWithT(t).Expect(checks["healthCheckExprs"]).To(Equal(example))
}
