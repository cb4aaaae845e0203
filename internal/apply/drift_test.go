package apply

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// Whatever is applied is in sync; whatever single field of it another changes or removes, it no longer is; and what is
// done then brings it back in sync, and that field to its value.
func TestAnyDriftIsSeenAndUndone(t *testing.T) {
	p := newPlace(t)
	count := 0
	rapid.Check(t, func(r *rapid.T) {
		g := NewWithT(r)
		count++
		w := &unstructured.Unstructured{Object: contents().Draw(r, "desired")}
		w.SetNamespace(p.Namespace)
		w.SetName(fmt.Sprintf("x%d", count))
		w.SetLabels(map[string]string{mark.OwnerLabel: p.Name, "team": "a"})
		g.Expect(mark.SetDigest(w)).To(Succeed())

		p.do(g, w, Created)
		g.Expect(InSync(w, p.now(g, w))).To(BeTrue(), "as applied")

		leaf := rapid.SampledFrom(leaves(w.Object)).Draw(r, "leaf")
		change := leaf.removal()
		if rapid.Bool().Draw(r, "changed, not removed") {
			change = leaf.change()
		}
		err := as("kubectl").Patch(t.Context(), w.DeepCopy(), client.RawPatch(types.JSONPatchType, change))
		if err != nil {
			r.Skip("the API server does not allow it") // such as a required field removed
		}
		g.Expect(InSync(w, p.now(g, w))).To(BeFalse(), "after %s", change)

		p.do(g, w, Restored)
		g.Expect(InSync(w, p.now(g, w))).To(BeTrue(), "restored")
		read := w.DeepCopy()
		g.Expect(server.Get(t.Context(), client.ObjectKeyFromObject(w), read)).To(Succeed())
		if !strings.HasSuffix(leaf.path, "/name") {
			g.Expect(leavesByPath(read.Object)).To(HaveKeyWithValue(leaf.path, leaf.value))
		}
	})
}

// now is the object's metadata as a cache would hold it.
func (p *place) now(g *WithT, w *unstructured.Unstructured) *metav1.PartialObjectMetadata {
	read := &metav1.PartialObjectMetadata{}
	read.SetGroupVersionKind(w.GroupVersionKind())
	g.Expect(server.Get(p.t.Context(), client.ObjectKeyFromObject(w), read)).To(Succeed())
	kept, err := Strip(read)
	g.Expect(err).NotTo(HaveOccurred())
	return kept.(*metav1.PartialObjectMetadata)
}

// do carries out one change to a desired object.
func (p *place) do(g *WithT, w *unstructured.Unstructured, action Action) {
	change := Change{Action: action, Kind: w.GroupVersionKind(), Name: w.GetName(), Desired: w}
	_, failures := p.applier.Execute(p.t.Context(), server, p.Owner, []Change{change})
	g.Expect(failures).To(BeEmpty())
}

// leaf is one scalar of an object, at a JSON pointer.
type leaf struct {
	path  string
	value any
}

func (l leaf) removal() []byte { return []byte(fmt.Sprintf(`[{"op":"remove","path":%q}]`, l.path)) }

// change gives the leaf another value that its schema is likely to allow.
func (l leaf) change() []byte {
	var to any
	switch v := l.value.(type) {
	case bool:
		to = !v
	case int64:
		to = v + 1
	case string:
		to = map[string]string{"30s": "31s", "drop": "keep", "In": "NotIn"}[v]
		if to == "" {
			to = v + "x"
		}
	}
	content, _ := json.Marshal([]map[string]any{{"op": "replace", "path": l.path, "value": to}})
	return content
}

// leaves are the scalars of an object, but for those that say what it is.
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

// contents draws an object of a kind that the operator applies.
func contents() *rapid.Generator[map[string]any] {
	return rapid.OneOf(configMap(), podMonitor(), prometheusRule())
}

func word() *rapid.Generator[string] { return rapid.StringMatching(`[a-z]{1,5}`) }

func configMap() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		o := map[string]any{"apiVersion": "v1", "kind": "ConfigMap"}
		o["data"] = words(t, "data", 1)
		if rapid.Bool().Draw(t, "more data") {
			o["binaryData"] = map[string]any{"binary": "aGVsbG8="}
		}
		return o
	})
}

func podMonitor() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		relabelings := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any {
			r := map[string]any{"sourceLabels": []any{word().Draw(t, "source")}, "regex": word().Draw(t, "regex")}
			if rapid.Bool().Draw(t, "the action written") {
				r["action"] = "drop"
			} else {
				r["targetLabel"] = word().Draw(t, "target")
			}
			return r
		}), 0, 2).Draw(t, "relabelings")
		endpoint := map[string]any{"port": "http-prom", "interval": "30s", "honorLabels": rapid.Bool().Draw(t, "honour")}
		if len(relabelings) > 0 {
			endpoint["metricRelabelings"] = relabelings
		}
		return map[string]any{"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor", "spec": map[string]any{
			"podTargetLabels":     []any{"app"},
			"podMetricsEndpoints": []any{endpoint},
			"sampleLimit":         int64(rapid.IntRange(1, 9).Draw(t, "limit")),
			"namespaceSelector":   map[string]any{"matchNames": []any{word().Draw(t, "namespace")}},
			"selector": map[string]any{
				"matchLabels":      words(t, "labels", 0),
				"matchExpressions": []any{map[string]any{"key": "app", "operator": "In", "values": []any{word().Draw(t, "app")}}},
			},
		}}
	})
}

func prometheusRule() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		var groups []any
		for i := range rapid.IntRange(1, 3).Draw(t, "groups") {
			groups = append(groups, map[string]any{"name": fmt.Sprintf("group-%d", i), "interval": "30s", "rules": []any{map[string]any{
				"alert": word().Draw(t, "alert"), "expr": word().Draw(t, "expression"), "for": "30s", "labels": words(t, "labels", 1),
			}}})
		}
		return map[string]any{"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "spec": map[string]any{"groups": groups}}
	})
}

func words(t *rapid.T, name string, least int) map[string]any {
	drawn := map[string]any{}
	for key, value := range rapid.MapOfN(word(), word(), least, 3).Draw(t, name) {
		drawn[key] = value
	}
	return drawn
}
