package statemetrics

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// guide is the alert of Flux's guide, in the label's two spellings.
const guide = `
groups:
- name: guide
  rules:
  - alert: Honoured
    expr: max(gotk_reconcile_condition{status="False",type="Ready"}) by (namespace, name, kind) + on(namespace, name, kind) (max(gotk_reconcile_condition{status="Deleted"}) by (namespace, name, kind)) * 2 == 1
    for: 10m
  - alert: Exported
    expr: max(gotk_reconcile_condition{status="False",type="Ready"}) by (exported_namespace, name, kind) + on(exported_namespace, name, kind) (max(gotk_reconcile_condition{status="Deleted"}) by (exported_namespace, name, kind)) * 2 == 1
    for: 10m
`

// failing are the objects of testdata that the guide's alert fires for. It does not look at what is suspended.
var failing = []struct{ kind, namespace, name string }{
	{"Bucket", "default", "bucket"},
	{"ExternalArtifact", "default", "failing"},
	{"FluxMonitoring", "apps", "flux"},
	{"HelmRelease", "apps", "chart-ref"},
	{"Kustomization", "apps", "failing"},
	{"Kustomization", "apps", "suspended-failing"},
}

// guideFires gives what kube-state-metrics exposes to Prometheus's own tester of rules.
func guideFires(t *testing.T, p *process) {
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "rules.yaml"), []byte(guide), 0o644))
	var series []map[string]string
	for _, line := range p.scraped(NewWithT(t), text).series[flux.StateCondition] {
		at := strings.LastIndexByte(line, ' ')
		series = append(series, map[string]string{"series": line[:at], "values": line[at+1:] + "x15"})
	}
	alert := func(name, namespace string) map[string]any {
		expected := []any{}
		for _, o := range failing {
			expected = append(expected, map[string]any{"exp_labels": map[string]string{"kind": o.kind, namespace: o.namespace, "name": o.name}})
		}
		return map[string]any{"eval_time": "12m", "alertname": name, "exp_alerts": expected}
	}
	cases, err := yaml.Marshal(map[string]any{
		"rule_files": []string{"rules.yaml"},
		"tests": []any{map[string]any{
			"interval": "1m", "input_series": series,
			"alert_rule_test": []any{alert("Honoured", "namespace"), alert("Exported", "exported_namespace")},
		}},
	})
	must(t, err)
	file := filepath.Join(folder, "cases.yaml")
	must(t, os.WriteFile(file, cases, 0o644))
	promtool, err := cluster.Promtool(t.Context())
	must(t, err)
	output, err := exec.Command(promtool, "test", "rules", file).CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(output))
}
