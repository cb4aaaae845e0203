package desired

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/dashboards"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/query"
)

func TestAnnotationsNameFolderAndDirectoryForTheSidecar(t *testing.T) {
	for name, c := range map[string]struct {
		dashboards  string
		annotations map[string]string
	}{
		"the folder that is usual": {"{}", map[string]string{"grafana_folder": "Flux"}},
		"a folder":                 {"{folder: GitOps / Flux}", map[string]string{"grafana_folder": "GitOps / Flux"}},
		"no folder":                {`{folder: ""}`, map[string]string{}},
		"a directory beside a folder": {
			"{annotations: {k8s-sidecar-target-directory: /tmp/flux}}",
			map[string]string{"grafana_folder": "Flux", "k8s-sidecar-target-directory": "/tmp/flux"},
		},
		"a directory alone": {
			`{folder: "", annotations: {k8s-sidecar-target-directory: /tmp/flux}}`,
			map[string]string{"k8s-sidecar-target-directory": "/tmp/flux"},
		},
		"a folder the user annotates": {"{folder: Flux, annotations: {grafana_folder: Mine}}", map[string]string{"grafana_folder": "Mine"}},
		"a sidecar of other words":    {`{folder: "", annotations: {team/folder: Flux}}`, map[string]string{"team/folder": "Flux"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := firstDashboard(t, "dashboards: "+c.dashboards, "ConfigMap")
			annotations := o.GetAnnotations()
			delete(annotations, mark.DigestAnnotation)
			NewWithT(t).Expect(annotations).To(Equal(c.annotations))
		})
	}
}

func TestAnEmptyInstanceSelectorSelectsEveryGrafana(t *testing.T) {
	g := NewWithT(t)
	o := firstDashboard(t, `dashboards: {format: GrafanaDashboard, instanceSelector: {}, folder: ""}`, "GrafanaDashboard")
	spec := o.Object["spec"].(map[string]any)
	g.Expect(spec["json"]).To(HavePrefix("{"))
	delete(spec, "json")
	g.Expect(spec).To(Equal(map[string]any{"instanceSelector": map[string]any{}, "allowCrossNamespaceImport": true}),
		"grafana-operator refuses an object without a selector")
}

func TestADashboardIsTheSameInEitherFormat(t *testing.T) {
	g := NewWithT(t)
	configMap, custom := firstDashboard(t, "{}", "ConfigMap"), firstDashboard(t, "dashboards: {format: GrafanaDashboard}", "GrafanaDashboard")
	g.Expect(custom.GetName()).To(Equal(configMap.GetName()))
	data, _, err := unstructured.NestedString(configMap.Object, "data", "flux-cluster.json")
	must(t, err)
	json, _, err := unstructured.NestedString(custom.Object, "spec", "json")
	must(t, err)
	g.Expect(json).To(Equal(data))
}

// firstDashboard is the first dashboard of a spec.
func firstDashboard(t *testing.T, spec, kind string) *unstructured.Unstructured {
	t.Helper()
	o := pipeline.FirstOfKind(objectsOf(t, spec), kind)
	NewWithT(t).Expect(o).NotTo(BeNil())
	return o
}

func TestDashboardsHaveTheirParamsFromSpecAndFacts(t *testing.T) {
	none := func(f *facts.Facts) { f.MetricsNamespace, f.Exporter.Namespace = "", "" }
	for name, c := range map[string]struct {
		spec   string
		facts  func(*facts.Facts)
		change func(*dashboards.Params)
	}{
		"nothing":              {"{}", nil, func(*dashboards.Params) {}},
		"a cluster of several": {"clusterName: eu", nil, func(p *dashboards.Params) { p.Fleet = true }},
		"the fleet, by name": {"dashboards: {include: [flux-fleet]}", nil, func(p *dashboards.Params) {
			p.Include, p.Fleet = []string{"flux-fleet"}, true
		}},
		"alerts turned off": {"alerts: {enabled: false}", nil, func(p *dashboards.Params) { p.Limits = nil }},
		"an alert changed": {`alerts: {overrides: [{name: FluxControllerMemoryHigh, threshold: "0.5"}]}`, nil, func(p *dashboards.Params) {
			p.Limits["FluxControllerMemoryHigh"] = query.Limit{Query: query.MemoryRatio, Value: 0.5}
		}},
		"logs wherever they are": {"dashboards: {include: [flux-logs]}", nil, func(p *dashboards.Params) {
			p.Include, p.Logs = []string{"flux-logs"}, &dashboards.Datasource{}
		}},
		"logs in one place": {"dashboards: {datasources: {loki: {uid: loki}}}", nil, func(p *dashboards.Params) {
			p.Logs = &dashboards.Datasource{UID: "loki"}
		}},
		"metrics in one place":        {"dashboards: {datasources: {prometheus: {uid: prometheus}}}", nil, func(p *dashboards.Params) { p.Datasource.UID = "prometheus" }},
		"nothing scraped from here":   {"scrape: {enabled: false}", nil, func(p *dashboards.Params) { p.Job, p.StateJob, p.OperatorJob = "", "", "" }},
		"an operator without metrics": {"{}", none, func(p *dashboards.Params) { p.StateJob, p.OperatorJob = "", "" }},
		"the state from elsewhere":    {"resourceMetrics: {source: KubeStateMetrics}", nil, func(p *dashboards.Params) { p.StateJob = "" }},
		"the state of flux-operator":  {"{}", reports, func(p *dashboards.Params) { p.StateJob = "monitoring/flux-flux-operator" }},
		"another dashboard by name": {"dashboards: {include: [flux-cluster]}", nil, func(p *dashboards.Params) {
			p.Include = []string{"flux-cluster"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			facts := everything()
			if c.facts != nil {
				c.facts(&facts)
			}
			fm := monitoring(t, c.spec)
			want := dashboards.Params{
				Exposure: pipeline.Exposure(fm, facts),
				Job:      "monitoring/flux", StateJob: "monitoring/flux-exporter", OperatorJob: "monitoring/flux-fluxmonitoring",
			}
			if v1alpha1.On(fm.Spec.Alerts.Enabled) {
				want.Limits = alerts.Thresholds(pipeline.AlertParams(fm, facts))
				want.Runbook = alerts.DefaultRunbookURL + "/${__data.fields.Alert}.md"
			}
			c.change(&want)
			NewWithT(t).Expect(dashboardParams(fm, facts)).To(Equal(want))
		})
	}
}

// reports has flux-operator report.
func reports(f *facts.Facts) { f.FluxOperatorNamespace = "flux-system" }

func TestADashboardBeyondTheSizeLimitIsRefused(t *testing.T) {
	configMap := func(size int) *unstructured.Unstructured {
		o := newObject(kinds.ConfigMap, monitoring(t, "{}"), "-dashboard-cluster")
		o.Object["data"] = map[string]any{"flux-cluster.json": strings.Repeat("x", size-1), "b": "x"}
		return o
	}
	custom := func(quotes int) *unstructured.Unstructured {
		o := newObject(kinds.GrafanaDashboard, monitoring(t, "{}"), "-dashboard-cluster")
		o.Object["spec"] = map[string]any{"json": strings.Repeat(`"`, quotes)}
		return o
	}
	empty := len(bytesOf(NewWithT(t), []*unstructured.Unstructured{custom(0)})) - len("[]")
	fitting := (maxStoredBytes - empty) / len(`\"`)
	rule := newObject(kinds.PrometheusRule, monitoring(t, "{}"), "")
	rule.Object["spec"] = map[string]any{"groups": strings.Repeat("x", 2*maxStoredBytes)}
	for name, c := range map[string]struct {
		object  *unstructured.Unstructured
		refused string
	}{
		"a ConfigMap at the limit": {configMap(1 << 20), ""},
		"a ConfigMap beyond it": {
			configMap(1<<20 + 1), "ConfigMap flux-dashboard-cluster would have 1048577 bytes, and 1048576 can be stored: ",
		},
		"a GrafanaDashboard at the limit":        {custom(fitting), ""},
		"a GrafanaDashboard beyond it":           {custom(fitting + 1), "GrafanaDashboard flux-dashboard-cluster would have 1540"},
		"what carries no dashboard, of any size": {rule, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			err := validateSize(c.object)
			if c.refused == "" {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}
			g.Expect(err).To(MatchError(HavePrefix(c.refused)))
			g.Expect(err).To(MatchError(HaveSuffix(
				"add less to it by patches, annotations and commonMetadata, or omit it by dashboards.include")))
		})
	}
}

func TestASpecThatMakesADashboardTooLargeIsRefused(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	annotated := "{dashboards: {format: GrafanaDashboard, annotations: {a: " + long + "}}}"
	for name, c := range map[string]struct {
		patches []kustomize.Patch
		message string
	}{
		"by annotations":               {nil, "spec: GrafanaDashboard flux-dashboard-"},
		"by an annotation and patches": {enlarging(7), "spec.patches: a patch makes GrafanaDashboard flux-dashboard-cluster larger than the 1540096 bytes that can be stored"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fm := monitoring(t, annotated)
			fm.Spec.Patches = c.patches
			if c.patches == nil {
				fm.Spec.Dashboards.Annotations["b"] = long
			}
			objects, err := Objects(fm, everything())
			g.Expect(objects).To(BeNil())
			g.Expect(err).To(BeAssignableToTypeOf(&ConfigurationError{}))
			g.Expect(err).To(MatchError(HavePrefix(c.message)))
		})
	}
}

// enlarging are patches that add 60,000 bytes each to a dashboard.
func enlarging(count int) []kustomize.Patch {
	var all []kustomize.Patch
	for i := range count {
		all = append(all, kustomize.Patch{Patch: fmt.Sprintf("{apiVersion: grafana.integreatly.org/v1beta1, kind: GrafanaDashboard, "+
			"metadata: {name: flux-dashboard-cluster, namespace: monitoring}, spec: {more%d: %s}}", i, strings.Repeat("x", 60000))})
	}
	return all
}

func TestDashboardNamesOfTheAPIExist(t *testing.T) {
	g := NewWithT(t)
	g.Expect(dashboards.Names()).To(ContainElements(string(v1alpha1.DashboardFleet), string(v1alpha1.DashboardLogs)))
}

func TestAlertsLinkToTheDashboardAboutOneObjectThatIsGenerated(t *testing.T) {
	for spec, link := range map[string]string{
		"{}": "/d/flux-resource-acd7628ab2c7?var-namespace=",
		"{stack: {kubePrometheusStack: {grafana: {externalURL: 'https://grafana.example.com'}}}}": "https://grafana.example.com/d/flux-resource-acd7628ab2c7?",
		"{clusterName: eu 1, dashboards: {grafanaURL: 'https://grafana.example.com/'}}":           "https://grafana.example.com/d/flux-resource-acd7628ab2c7?var-cluster=eu+1&",
		"dashboards: {include: [flux-cluster]}":                                                   "",
		"dashboards: {enabled: false}":                                                            "",
	} {
		g := NewWithT(t)
		facts := everything()
		facts.DashboardUIDSuffix = "-acd7628ab2c7"
		groups, err := ruleGroups(monitoring(t, spec), facts)
		must(t, err)
		var links []string
		for _, group := range groups {
			for _, r := range group.Rules {
				if r.Alert == "FluxSourceNotReady" {
					links = append(links, r.Annotations["dashboard_url"])
				}
			}
		}
		g.Expect(links).To(ConsistOf(HavePrefix(link)), spec)
		g.Expect(links[0] == "").To(Equal(link == ""), spec)
	}
}

func TestASuffixIsInUIDAndTitleOfADashboard(t *testing.T) {
	for _, format := range []string{"ConfigMap", "GrafanaDashboard"} {
		t.Run(format, func(t *testing.T) {
			g := NewWithT(t)
			facts := everything()
			facts.DashboardUIDSuffix = "-acd7628ab2c7"
			fm := monitoring(t, "dashboards: {format: "+format+"}")
			objects, err := Objects(fm, facts)
			must(t, err)
			o := pipeline.FirstOfKind(objects, format)
			g.Expect(o.GetName()).To(Equal("flux-dashboard-cluster"), "which is in a namespace of its own")
			path := []string{"spec", "json"}
			if format == "ConfigMap" {
				path = []string{"data", "flux-cluster-acd7628ab2c7.json"}
			}
			text, _, err := unstructured.NestedString(o.Object, path...)
			must(t, err)
			g.Expect(text).To(ContainSubstring(`"uid": "flux-cluster-acd7628ab2c7"`))
			g.Expect(text).To(ContainSubstring(`"title": "Flux Cluster Stats (` + fm.Namespace + "/" + fm.Name + `)"`))
		})
	}
}
