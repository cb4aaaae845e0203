// Package chart_test shows what a release of the Helm chart is: with default values object by object what config/default gives, and with
// other values what these are for and nothing else. It installs, upgrades and uninstalls releases on a real API server.
package chart_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

const (
	// root of the repository, from this folder.
	root = "../.."
	// chart is the folder of the chart.
	chart = root + "/charts/" + operator
	// operator is the name of the operator, of its chart, and of the objects of a release of that name.
	operator = "fluxmonitoring-operator"
	// system is the namespace of config/default.
	system = "fluxmonitoring-system"
)

func TestHelmIsOfTheVersionThatIsPinned(t *testing.T) {
	pinned, err := parts.Version("helm", "helm.sh/helm/v4")
	must(t, err)
	NewWithT(t).Expect(run(t, "version", "--template", "{{ .Version }}")).To(Equal(pinned))
}

func TestTheLinterAcceptsTheChart(t *testing.T) {
	out, err := run(t, "lint", "--strict", chart, "--namespace", system)
	must(t, err)
	NewWithT(t).Expect(out).To(HaveSuffix("1 chart(s) linted, 0 chart(s) failed\n"))
	NewWithT(t).Expect(out).NotTo(ContainSubstring("[WARNING]"))
}

func TestTheChartHasTheDefinitionOfTheManifests(t *testing.T) {
	same := read(t, chart+"/files/crd.yaml") == read(t, root+"/config/crd/fluxmonitoring.dev_fluxmonitorings.yaml")
	NewWithT(t).Expect(same).To(BeTrue(), "make generate copies it")
}

func TestTheChartAgreesWithTheBundle(t *testing.T) {
	g := NewWithT(t)
	csv := decode(t, read(t, root+"/bundle/manifests/"+operator+".clusterserviceversion.yaml"))[0]
	spec, of := csv.Object["spec"].(map[string]any), csv.GetAnnotations()
	version, repository := spec["version"].(string), of["repository"]
	owned := spec["customresourcedefinitions"].(map[string]any)["owned"].([]any)[0].(map[string]any)
	definition := map[string]any{}
	for _, field := range []string{"kind", "version", "name", "displayName", "description"} {
		definition[field] = owned[field]
	}
	shown := decode(t, "kind: Chart\n"+read(t, chart+"/Chart.yaml"))[0].Object
	annotations := shown["annotations"].(map[string]any)
	for _, name := range []string{"images", "links", "crds", "crdsExamples"} {
		annotations["artifacthub.io/"+name] = parsed(t, annotations["artifacthub.io/"+name].(string))
	}
	g.Expect(shown).To(Equal(map[string]any{
		"kind":        "Chart",
		"apiVersion":  "v2",
		"name":        operator,
		"type":        "application",
		"version":     version,
		"appVersion":  "v" + version,
		"kubeVersion": ">=" + spec["minKubeVersion"].(string) + "-0",
		"description": of["description"],
		"home":        repository,
		"icon":        strings.Replace(repository, "github.com", "raw.githubusercontent.com", 1) + "/main/config/manifests/icon.svg",
		"sources":     []any{repository},
		"keywords":    spec["keywords"],
		"maintainers": spec["maintainers"],
		"annotations": map[string]any{
			"artifacthub.io/category":             "monitoring-logging",
			"artifacthub.io/license":              "Apache-2.0",
			"artifacthub.io/operator":             "true",
			"artifacthub.io/operatorCapabilities": of["capabilities"],
			"artifacthub.io/images":               spec["relatedImages"],
			"artifacthub.io/links":                spec["links"],
			"artifacthub.io/crds":                 []any{definition},
			"artifacthub.io/crdsExamples":         parsed(t, of["alm-examples"]),
		},
	}))
	image := spec["relatedImages"].([]any)[0].(map[string]any)["image"]
	g.Expect(flat(objectOf(t, render(t), "Deployment", operator))).To(HaveKeyWithValue("spec.template.spec.containers[operator].image", image))
}

func TestEveryFlagOfTheChartIsTheOperators(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "run", ".", "--help")
	cmd.Dir = root
	help, err := cmd.CombinedOutput()
	must(t, err)
	deployment := objectOf(t, render(t, append(everyValue(), "fullnameOverride: watcher")...), "Deployment", "watcher")
	for path, argument := range flat(deployment) {
		if strings.HasPrefix(path, "spec.template.spec.containers[operator].args[") {
			name, _, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
			NewWithT(t).Expect(string(help)).To(MatchRegexp("(?m)^  -" + name + `\b`))
		}
	}
}

func TestAnOlderKubernetesIsRefused(t *testing.T) {
	_, err := run(t, "template", operator, chart, "--kube-version", "1.28.9")
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

// platform is a release of a chart that has this one as a dependency, by a condition.
func platform(t *testing.T, values string) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "Chart.yaml"), []byte("apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies:\n"+
		"- {name: fluxmonitoring-operator, version: '*', repository: '', condition: fluxmonitoring-operator.enabled}\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(folder, "values.yaml"), []byte(values), 0o644))
	must(t, os.CopyFS(filepath.Join(folder, "charts", operator), os.DirFS(chart)))
	out, err := run(t, "template", "platform", folder, "--namespace", system)
	must(t, err)
	return out
}

// parsed is the content of a text in YAML or JSON.
func parsed(t *testing.T, text string) any {
	t.Helper()
	var content any
	must(t, yaml.Unmarshal([]byte(text), &content))
	return content
}

func objectOf(t *testing.T, objects []*unstructured.Unstructured, kind, name string) *unstructured.Unstructured {
	t.Helper()
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == kind && o.GetName() == name })
	if i < 0 {
		t.Fatalf("there is no %s %s", kind, name)
	}
	return objects[i]
}
