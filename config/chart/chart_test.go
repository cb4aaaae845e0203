package chart

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// root of the repository, from this folder.
const root = "../.."

func TestTheChartIsWhatTheManifestsGive(t *testing.T) {
	g := NewWithT(t)
	made, err := Build(root)
	must(t, err)
	committed, err := Read(root)
	must(t, err)
	g.Expect(sortedKeys(committed)).To(Equal(sortedKeys(made)), "go run ./config/chart/generate writes it anew")
	for _, name := range sortedKeys(made) {
		if !bytes.Equal(made[name], committed[name]) {
			t.Errorf("%s is not current: go run ./config/chart/generate writes it anew", name)
		}
	}
}

func TestTheSameManifestsGiveTheSameBytes(t *testing.T) {
	once, err := Build(root)
	must(t, err)
	again, err := Build(root)
	must(t, err)
	NewWithT(t).Expect(again).To(Equal(once))
}

func TestTheChartIsWrittenAndReadBackWhole(t *testing.T) {
	folder := t.TempDir()
	must(t, Files{"templates/old.yaml": []byte("old"), "Chart.yaml": []byte("old")}.Write(folder))
	files := Files{"templates/new.yaml": []byte("new"), "Chart.yaml": []byte("name: new\n")}
	must(t, files.Write(folder))
	NewWithT(t).Expect(Read(folder)).To(Equal(files), "what is no part of it any more is gone")
}

func TestHelmIsOfTheVersionThatIsPinned(t *testing.T) {
	pinned, err := parts.Version("helm", "helm.sh/helm/v4")
	must(t, err)
	NewWithT(t).Expect(run(t, nil, "version", "--template", "{{ .Version }}")).To(Equal(pinned))
}

func TestTheLinterHasNothingToSay(t *testing.T) {
	out, err := run(t, nil, "lint", "--strict", filepath.Join(root, Folder), "--namespace", system)
	must(t, err)
	NewWithT(t).Expect(out).To(HaveSuffix("1 chart(s) linted, 0 chart(s) failed\n"))
	NewWithT(t).Expect(out).NotTo(ContainSubstring("[WARNING]"))
}

func TestTheChartSaysOfItsVersionWhatTheBundleSays(t *testing.T) {
	g := NewWithT(t)
	given, err := read(root)
	must(t, err)
	out, err := run(t, nil, "show", "chart", filepath.Join(root, Folder))
	must(t, err)
	shown := decode(t, "kind: Chart\n"+out)[0].Object
	version := given.version.Spec.Version
	g.Expect(shown).To(HaveKeyWithValue("version", version))
	g.Expect(shown).To(HaveKeyWithValue("appVersion", "v"+version))
	g.Expect(shown).To(HaveKeyWithValue("kubeVersion", ">="+given.version.Spec.MinKubeVersion+"-0"))
	operators := objectOf(t, render(t), "Deployment", operator)
	image := given.version.Spec.RelatedImages[0].Image
	g.Expect(flat(operators)).To(HaveKeyWithValue("spec.template.spec.containers[operator].image", image), "of the version, as in the bundle")
}

func TestEveryFlagOfTheChartIsTheOperators(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "run", ".", "--help")
	cmd.Dir = root
	help, err := cmd.CombinedOutput()
	must(t, err)
	names := []string{"leader-election-id"}
	for _, f := range flags {
		names = append(names, f.name)
	}
	for _, name := range names {
		NewWithT(t).Expect(string(help)).To(MatchRegexp("(?m)^  -" + name + `\b`))
	}
}

func TestAnOlderKubernetesIsRefused(t *testing.T) {
	_, err := run(t, nil, "template", operator, filepath.Join(root, Folder), "--kube-version", "1.28.9")
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("requires kubeVersion: >=1.29.0-0 which is incompatible with Kubernetes v1.28.9")))
}

func TestTheChartMayBePartOfAnother(t *testing.T) {
	out := platform(t, "global: {region: eu}\nfluxmonitoring-operator: {replicaCount: 1}\n")
	NewWithT(t).Expect(flat(objectOf(t, decode(t, out), "Deployment", "platform-"+operator))).To(HaveKeyWithValue("spec.replicas", "1"))
}

func TestAnotherChartSaysWhetherItHasThisOne(t *testing.T) {
	for values, has := range map[string]bool{
		"{}": true,
		"fluxmonitoring-operator: {enabled: true}":  true,
		"fluxmonitoring-operator: {enabled: false}": false,
	} {
		t.Run(values, func(t *testing.T) {
			NewWithT(t).Expect(strings.Contains(platform(t, values), "\nkind: Deployment\n")).To(Equal(has))
		})
	}
}

// platform is what a chart comes to that has this one as a dependency, by a condition.
func platform(t *testing.T, values string) string {
	t.Helper()
	folder := t.TempDir()
	chart := fmt.Sprintf("apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies:\n"+
		"- {name: %[1]s, version: '*', repository: '', condition: %[1]s.enabled}\n", operator)
	must(t, os.WriteFile(filepath.Join(folder, "Chart.yaml"), []byte(chart), 0o644))
	must(t, os.CopyFS(filepath.Join(folder, "charts", operator), os.DirFS(filepath.Join(root, Folder))))
	out, err := run(t, []byte(values), "template", "platform", folder, "--namespace", system, "--values", "-")
	must(t, err)
	return out
}

// helm is the folder of the real one.
var helm = sync.OnceValues(func() (string, error) {
	folders, err := parts.Build(context.Background(), os.Stderr, "helm")
	if err != nil {
		return "", err
	}
	return folders[0], nil
})

// run calls helm and returns what it says.
func run(t *testing.T, input []byte, args ...string) (string, error) {
	t.Helper()
	folder, err := helm()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, "helm"), args...)
	// Neither a cluster nor settings of the person who runs the tests.
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "KUBECONFIG=/dev/null", "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	cmd.Stdin = bytes.NewReader(input)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("helm %s: %w: %s", args[0], err, said.String())
	}
	return out.String(), nil
}

// render are the objects of a release by the name of the operator, in the namespace of the manifests.
func render(t *testing.T, values ...string) []*unstructured.Unstructured {
	t.Helper()
	return renderAs(t, operator, system, values...)
}

// renderAs are the objects of a release.
func renderAs(t *testing.T, release, namespace string, values ...string) []*unstructured.Unstructured {
	t.Helper()
	out, err := tryRender(t, release, namespace, values...)
	must(t, err)
	return decode(t, out)
}

func tryRender(t *testing.T, release, namespace string, values ...string) (string, error) {
	t.Helper()
	args := []string{"template", release, filepath.Join(root, Folder), "--namespace", namespace}
	folder, err := os.MkdirTemp("", "values-") // t.TempDir may have a comma in its name, at which helm splits
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(folder)) })
	for i, v := range values {
		file := filepath.Join(folder, fmt.Sprintf("%d.yaml", i))
		must(t, os.WriteFile(file, []byte(v), 0o644))
		args = append(args, "--values", file)
	}
	return run(t, nil, args...)
}

func decodeAll(text string) ([]*unstructured.Unstructured, error) {
	return cluster.Decode([]byte(text))
}

func decode(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := decodeAll(text)
	must(t, err)
	return objects
}

func objectOf(t *testing.T, objects []*unstructured.Unstructured, kind, name string) *unstructured.Unstructured {
	t.Helper()
	for _, o := range objects {
		if o.GetKind() == kind && o.GetName() == name {
			return o
		}
	}
	t.Fatalf("there is no %s %s", kind, name)
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
