package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/bounds"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/mark"
)

// given is a FluxMonitoring in the namespace monitoring.
const given = "apiVersion: fluxmonitoring.dev/v1alpha1\nkind: FluxMonitoring\nmetadata: {name: flux, namespace: monitoring}\n"

// placeless is one without a namespace.
const placeless = "apiVersion: fluxmonitoring.dev/v1alpha1\nkind: FluxMonitoring\nmetadata: {name: flux}\n"

// written is a file of this content.
func written(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.yaml")
	must(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

// kindsIn are the kinds and names in a stream of YAML.
func kindsIn(stream string) []string {
	var all []string
	kind := ""
	for line := range strings.Lines(stream) {
		if name, is := strings.CutPrefix(line, "kind: "); is {
			kind = strings.TrimSpace(name)
		}
		if name, is := strings.CutPrefix(line, "  name: "); is {
			all = append(all, kind+"/"+strings.TrimSpace(name))
		}
	}
	return all
}

func TestTheMinimalSampleIsRenderedForAnOrdinaryCluster(t *testing.T) {
	g := NewWithT(t)
	out, messages := succeeded(t, "", "render", "-f", minimal)
	g.Expect(kindsIn(out)).To(Equal([]string{
		"PodMonitor/flux", "PodMonitor/flux-exporter", "PodMonitor/flux-fluxmonitoring", "PrometheusRule/flux",
		"ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane", "ConfigMap/flux-dashboard-resource",
		"ConfigMap/flux-dashboard-fluxmonitoring",
	}))
	g.Expect(out).NotTo(ContainSubstring("ownerReferences"))
	g.Expect(out).NotTo(ContainSubstring(mark.DigestAnnotation))
	g.Expect(messages).To(Equal(`# monitoring/flux Ready=True Applied: Flux v2.9 in flux-system: PodMonitor, PrometheusRule and dashboards applied
# monitoring/flux Proven=Unknown LinkUnknown: Scraped is Unknown: Selected
# monitoring/flux Scraped=Unknown Selected: selected by Prometheus monitoring/prometheus, which has not been asked yet
# monitoring/flux ResourceMetrics=True Served: the metrics source is Exporter, because the controllers of Flux v2.9 do not export the state of their objects
# monitoring/flux RulesHealthy=Unknown Selected: selected by Prometheus monitoring/prometheus, which has not been asked yet
# monitoring/flux AlertsEffective=Unknown Selected: selected by Prometheus monitoring/prometheus, which has not been asked yet
# monitoring/flux DashboardsLoaded=True Loaded: Grafana monitoring/grafana loads the dashboards
`))
	again, _ := succeeded(t, "", "render", "--filename", minimal)
	g.Expect(again).To(Equal(out), "the same file gives the same bytes")
}

func TestJSONIsOneListOfTheSameObjects(t *testing.T) {
	g := NewWithT(t)
	out, _ := succeeded(t, "", "render", "-f", minimal, "-o", "json")
	list := &unstructured.UnstructuredList{}
	g.Expect(json.Unmarshal([]byte(out), list)).To(Succeed())
	g.Expect(list.GetKind()).To(Equal("List"))
	var all []string
	for _, item := range list.Items {
		all = append(all, item.GetKind()+"/"+item.GetName())
	}
	documents, _ := succeeded(t, "", "render", "-f", minimal)
	g.Expect(all).To(Equal(kindsIn(documents)))
}

func TestSeveralFilesAreRenderedInTheirOrder(t *testing.T) {
	g := NewWithT(t)
	const lean = "spec: {dashboards: {enabled: false}, scrape: {enabled: false}}\n"
	out, messages := succeeded(t, strings.Replace(given, "name: flux", "name: second", 1)+lean, "render", "-f", written(t, given+lean), "-f", "-")
	g.Expect(messages).To(MatchRegexp(`(?s)^# monitoring/flux .*\n# monitoring/second `))
	g.Expect(kindsIn(out)).To(Equal([]string{"PrometheusRule/flux", "PrometheusRule/second"}))
}

func TestNamespaceDefaultsToTheFlag(t *testing.T) {
	g := NewWithT(t)
	out, messages := succeeded(t, placeless, "render", "-f", "-", "-n", "observability")
	g.Expect(messages).To(HavePrefix("# observability/flux Ready=True "))
	g.Expect(out).To(ContainSubstring("\n  namespace: observability\n"))
	_, messages = succeeded(t, given, "render", "-f", "-", "-n", "monitoring")
	g.Expect(messages).To(HavePrefix("# monitoring/flux Ready=True "))
}

func TestAStoredFluxMonitoringIsRenderedWithItsOwner(t *testing.T) {
	g := NewWithT(t)
	out, _ := succeeded(t, strings.Replace(given, "}", ", uid: an-identity}", 1)+"spec: {dashboards: {enabled: false}, alerts: {enabled: false}}\n",
		"render", "-f", "-")
	g.Expect(kindsIn(out)).To(ContainElement("PodMonitor/flux"))
	g.Expect(out).To(ContainSubstring("uid: an-identity"))
	g.Expect(out).To(ContainSubstring(mark.DigestAnnotation + ": sha256:"))
}

// servingOnly are facts of a cluster that serves, of the kinds of objects for Prometheus, only one.
func servingOnly(t *testing.T, kind string) string {
	t.Helper()
	return written(t, `
flux:
- namespace: flux-system
  version: v2.9.5
  controllers: [{name: source-controller, app: source-controller, component: source-controller, version: v1.9.6}]
prometheuses:
- {kind: Prometheus, namespace: prometheus, name: k8s, podMonitors: {objects: {matchLabels: {release: stack}}}, rules: {}}
serves: [monitoring.coreos.com/v1/`+kind+`, monitoring.coreos.com/v1/Prometheus]
operatorNamespace: operators
waits: null
`)
}

func TestFactsDecideWhatIsRendered(t *testing.T) {
	g := NewWithT(t)
	out, messages := succeeded(t, "", "render", "-f", minimal, "--facts", servingOnly(t, "PodMonitor"))
	g.Expect(kindsIn(out)).NotTo(ContainElement("PrometheusRule/flux"), "its kind is not served")
	g.Expect(out).To(ContainSubstring("- operators"), "Prometheus scrapes the namespace of the operator")
	g.Expect(out).NotTo(ContainSubstring("kustomize-controller"))
	g.Expect(messages).To(And(
		ContainSubstring("# monitoring/flux Ready=False APIMissing: PrometheusRule not applied, because the kind is not served: "+
			"install CRD prometheusrules.monitoring.coreos.com\n"),
		ContainSubstring("# monitoring/flux Scraped=False NotSelected: Prometheus prometheus/k8s: spec.podMonitorNamespaceSelector is not set"),
		ContainSubstring("# monitoring/flux AlertsEffective=False APIMissing: the cluster does not serve PrometheusRule, see Ready\n")))

	_, messages = succeeded(t, "", "render", "-f", minimal, "--facts", servingOnly(t, "PrometheusRule"))
	g.Expect(messages).To(And(
		ContainSubstring("# monitoring/flux Ready=False APIMissing: PodMonitor not applied, because the kind is not served: "+
			"install CRD podmonitors.monitoring.coreos.com\n"),
		ContainSubstring("# monitoring/flux Scraped=False APIMissing: the cluster does not serve PodMonitor, see Ready\n"),
		ContainSubstring("# monitoring/flux AlertsEffective=False APIMissing: the cluster does not serve PodMonitor, see Ready")))
}

func TestTheEffectIsUnknownWithoutAPrometheus(t *testing.T) {
	out, messages := succeeded(t, given+"spec: {notifications: {receivers: [{name: oncall, webhookConfigs: [{url: 'http://oncall.example'}]}]}}\n", "render", "-f", "-", "--facts", written(t, `
flux:
- namespace: flux-system
  version: v2.9.5
  controllers: [{name: source-controller, app: source-controller, component: source-controller, version: v1.9.6}]
serves:
- monitoring.coreos.com/v1/PodMonitor
- monitoring.coreos.com/v1/PrometheusRule
- monitoring.coreos.com/v1alpha1/AlertmanagerConfig
- operator.victoriametrics.com/v1beta1/VMAgent
- operator.victoriametrics.com/v1beta1/VMAlert
operatorNamespace: operators
waits: null
`))
	g := NewWithT(t)
	g.Expect(kindsIn(out)).To(ContainElements("PodMonitor/flux", "PrometheusRule/flux", "AlertmanagerConfig/flux"))
	g.Expect(messages).To(And(
		ContainSubstring("# monitoring/flux Scraped=Unknown NoPrometheus: the cluster does not serve Prometheus. "+
			"The operator cannot see whether VMAgent scrapes Flux: check there\n"),
		ContainSubstring("# monitoring/flux AlertsEffective=Unknown NoPrometheus: the cluster does not serve Prometheus. "+
			"The operator cannot see whether VMAlert evaluates the alerts: check there\n")))
}

func TestTheErrorNamesTheFaultAndTheSolution(t *testing.T) {
	const broken = "spec: {alerts: {additionalGroups: [{name: own, rules: [{alert: Own, expr: 'up =='}]}]}}\n"
	for _, c := range []struct {
		name, in string
		args     []string
		message  string
	}{
		{"a file that is not there", "", []string{"-f", "nowhere.yaml"}, "open nowhere.yaml: no such file or directory"},
		{"a file without one", "kind: ConfigMap\napiVersion: v1\n", []string{"-f", "-"}, "-: it has no fluxmonitoring.dev/v1alpha1 FluxMonitoring"},
		{"no namespace", placeless, []string{"-f", "-"}, "-: FluxMonitoring flux has no metadata.namespace: add it, or use --namespace"},
		{"another namespace", given, []string{"-f", "-", "-n", "other"},
			"-: FluxMonitoring flux is in namespace monitoring, not in that of --namespace: leave the flag out, or change the file"},
		{"what the API server refuses", given + "spec: {scrape: {every: 1m}}", []string{"-f", "-"}, "-: FluxMonitoring flux: unknown field spec.scrape.every"},
		{"a document that is too large", given + "spec: {patches: [" + strings.Repeat(" ", bounds.Document) + "]}", []string{"-f", "-"},
			"-: document 1: it has 3145855 bytes, more than the 3145728 that the API server takes"},
		{"facts that are too large", given, []string{"-f", "-", "--facts", written(t, strings.Repeat(" ", bounds.Document+1))},
			"it is longer than 3145728 bytes"},
		{"facts and a flag", given, []string{"-f", "-", "--facts", minimal, "--metrics-secure"},
			"the file of --facts has what --metrics-secure sets: leave the flag out, or change the file"},
		{"what the operator refuses, in each of them", given + broken + "---\n" + strings.Replace(given, "name: flux", "name: second", 1) + broken, []string{"-f", "-"},
			"FluxMonitoring monitoring/flux: InvalidSpec: spec.alerts.additionalGroups[0].rules[0].expr: 1:6: unexpected end of input\n" +
				"FluxMonitoring monitoring/second: InvalidSpec: spec.alerts.additionalGroups[0].rules[0].expr: 1:6: unexpected end of input"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			out, messages, code := ran(t, c.in, append([]string{"render"}, c.args...)...)
			g.Expect(code).To(Equal(1))
			g.Expect(messages).To(ContainSubstring("error: "))
			g.Expect(messages).To(HaveSuffix(c.message + "\n"))
			g.Expect(out).To(BeEmpty(), "a script would read it as a result")
		})
	}
}

func TestInvalidFactsAreRefused(t *testing.T) {
	for text, message := range map[string]string{
		"fluxes: []":                   `error unmarshaling JSON: while decoding JSON: json: unknown field "fluxes"`,
		"serves: [Pod]":                `"Pod" is no <group>/<version>/<kind>`,
		"waits: {A: {interval: soon}}": `waits.A: time: invalid duration "soon"`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := facts.ReadCluster([]byte(text))
			NewWithT(t).Expect(err).To(MatchError(message))
		})
	}
}

func TestYAMLIsDeterministic(t *testing.T) {
	value := map[string]any{
		"monitoring-5w9v5": "yes", "monitoring-6kh4q": "1", "monitoring-5abcd": "a\nb\n", "monitoring-5": 1.5, "monitoring-58xyz": int64(7),
		"monitoring-005": map[string]any{"5z": []any{"on", nil, true}, "58": map[string]any{}}, "flux-5w": "null",
	}
	g := NewWithT(t)
	text, err := encodeYAML(value)
	must(t, err)
	for range 100 {
		g.Expect(encodeYAML(value)).To(Equal(text))
	}
	read := map[string]any{}
	g.Expect(yaml.Unmarshal(text, &read)).To(Succeed())
	value["monitoring-58xyz"] = float64(7) // as JSON has it
	g.Expect(read).To(Equal(value))
}
