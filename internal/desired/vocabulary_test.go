package desired

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/golden"
	"github.com/fluxmonitoring/operator/test/rig"
)

// TestMain draws fewer cases than usual, unless a flag says otherwise: with the race detector, building one takes a while.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// What tests of several packages begin with.
var (
	monitoring, patch, selecting  = given.FluxMonitoring, given.Patch, given.Prometheus
	everything, exporting, fluxOf = given.Everything, given.Exporting, given.Flux
	must                          = rig.Must
)

// testCase is a FluxMonitoring and the facts that stand beside it.
type testCase struct {
	// FluxMonitoring as a user writes it, or Sample, the name of a file in config/samples.
	FluxMonitoring *v1alpha1.FluxMonitoring `json:"fluxMonitoring"`
	Sample         string                   `json:"sample"`
	// Whole shows the rules whole.
	Whole bool `json:"whole"`
	// Facts, of which a controller is written as name or name:version.
	Facts struct {
		Flux struct {
			Namespace   string   `json:"namespace"`
			Version     string   `json:"version"`
			Controllers []string `json:"controllers"`
		} `json:"flux"`
		// Bootstrap objects of Flux.
		Bootstrap flux.Bootstrap `json:"bootstrap"`
		// Deployments of the namespace, by which Flux is found instead.
		Deployments []appsv1.Deployment `json:"deployments"`
		// FluxKinds served, written as Kind/version.
		FluxKinds []string `json:"fluxKinds"`
		// FluxOperator is the namespace flux-operator runs in, Exporter the namespace the operator serves its exporter in, and
		// Metrics that in which it serves its own metrics.
		FluxOperator string `json:"fluxOperator"`
		Exporter     string `json:"exporter"`
		Metrics      string `json:"metrics"`

		// Served are the versions of the kinds that are served in more than one, each written as its apiVersion/kind.
		StackAllowed bool     `json:"stackAllowed"`
		Served       []string `json:"served"`

		NamespaceLabels map[string]string        `json:"namespaceLabels"`
		Prometheuses    []selection.Instance     `json:"prometheuses"`
		Alertmanagers   []selection.Alertmanager `json:"alertmanagers"`
	} `json:"facts"`
}

// read reads a case's given.yaml.
func read(t *testing.T, file string) (fm *v1alpha1.FluxMonitoring, facts facts.Facts, whole bool) {
	t.Helper()
	content, err := os.ReadFile(file)
	must(t, err)
	var g testCase
	must(t, yaml.UnmarshalStrict(content, &g))
	fm = g.FluxMonitoring
	if fm == nil {
		content, err = os.ReadFile(filepath.Join("../../config/samples", g.Sample))
		must(t, err)
		first, _, _ := strings.Cut(string(content), "\n---\n")
		fm = &v1alpha1.FluxMonitoring{}
		must(t, yaml.UnmarshalStrict([]byte(first), fm))
	}
	fm.UID = "uid-of-flux"
	facts.Flux = fluxOf(g.Facts.Flux.Version, g.Facts.Flux.Controllers...)
	facts.Flux.Namespace = g.Facts.Flux.Namespace
	if len(g.Facts.Deployments) > 0 {
		facts.Flux = observe.InstallationOf(g.Facts.Flux.Namespace, g.Facts.Deployments)
	}
	facts.Flux.Bootstrap, facts.FluxNamespaceExists = g.Facts.Bootstrap, true
	facts.NamespaceLabels, facts.Prometheuses = g.Facts.NamespaceLabels, g.Facts.Prometheuses
	facts.FluxOperatorNamespace, facts.Exporter.Namespace, facts.MetricsNamespace = g.Facts.FluxOperator, g.Facts.Exporter, g.Facts.Metrics
	facts.FluxKinds, facts.Alertmanagers = given.Kinds(g.Facts.FluxKinds...), g.Facts.Alertmanagers
	facts.Served = map[schema.GroupVersionKind]bool{}
	for _, written := range g.Facts.Served {
		apiVersion, kind := path.Split(written)
		facts.Served[schema.FromAPIVersionAndKind(strings.TrimSuffix(apiVersion, "/"), kind)] = true
	}
	facts.Stack.Allowed = g.Facts.StackAllowed
	return fm, facts, g.Whole
}

// bytesOf are the objects as they would be sent.
func bytesOf(g Gomega, objects []*unstructured.Unstructured) string {
	content, err := json.Marshal(objects)
	g.Expect(err).NotTo(HaveOccurred())
	return string(content)
}

// brief is an object as a golden file shows it. What package alerts renders has golden files of its own: unless it is to
// be whole, a rule is its name, its time and its labels.
func brief(o *unstructured.Unstructured, whole bool) any {
	result := elided("", o.Object).(map[string]any)
	if o.GetKind() == "AlertmanagerConfig" {
		return withInhibitionsInWords(result, o)
	}
	if whole || o.GetKind() != "PrometheusRule" {
		return result
	}
	for _, g := range result["spec"].(map[string]any)["groups"].([]any) {
		group := g.(map[string]any)
		for i, r := range group["rules"].([]any) {
			group["rules"].([]any)[i] = sentence(r.(map[string]any))
		}
	}
	return result
}

// withInhibitionsInWords has each inhibition of an AlertmanagerConfig in a line.
func withInhibitionsInWords(result map[string]any, o *unstructured.Unstructured) any {
	var lines []any
	for _, i := range pipeline.ListIn(o.Object, "spec", "inhibitRules") {
		rule := i.(map[string]any)
		matching := func(side string) string {
			var all []string
			for _, m := range pipeline.ListIn(rule, side) {
				matcher := m.(map[string]any)
				all = append(all, fmt.Sprint(matcher["name"], matcher["matchType"], matcher["value"]))
			}
			return strings.Join(all, ", ")
		}
		lines = append(lines, fmt.Sprintf("%s mutes %s, with the same %s", matching("sourceMatch"), matching("targetMatch"), pipeline.ListIn(rule, "equal")))
	}
	result["spec"].(map[string]any)["inhibitRules"] = lines
	return result
}

// sentence is a rule in one line.
func sentence(rule map[string]any) string {
	if record, ok := rule["record"]; ok {
		return fmt.Sprintf("record %s", record)
	}
	line := fmt.Sprintf("alert %s", rule["alert"])
	if holds, ok := rule["for"]; ok {
		line += fmt.Sprintf(" for %s", holds)
	}
	labels, _ := rule["labels"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		line += fmt.Sprintf(", %s=%s", key, labels[key])
	}
	return line
}

// elided is a value with what a reader of a golden file is not helped by cut short: dashboards, digests, long texts.
func elided(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		result := map[string]any{}
		for k, member := range v {
			result[k] = elided(k, member)
		}
		return result
	case []any:
		result := make([]any, 0, len(v))
		for _, item := range v {
			result = append(result, elided("", item))
		}
		return result
	case string:
		return cut(key, v)
	}
	return value
}

func cut(key, text string) string {
	switch {
	case strings.HasSuffix(key, ".json"), key == "json":
		return "a dashboard " + size(len(text))
	case strings.HasSuffix(key, ".yaml"):
		return "a file " + size(len(text))
	case strings.HasPrefix(text, "sha256:"):
		return "sha256:…"
	case len(text) > 100:
		return strings.ToValidUTF8(text[:90], "") + "…"
	}
	return text
}

// size is the class of a size: goldens need not change with every panel.
func size(n int) string {
	class := 1 << (bits.Len(uint(n)) - 1)
	return fmt.Sprintf("of %d to %d KiB", class>>10, class>>9)
}

// expectGolden compares documents with a file, or writes it with -update.
func expectGolden(t *testing.T, file string, documents []any) {
	t.Helper()
	var parts []string
	for _, d := range documents {
		content, err := yaml.Marshal(d)
		must(t, err)
		parts = append(parts, string(content))
	}
	golden.File(t, file, strings.Join(parts, "---\n"))
}

// objectsOf are the objects of a spec where everything is there.
func objectsOf(t testing.TB, spec string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := Objects(monitoring(t, spec), everything())
	must(t, err)
	return objects
}
