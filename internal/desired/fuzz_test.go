package desired

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fluxcd/pkg/apis/kustomize"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/test/cost"
)

// The ceilings of what a spec may cost, whatever it holds: far above what any that is refused costs, and far below what a bomb takes.
const (
	mostAllocated = 800 * mebibyte
	longest       = 20 * time.Second
	// longestFault is how many bytes an error may have.
	longestFault = 8 << 10
)

// FuzzPatches applies whatever two patches may be, one after the other.
func FuzzPatches(f *testing.F) {
	const merge = "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: flux, namespace: monitoring}\nspec: "
	for _, seed := range []string{
		"", "{}", "[]", laughs(), doublings(3), doublings(18), merge + "{sampleLimit: 1}", merge + "null", merge + laughs(),
		merge + "{$patch: delete}", merge + "{$patch: replace}", merge + "{podMetricsEndpoints: [{$patch: replace}]}",
		merge + strings.Repeat("{a: ", 90) + strings.Repeat("}", 90), "$setElementOrder/podMetricsEndpoints: []",
		`[{"op": "copy", "from": "", "path": "/spec/a"}]`, `[{"op": "remove", "path": ""}]`, `[{"op": "replace", "path": "", "value": {}}]`,
		`[{"op": "add", "path": "/spec/podMetricsEndpoints/99999999999", "value": 1}]`, `[{"op": "test", "path": "/~01~/", "value": 1e999}]`,
		"- {op: add, path: /spec/a, value: " + strings.Repeat("[", 90) + strings.Repeat("]", 90) + "}", "--- !a\n? b\n: c\n", "a: 0x1p-2\n\t",
	} {
		f.Add(seed, "PodMonitor|PrometheusRule", "app.kubernetes.io/name")
		f.Add(seed, "", "")
	}
	f.Add("{}", "(x{1000}){20}", "!!")
	objects := objectsOf(f, "dashboards: {enabled: false}")
	f.Fuzz(func(t *testing.T, patch, kind, selector string) {
		all := repeated(2, &kustomize.Selector{Kind: kind, LabelSelector: selector}, patch)
		checkSpec(t, func() error {
			_, err := applyPatches(objects, append(all, kustomize.Patch{Patch: patch}))
			return err
		})
	})
}

// FuzzRules makes the objects of a spec with whatever a group of rules may be, as the API server hands it over.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{
		"{}", `{"name":"a"}`, `{"name":"a","rules":[{"record":"a:b","expr":1}]}`, `{"name":"a","interval":"1y","rules":[{"alert":"A","expr":"up","for":"9999999999y"}]}`,
		`{"name":"a","rules":[{"alert":"A","expr":"` + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000) + `"}]}`,
		`{"name":"a","rules":[{"alert":"A","expr":"a{b=~\"(x{1000}){20}\"}"}]}`,
		`{"name":"a","rules":[{"alert":"A","expr":"up","annotations":{"a":"{{ range (query \"up\") }}{{ end }}"},"labels":{"fluxmonitoring":"a/b","\u0000":"{{"}}]}`,
		`{"name":"a","rules":[` + strings.Repeat(`{"record":"a:b","expr":"`+strings.Repeat("-", 500)+`1"},`, 99) + `{"expr":"1"}]}`,
		`{"name":"a","limit":-1,"query_offset":"x","labels":{"":""},"rules":[{"alert":"FluxControllerDown","record":"up","expr":"@start()[1s:]"}]}`,
	} {
		f.Add([]byte(seed))
	}
	cluster := everything()
	objectsOf(f, "dashboards: {enabled: false}") // what is made once is made
	f.Fuzz(func(t *testing.T, raw []byte) {
		var group monitoringv1.RuleGroup
		if json.Unmarshal(raw, &group) != nil {
			return // the API server refuses it
		}
		fm := monitoring(t, "dashboards: {enabled: false}")
		fm.Spec.Alerts.AdditionalGroups = []monitoringv1.RuleGroup{group, group}
		checkSpec(t, func() error {
			_, err := Objects(fm, cluster)
			return err
		})
	})
}

// checkSpec expects the work on a spec to stay below the ceilings, and an error to be a ConfigurationError and short.
func checkSpec(t *testing.T, work func() error) {
	t.Helper()
	var err error
	allocated, took := cost.Of(func() { err = work() })
	if allocated > mostAllocated {
		t.Errorf("%d bytes are allocated", allocated)
	}
	if took > longest {
		t.Errorf("it takes %s", took)
	}
	var invalid *ConfigurationError
	if err != nil && (!errors.As(err, &invalid) || len(err.Error()) > longestFault) {
		t.Errorf("the error is %T %.2000s", err, err)
	}
}
