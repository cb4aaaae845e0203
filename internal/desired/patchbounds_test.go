package desired

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cost"
)

const mebibyte = 1 << 20

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

func list(times int, of string) string { return strings.TrimSuffix(strings.Repeat(of+",", times), ",") }

func repeated(times int, target *kustomize.Selector, patch string) []kustomize.Patch {
	var all []kustomize.Patch
	for range times {
		all = append(all, kustomize.Patch{Target: target, Patch: patch})
	}
	return all
}

func patches(t *testing.T, all []kustomize.Patch) *v1alpha1.FluxMonitoring {
	fm := monitoring(t, "{}")
	fm.Spec.Patches = all
	return fm
}

func TestAPatchThatExpandsIsRefusedBeforeItDoes(t *testing.T) {
	var (
		one   = &kustomize.Selector{Kind: "PodMonitor", Name: "flux"}
		every = &kustomize.Selector{}
	)
	const (
		anchor = "the anchor &a0 is not allowed: write the value out wherever it is needed"
		work   = "spec.patches: the patches are too much work: give them targets that match fewer objects, or join them"
		head   = "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: flux, namespace: monitoring}\nspec:\n"
	)
	for name, c := range map[string]struct {
		patches []kustomize.Patch
		says    string
	}{
		"aliases of aliases":              {repeated(1, one, laughs()), "spec.patches[0]: line 1: " + anchor},
		"aliases in a strategic merge":    {repeated(1, nil, head+"  "+strings.ReplaceAll(laughs(), "\n", "\n  ")), "spec.patches[0]: line 5: " + anchor},
		"aliases in the second document":  {repeated(1, nil, head+"  a: 1\n---\n"+laughs()), "spec.patches[0]: line 7: " + anchor},
		"aliases in a JSON patch":         {repeated(1, one, "- {op: add, path: /spec/a, value: {b: &a0 [x], c: *a0}}"), "spec.patches[0]: line 1: " + anchor},
		"aliases by merge keys":           {repeated(1, one, "a: &a0 {x: 1}\nb: {<<: *a0}\n"), "spec.patches[0]: line 1: " + anchor},
		"copies of copies":                {repeated(1, one, doublings(18)), copied},
		"a copy of the whole into itself": {repeated(1, one, "["+list(200, `{"op": "copy", "from": "/spec", "path": "/spec/a"}`)+"]"), copied},
		"many operations on every object": {repeated(7, every, "["+list(900, `{"op": "add", "path": "/metadata/labels/a", "value": "b"}`)+"]"), work},
		"insertions before many items":    {append(repeated(1, one, `[{"op": "add", "path": "/spec/a", "value": [`+list(30000, "1")+`]}]`), repeated(6, one, "["+list(1300, `{"op": "add", "path": "/spec/a/0", "value": 1}`)+"]")...), work},
		"many keys":                       {repeated(7, every, "{apiVersion: v1, kind: a, metadata: {name: b}, spec: {"+keys(4000)+"}}"), work},
		"lists within lists":              {repeated(1, one, `[{"op": "add", "path": "/spec/a", "value": `+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+"}]"), "spec.patches[0]: line 1: it nests deeper than 100 levels"},
		"a list that never ends":          {repeated(1, one, strings.Repeat("[", 60000)), "spec.patches[0]: yaml: exceeded max depth of 10000"},
		"many documents":                  {repeated(1, nil, strings.Repeat(head+"  a: 1\n---\n", 101)), "spec.patches[0]: line 600: more than 100 documents"},
		"a long patch":                    {repeated(1, one, strings.Repeat("#", 65537)), "spec.patches[0]: the patch has 65537 bytes, more than the 65536 allowed"},
		"long patches":                    {repeated(9, one, strings.Repeat("#", 65536)), "spec.patches: all patches together have 589824 bytes, more than the 524288 allowed"},
		"many patches":                    {repeated(101, one, "{}"), "spec.patches: 101 patches, more than the 100 allowed"},
		"a target that expands":           {repeated(1, &kustomize.Selector{Name: strings.Repeat("x{1000}", 20)}, "{}"), `spec.patches[0]: target: the regular expression "` + strings.Repeat("x{1000}", 20) + `" expands to 40001 steps, more than the 20000 allowed: repeat less`},
		"a target that is long":           {repeated(1, &kustomize.Selector{LabelSelector: strings.Repeat("x", 5000)}, "{}"), "spec.patches[0]: target: a regular expression has 5000 bytes, more than the 4096 allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fm, cluster := patches(t, c.patches), everything()
			_, err := Objects(patches(t, nil), cluster) // what is made once is made
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(cost.Allocated(func() { _, err = Objects(fm, cluster) })).To(BeNumerically("<", 500*mebibyte))
			var invalid *ConfigurationError
			g.Expect(errors.As(err, &invalid)).To(BeTrue())
			g.Expect(err).To(MatchError(c.says))
		})
	}
}

// copied is what is said of a patch that copies too much.
const copied = "spec.patches: the operations copy of a patch add more than 65536 bytes to an object: copy less"

// keys are so many keys of a map.
func keys(count int) string {
	var all strings.Builder
	for i := range count {
		fmt.Fprintf(&all, "a%d: 1, ", i)
	}
	return all.String()
}

func TestTheBombsOfAFewHundredBytesCostNothing(t *testing.T) {
	for name, text := range map[string]string{"aliases": laughs(), "copies": doublings(18)} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			objects, err := Objects(monitoring(t, "dashboards: {enabled: false}"), everything())
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(len(text)).To(BeNumerically("<", 2500))
			g.Expect(cost.Allocated(func() {
				_, err = applyPatches(objects, repeated(1, &kustomize.Selector{Kind: "PodMonitor", Name: "flux"}, text))
			})).To(BeNumerically("<", 32*mebibyte))
			g.Expect(err).To(HaveOccurred())
		})
	}
}

func TestAnErrorThatQuotesThePatchIsShort(t *testing.T) {
	g := NewWithT(t)
	_, err := Objects(patches(t, repeated(1, &kustomize.Selector{}, strings.Repeat("anything ", 5000))), everything())
	g.Expect(err).To(MatchError(HavePrefix("spec.patches: unable to parse SM or JSON patch from [patch: \"anything")))
	g.Expect(len(err.Error())).To(BeNumerically("<", 1100))
}

func TestPatchesOfAllKindsAreWithinTheBounds(t *testing.T) {
	g := NewWithT(t)
	objects, err := Objects(patches(t, append(
		repeated(3, &kustomize.Selector{}, `[{"op": "add", "path": "/metadata/labels/size", "value": "large"}]`),
		repeated(10, &kustomize.Selector{Kind: "PrometheusRule"}, `[{"op": "copy", "from": "/spec/groups/0/name", "path": "/metadata/labels/first"}]`)...,
	)), everything())
	g.Expect(err).NotTo(HaveOccurred())
	for _, o := range objects {
		g.Expect(o.GetLabels()).To(HaveKeyWithValue("size", "large"))
	}
}
