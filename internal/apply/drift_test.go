package apply

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	configMapContent = `{metadata: {labels: {team: a}}, data: {a: "1", b: ""}, binaryData: {c: aGVsbG8=}}`
	// endpointContent has a relabeling with its action and one without, and a label selector that is empty in part.
	endpointContent = `spec:
  podTargetLabels: [app]
  podMetricsEndpoints:
  - {port: http-prom, interval: 30s, honorLabels: true, metricRelabelings: [
      {sourceLabels: [a], regex: b, action: drop}, {sourceLabels: [c], regex: d, targetLabel: e}]}
  - {port: other, honorLabels: false}
  sampleLimit: 3
  namespaceSelector: {matchNames: [apps]}
  selector: {matchLabels: {}, matchExpressions: [{key: app, operator: In, values: [a]}]}
`
	rulesContent = `spec:
  groups:
  - {name: one, interval: 30s, rules: [{alert: A, expr: up, for: 30s, labels: {severity: info}}]}
  - {name: two, interval: 30s, rules: [{alert: B, expr: up, for: 30s, labels: {severity: info, team: a}}]}
`
)

// Another client changes or removes any single field of an applied object: the object is no longer in sync, and the next run restores the field.
func TestAnyDriftIsSeenAndUndone(t *testing.T) {
	p := newPlace(t)
	var refused []string
	count := 0
	for _, c := range []struct {
		kind    schema.GroupVersionKind
		content string
	}{{configMaps, configMapContent}, {podMonitors, endpointContent}, {podMonitors, podMonitorContent}, {rules, rulesContent}} {
		for _, leaf := range leaves(p.desired(c.kind, "x", c.content).Object) {
			for _, change := range []string{leaf.removal(), leaf.change()} {
				count++
				g := NewWithT(t)
				w := p.desired(c.kind, fmt.Sprint("x", count), c.content)
				g.Expect(p.execute(w)).To(ContainElement("created " + c.kind.Kind + "/" + w.GetName()))
				g.Expect(InSync(w, p.metadata(w))).To(BeTrue(), "as applied")

				if err := as("kubectl").Patch(t.Context(), w.DeepCopy(), client.RawPatch(types.JSONPatchType, []byte(change))); err != nil {
					refused = append(refused, leaf.path)
					continue
				}
				g.Expect(InSync(w, p.metadata(w))).To(BeFalse(), "after %s", change)
				g.Expect(p.execute(w)).To(ContainElement("restored " + c.kind.Kind + "/" + w.GetName()))
				g.Expect(InSync(w, p.metadata(w))).To(BeTrue(), "restored after %s", change)
				read := w.DeepCopy()
				must(t, server.Get(t.Context(), client.ObjectKeyFromObject(w), read))
				if !strings.HasSuffix(leaf.path, "/name") {
					g.Expect(leavesByPath(read.Object)).To(HaveKeyWithValue(leaf.path, BeEquivalentTo(leavesByPath(w.Object)[leaf.path])))
				}
			}
		}
	}
	NewWithT(t).Expect(refused).To(ConsistOf(
		"/spec/selector/matchExpressions/0/key", "/spec/selector/matchExpressions/0/operator",
		"/spec/groups/0/name", "/spec/groups/0/rules/0/expr", "/spec/groups/1/name", "/spec/groups/1/rules/0/expr",
	), "the API server refuses to remove a required field")
}

// leaf is a scalar of an object, at a JSON pointer.
type leaf struct {
	path  string
	value any
}

func (l leaf) removal() string { return fmt.Sprintf(`[{"op":"remove","path":%q}]`, l.path) }

// change gives the leaf another value that its schema is likely to allow.
func (l leaf) change() string {
	var to any
	switch v := l.value.(type) {
	case bool:
		to = !v
	case float64:
		to = v + 1
	case string:
		to = map[string]string{"30s": "31s", "drop": "keep", "In": "NotIn", "aGVsbG8=": "aGVsbG8h"}[v]
		if to == "" {
			to = v + "x"
		}
	}
	content, _ := json.Marshal([]map[string]any{{"op": "replace", "path": l.path, "value": to}})
	return string(content)
}

// leaves are the scalars of an object, without its identity.
func leaves(o map[string]any) []leaf {
	byPath := leavesByPath(o)
	for _, identity := range []string{"/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"} {
		delete(byPath, identity)
	}
	var all []leaf
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		all = append(all, leaf{path, byPath[path]})
	}
	return all
}

func leavesByPath(o map[string]any) map[string]any {
	found := map[string]any{}
	collect(found, "", o)
	return found
}

func collect(found map[string]any, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			collect(found, path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), member)
		}
	case []any:
		for i, item := range v {
			collect(found, fmt.Sprintf("%s/%d", path, i), item)
		}
	default:
		found[path] = v
	}
}
