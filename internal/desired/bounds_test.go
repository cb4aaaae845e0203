package desired

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cost"
)

const mebibyte = 1 << 20

var times = strings.Repeat

// laughs is YAML that expands to a million values.
func laughs() string {
	text := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 6; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, list(10, fmt.Sprintf("*a%d", i-1)))
	}
	return text
}

// doublings are operations that double an object so many times.
func doublings(times int) string {
	return `[{"op": "add", "path": "/spec/a", "value": ["0123456789abcdef"]},` +
		list(times, `{"op": "copy", "from": "/spec/a", "path": "/spec/b"}, {"op": "move", "from": "/spec/b", "path": "/spec/a/0"}`) + "]"
}

func list(count int, of string) string { return strings.TrimSuffix(times(of+",", count), ",") }

func repeated(times int, target *kustomize.Selector, patch string) []kustomize.Patch {
	return slices.Repeat([]kustomize.Patch{{Target: target, Patch: patch}}, times)
}

func patches(t *testing.T, all []kustomize.Patch) *v1alpha1.FluxMonitoring {
	fm := monitoring(t, "{}")
	fm.Spec.Patches = all
	return fm
}

func TestRefusedPatchesMatchTheGoldenFile(t *testing.T) {
	var (
		one   = &kustomize.Selector{Kind: "PodMonitor", Name: "flux"}
		every = &kustomize.Selector{}
	)
	const head = "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: flux, namespace: monitoring}\nspec:\n"
	given := map[string]*v1alpha1.FluxMonitoring{}
	for name, all := range map[string][]kustomize.Patch{
		"aliases of aliases":              repeated(1, one, laughs()),
		"aliases in a strategic merge":    repeated(1, nil, head+"  "+strings.ReplaceAll(laughs(), "\n", "\n  ")),
		"aliases in the second document":  repeated(1, nil, head+"  a: 1\n---\n"+laughs()),
		"aliases in a JSON patch":         repeated(1, one, "- {op: add, path: /spec/a, value: {b: &a0 [x], c: *a0}}"),
		"aliases by merge keys":           repeated(1, one, "a: &a0 {x: 1}\nb: {<<: *a0}\n"),
		"copies of copies":                repeated(1, one, doublings(18)),
		"a copy of the whole into itself": repeated(1, one, "["+list(200, `{"op": "copy", "from": "/spec", "path": "/spec/a"}`)+"]"),
		"many operations on every object": repeated(7, every, "["+list(900, `{"op": "add", "path": "/metadata/labels/a", "value": "b"}`)+"]"),
		"insertions before many items": append(repeated(1, one, `[{"op": "add", "path": "/spec/a", "value": [`+list(30000, "1")+`]}]`),
			repeated(6, one, "["+list(1300, `{"op": "add", "path": "/spec/a/0", "value": 1}`)+"]")...),
		"many keys":              repeated(7, every, "{apiVersion: v1, kind: a, metadata: {name: b}, spec: {"+keys(4000)+"}}"),
		"lists within lists":     repeated(1, one, `[{"op": "add", "path": "/spec/a", "value": `+times("[", 9000)+times("]", 9000)+"}]"),
		"a list that never ends": repeated(1, one, times("[", 60000)),
		"many documents":         repeated(1, nil, times(head+"  a: 1\n---\n", 101)),
		"a long patch":           repeated(1, one, times("#", 65537)),
		"long patches":           repeated(9, one, times("#", 65536)),
		"many patches":           repeated(101, one, "{}"),
		"a target that expands":  repeated(1, &kustomize.Selector{Name: times("x{1000}", 20)}, "{}"),
		"a target that is long":  repeated(1, &kustomize.Selector{LabelSelector: times("x", 5000)}, "{}"),
		"a patch that is quoted": repeated(1, every, times("anything ", 5000)),
	} {
		given[name] = patches(t, all)
	}
	expectRefused(t, "refused-patches.yaml", given, 500*mebibyte)
}

// keys are so many keys of a map.
func keys(count int) string {
	var all strings.Builder
	for i := range count {
		fmt.Fprintf(&all, "a%d: 1, ", i)
	}
	return all.String()
}

func TestASmallPatchThatExpandsCostsLittle(t *testing.T) {
	for name, text := range map[string]string{"aliases": laughs(), "copies": doublings(18)} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			objects := objectsOf(t, "dashboards: {enabled: false}")
			g.Expect(len(text)).To(BeNumerically("<", 2500))
			var err error
			g.Expect(cost.Allocated(func() {
				_, err = applyPatches(objects, repeated(1, &kustomize.Selector{Kind: "PodMonitor", Name: "flux"}, text))
			})).To(BeNumerically("<", 32*mebibyte))
			g.Expect(err).To(HaveOccurred())
		})
	}
}

func TestPatchesOfAllKindsAreWithinTheBounds(t *testing.T) {
	objects, err := Objects(patches(t, append(
		repeated(3, &kustomize.Selector{}, `[{"op": "add", "path": "/metadata/labels/size", "value": "large"}]`),
		repeated(10, &kustomize.Selector{Kind: "PrometheusRule"}, `[{"op": "copy", "from": "/spec/groups/0/name", "path": "/metadata/labels/first"}]`)...,
	)), everything())
	must(t, err)
	for _, o := range objects {
		NewWithT(t).Expect(o.GetLabels()).To(HaveKeyWithValue("size", "large"))
	}
}

// ruled is a FluxMonitoring with so many rules of an expression in one group.
func ruled(t *testing.T, count int, expr string) *v1alpha1.FluxMonitoring {
	fm := monitoring(t, "{dashboards: {enabled: false}}")
	group := monitoringv1.RuleGroup{Name: "mine"}
	for i := range count {
		group.Rules = append(group.Rules, monitoringv1.Rule{Alert: fmt.Sprintf("Mine%d", i), Expr: intstr.FromString(expr)})
	}
	fm.Spec.Alerts.AdditionalGroups = []monitoringv1.RuleGroup{group}
	return fm
}

func TestRefusedRulesMatchTheGoldenFile(t *testing.T) {
	expand := times("x{1000}", 9)
	expectRefused(t, "refused-rules.yaml", map[string]*v1alpha1.FluxMonitoring{
		"parentheses":                       ruled(t, 1, times("(", 30000)+"1"+times(")", 30000)),
		"a long expression":                 ruled(t, 1, times("x", 65537)),
		"a sum in many rules":               ruled(t, 250, "1"+times("+1", 450)),
		"regular expressions in many rules": ruled(t, 1000, `a{b=~"`+expand+`"}`),
		"many long expressions":             ruled(t, 20, `a{b="`+times("x", 60000)+`"}`),
		"a long annotation of every alert":  monitoring(t, "alerts: {annotations: {a: "+times("x", 8192)+"}}"),
		"a long annotation of one": monitoring(t, "alerts: {overrides: [{name: FluxControllerDown}, "+
			"{name: FluxResourceStalled, labels: {a: "+times("x", 8192)+"}}]}"),
		"a relabeling that expands":        monitoring(t, "scrape: {relabelings: [{action: drop, regex: '"+times("x{1000}", 11)+"'}]}"),
		"relabelings that expand together": monitoring(t, "scrape: {metricRelabelings: ["+list(6, "{action: drop, regex: '"+expand+"'}")+"]}"),
		"an expression by a patch":         monitoring(t, rulePatch(`add, path: /spec/groups/0/rules/0/expr, value: "`+times("(", 3000)+`"`)),
	}, 100*mebibyte)
}
