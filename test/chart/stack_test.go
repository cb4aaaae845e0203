package chart_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/util/jsonpath"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/stack"
	teststack "github.com/fluxmonitoring/operator/test/cluster/stack"
)

// reached is a value that the operator sets for a chart, and the field of an object that the value reaches.
type reached struct{ Key, Object, Path, Gives string }

func TestEveryValueOfTheStackReachesItsField(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "chart")
	must(t, teststack.Chart(t.Context(), folder))
	var table []reached
	must(t, yaml.Unmarshal([]byte(read(t, root+"/test/testdata/stack/keys.yaml")), &table))
	var keys []string
	for _, r := range table {
		keys = append(keys, r.Key)
	}
	values := valuesOfTheStack()
	for key := range flat(&unstructured.Unstructured{Object: values}) {
		NewWithT(t).Expect(keys).To(ContainElement(key))
	}
	released := releaseOf(t, folder, values)
	for _, r := range table {
		t.Run(r.Key+" at "+r.Object, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(r.in(t, released)).To(Equal(r.Gives))
			other := releaseOf(t, folder, otherwise(values, r.Key).(map[string]any))
			NewWithT(t).Expect(r.in(t, other)).NotTo(Equal(r.Gives), "with another value")
		})
	}
}

// valuesOfTheStack are those that the operator sets for a FluxMonitoring with every field that has an influence.
func valuesOfTheStack() map[string]any {
	s := &v1alpha1.KubePrometheusStack{}
	s.Grafana.ExternalURL = "https://grafana.example.com"
	s.Prometheus.ExternalURL = "https://prometheus.example.com"
	s.Alertmanager.ExternalURL = "https://alertmanager.example.com"
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "flux"}}
	fm.Spec.Stack = &v1alpha1.StackSpec{KubePrometheusStack: s}
	return stack.Values(fm)
}

// releaseOf are the objects of the chart in a folder with values.
func releaseOf(t *testing.T, folder string, values map[string]any) []*unstructured.Unstructured {
	t.Helper()
	out, err := tryRenderChart(t, folder, "flux-stack", "monitoring", text(t, values))
	must(t, err)
	return decode(t, out)
}

func text(t *testing.T, values map[string]any) string {
	t.Helper()
	content, err := yaml.Marshal(values)
	must(t, err)
	return string(content)
}

// otherwise is a tree of values with another value at a key.
func otherwise(tree any, key string) any {
	switch now := tree.(type) {
	case map[string]any:
		changed := map[string]any{}
		for name, value := range now {
			if changed[name] = value; key == name || strings.HasPrefix(key, name+".") {
				changed[name] = otherwise(value, strings.TrimPrefix(strings.TrimPrefix(key, name), "."))
			}
		}
		return changed
	case bool:
		return !now
	default:
		return "other"
	}
}

// in is the value of the field among objects; empty if there is no such object.
func (r reached) in(t *testing.T, objects []*unstructured.Unstructured) string {
	t.Helper()
	kind, name, _ := strings.Cut(r.Object, "/")
	o := byName(objects)[kind+" "+name]
	if o == nil {
		return ""
	}
	path := jsonpath.New(r.Key).AllowMissingKeys(true)
	must(t, path.Parse("{"+r.Path+"}"))
	var found bytes.Buffer
	must(t, path.Execute(&found, o.Object))
	return found.String()
}
