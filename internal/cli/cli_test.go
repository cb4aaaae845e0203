package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/observe"
)

const minimal = "../../config/samples/fluxmonitoring_minimal.yaml"

// ran is what a command has printed, and its error.
func ran(t *testing.T, in string, args ...string) (out, said string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err = Run(t.Context(), &Environment{
		In: strings.NewReader(in), Out: &stdout, Err: &stderr, Version: "v1.2.3",
		Cluster: func() (*rest.Config, error) { return nil, os.ErrNotExist },
	}, args)
	return stdout.String(), stderr.String(), err
}

// kinds are the kinds and names in a stream of YAML.
func kinds(stream string) []string {
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
	out, said, err := ran(t, "", "render", "-f", minimal)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(kinds(out)).To(Equal([]string{
		"PodMonitor/flux", "PodMonitor/flux-exporter", "PodMonitor/flux-fluxmonitoring", "PrometheusRule/flux",
		"ConfigMap/flux-dashboard-cluster", "ConfigMap/flux-dashboard-control-plane", "ConfigMap/flux-dashboard-resource",
		"ConfigMap/flux-dashboard-fluxmonitoring",
	}))
	g.Expect(out).NotTo(ContainSubstring("ownerReferences"))
	g.Expect(out).NotTo(ContainSubstring(apply.DigestAnnotation))
	g.Expect(said).To(Equal(`# monitoring/flux Ready=True Applied: Flux v2.9 in flux-system: PodMonitor, PrometheusRule and dashboards applied
# monitoring/flux Scraped=True Selected: taken up by Prometheus monitoring/prometheus
# monitoring/flux ResourceMetrics=True Served: told by Exporter: the controllers of Flux v2.9 do not tell the state of their objects
# monitoring/flux AlertsEffective=True Effective: every alert stands on metrics that are exposed here, is evaluated by ` +
		"Prometheus monitoring/prometheus and sent to its Alertmanager\n"))
	again, _, err := ran(t, "", "render", "--filename", minimal)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again).To(Equal(out), "the same file gives the same bytes")
}

func TestOneReadFromAClusterIsRenderedWithItsOwner(t *testing.T) {
	g := NewWithT(t)
	out, _, err := ran(t, "apiVersion: fluxmonitoring.dev/v1alpha1\nkind: FluxMonitoring\n"+
		"metadata: {name: flux, namespace: monitoring, uid: an-identity}\nspec: {dashboards: {enabled: false}, alerts: {enabled: false}}\n",
		"render", "-f", "-")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(kinds(out)).To(ContainElement("PodMonitor/flux"))
	g.Expect(out).To(ContainSubstring("uid: an-identity"))
	g.Expect(out).To(ContainSubstring(apply.DigestAnnotation + ": sha256:"))
}

func TestFactsDecideWhatIsRendered(t *testing.T) {
	g := NewWithT(t)
	file := filepath.Join(t.TempDir(), "facts.yaml")
	g.Expect(os.WriteFile(file, []byte(`
flux:
- namespace: flux-system
  version: v2.9.5
  controllers: [{name: source-controller, app: source-controller, component: source-controller, version: v1.9.6}]
prometheuses:
- {kind: Prometheus, namespace: prometheus, name: k8s, podMonitors: {objects: {matchLabels: {release: stack}}}, rules: {}}
serves: [monitoring.coreos.com/v1/PodMonitor, monitoring.coreos.com/v1/Prometheus]
operatorNamespace: operators
waits: null
`), 0o600)).To(Succeed())
	out, said, err := ran(t, "", "render", "-f", minimal, "--facts", file)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(kinds(out)).NotTo(ContainElement("PrometheusRule/flux"), "its kind is not served")
	g.Expect(out).To(ContainSubstring("- operators"), "the namespace of the operator is scraped")
	g.Expect(out).NotTo(ContainSubstring("kustomize-controller"))
	g.Expect(said).To(ContainSubstring("# monitoring/flux Ready=False APIMissing: "))
	g.Expect(said).To(ContainSubstring("# monitoring/flux Scraped=False ApplyFailed: "))
}

func TestWhatIsWrongIsSaidWithWhatToDo(t *testing.T) {
	const head = "apiVersion: fluxmonitoring.dev/v1alpha1\nkind: FluxMonitoring\nmetadata: {name: flux, namespace: monitoring}\n"
	for _, c := range []struct {
		name, in string
		args     []string
		said     string
	}{
		{"no file", "", []string{"render"}, "name a file with a FluxMonitoring by --filename, or - for standard input: see --help"},
		{"a file that is not there", "", []string{"render", "-f", "nowhere.yaml"}, "open nowhere.yaml: no such file or directory"},
		{"a file without one", "kind: ConfigMap\napiVersion: v1\n", []string{"render", "-f", "-"},
			"-: there is no fluxmonitoring.dev/v1alpha1 FluxMonitoring in it"},
		{"no namespace", strings.Replace(head, ", namespace: monitoring", "", 1), []string{"render", "-f", "-"},
			"-: FluxMonitoring flux has no metadata.namespace"},
		{"what the API server refuses", head + "spec: {scrape: {every: 1m}}", []string{"render", "-f", "-"},
			"-: FluxMonitoring flux: unknown field spec.scrape.every"},
		{"what the operator refuses", head + "spec: {alerts: {additionalGroups: [{name: own, rules: [{alert: Own, expr: 'up =='}]}]}}",
			[]string{"render", "-f", "-"}, "FluxMonitoring monitoring/flux: InvalidSpec: spec.alerts.additionalGroups[0].rules[0].expr: " +
				"1:6: unexpected end of input"},
		{"an argument too many", head, []string{"render", "-f", "-", "more"}, `unexpected argument "more": see --help`},
		{"no cluster", head, []string{"diff", "-f", "-"}, "file does not exist"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, _, err := ran(t, c.in, c.args...)
			g := NewWithT(t)
			g.Expect(err).To(MatchError(c.said))
			g.Expect(out).To(BeEmpty(), "nothing that a script could take for a result")
		})
	}
}

func TestFactsThatAreNoneAreRefused(t *testing.T) {
	for text, said := range map[string]string{
		"fluxes: []":                   `error unmarshaling JSON: while decoding JSON: json: unknown field "fluxes"`,
		"serves: [Pod]":                `"Pod" is no <group>/<version>/<kind>`,
		"waits: {A: {interval: soon}}": `waits.A: time: invalid duration "soon"`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := observe.ReadCluster([]byte(text))
			NewWithT(t).Expect(err).To(MatchError(said))
		})
	}
}

func TestADifferenceIsShownAsDiffShowsIt(t *testing.T) {
	object := func(interval string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"kind": "PodMonitor", "metadata": map[string]any{"name": "flux", "resourceVersion": interval, "uid": interval},
			"spec": map[string]any{"interval": interval},
		}}
	}
	change := apply.Change{Action: apply.Configured, Kind: observe.PodMonitorKind, Name: "flux"}
	text, err := unified(controllers.Difference{Change: change, Before: object("30s"), After: object("1m")})
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(text).To(Equal(`# PodMonitor flux configured
--- PodMonitor flux as it is
+++ PodMonitor flux as the operator would have it
@@ -2,4 +2,4 @@
 metadata:
   name: flux
 spec:
-  interval: 30s
+  interval: 1m
`))
}

func TestEveryCommandHelpsAndSaysItsVersion(t *testing.T) {
	for _, c := range commands() {
		t.Run(c.name, func(t *testing.T) {
			out, said, err := ran(t, "", c.name, "--help")
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(out).To(HavePrefix(c.usage + "\nFlags:\n"))
			g.Expect(said).To(BeEmpty())
			g.Expect(Is([]string{c.name})).To(BeTrue())
			g.Expect(Usage()).To(ContainSubstring("operator " + c.name))
		})
	}
	out, _, err := ran(t, "", "version")
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(out).To(Equal("v1.2.3\n"))
	g.Expect(Is([]string{"--leader-elect"})).To(BeFalse())
}
