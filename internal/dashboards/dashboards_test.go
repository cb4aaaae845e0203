package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestDashboardsAreAsTheGoldenFilesHaveThem(t *testing.T) {
	fixed := from(params("v2.4.0"), flux.Controllers)
	fixed.Datasource.UID = "prometheus"
	for prefix, p := range map[string]Params{"flux-2.9": params("v2.9.4"), "flux-2.4": fixed} {
		for _, d := range Build(p) {
			t.Run(prefix+" "+d.Name, func(t *testing.T) {
				expectGolden(t, prefix+"-"+d.Name+".json", d.JSON)
			})
		}
	}
}

func TestTheSameParamsGiveTheSameBytes(t *testing.T) {
	g := NewWithT(t)
	for range 5 {
		g.Expect(Build(params("v2.4.0"))).To(Equal(Build(params("v2.4.0"))))
	}
}

func TestDashboardsAreNamedInOrder(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Names()).To(Equal([]string{"flux-cluster", "flux-control-plane", "flux-fleet", "flux-logs", "flux-resource", "fluxmonitoring"}))
	var names, titles []string
	for _, d := range Build(params("v2.9.4")) {
		names, titles = append(names, d.Name), append(titles, d.Title)
	}
	g.Expect(names).To(Equal(Names()))
	g.Expect(titles).To(Equal([]string{"Flux Cluster Stats", "Flux Control Plane", "Flux Fleet", "Flux Logs", "Flux Resource", "Flux Monitoring"}))
}

func TestWithoutControllersThereIsNothingToDraw(t *testing.T) {
	NewWithT(t).Expect(Build(Params{Exposure: flux.Exposure{Flux: fluxOf("v2.9.4")}, Job: "a/b"})).To(BeEmpty())
}

func TestClusterStatsShowStateWhoeverTellsIt(t *testing.T) {
	g := NewWithT(t)
	whole := built(g, params("v2.9.4"))["flux-cluster"].titles()
	for source, untold := range map[flux.StateSource][]string{
		flux.KubeStateMetrics: nil,
		flux.OperatorReport:   {"Sources that hold others up", "Objects Flux has given up on", "Behind their source"},
		flux.Controllers: {"Objects that fail", "Error budget", "Sources that hold others up", "Waiting for another", "Objects Flux has given up on",
			"Behind their source", "Failures within two hours"},
	} {
		version := map[bool]string{true: "v2.4.0", false: "v2.9.4"}[source == flux.Controllers]
		told := without(whole, untold...)
		g.Expect(built(g, from(params(version), source))["flux-cluster"].titles()).To(Equal(told), "%s", source)
	}
}

func TestClusterStatsAreUsefulWhereNobodyDoes(t *testing.T) {
	g := NewWithT(t)
	g.Expect(built(g, from(params("v2.9.4"), ""))["flux-cluster"].titles()).To(Equal([]string{
		"Cluster Reconcilers", "Kubernetes Manifests Sources",
		"Reconciler ops avg. duration", "Source ops avg. duration",
		"Health", "Alerts that fire",
		"Timing", "Cluster reconciliation duration", "Source acquisition duration", "How long reconciliations take",
		"How long fetching takes",
		"Activity", "Objects", "Reconciliations",
		"Out of the ordinary", "Slowest objects", "Most reconciled objects", "Not reconciled for two hours",
	}))
}

func TestStatePanelsNameTheKindsTheyCannotShow(t *testing.T) {
	g := NewWithT(t)
	p := Params{Exposure: flux.Exposure{Flux: fluxOf("v2.3.0", flux.SourceController, flux.KustomizeController, flux.HelmController),
		State: flux.Controllers}, Job: "a/b"}
	const silence = "the controllers of this Flux version do not export their state: HelmRelease."
	for _, panel := range built(g, p)["flux-cluster"].queries() {
		switch panel.Title {
		case "Failing Reconcilers", "Cluster reconciliation readiness", "Suspended Objects":
			g.Expect(panel.Description).To(HaveSuffix(silence))
		default:
			g.Expect(panel.Description).NotTo(ContainSubstring("do not tell their state"), panel.Title)
		}
	}
}

func TestPanelsOfAbsentControllersAreLeftOut(t *testing.T) {
	g := NewWithT(t)
	p := Params{Exposure: flux.Exposure{Flux: fluxOf("v2.9.4", flux.KustomizeController), Cardinality: flux.Minimal}, Job: "a/b"}
	g.Expect(built(g, p)["flux-control-plane"].titles()).To(Equal(without(built(g, params("v2.9.4"))["flux-control-plane"].titles(),
		"Objects Not Ready", "How Long Reconciliations Take",
		"Sources Stats", "Git Repositories ops/min", "OCI Repositories ops/min", "Helm Repositories ops/min", "Buckets ops/min",
		"Helm Stats", "Helm Release Duration", "Helm Releases ops/min", "Helm Charts ops/min",
		"Image Stats", "Image Automation ops/min",
		"Notification Stats", "Webhooks That Failed", "Webhooks Received", "Events Received",
	)))
}

// without are the titles but for these.
func without(titles []string, leftOut ...string) []string {
	return slices.DeleteFunc(slices.Clone(titles), func(title string) bool { return slices.Contains(leftOut, title) })
}

func TestPanelsOfDroppedMetricsAreLeftOut(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Cardinality = flux.Minimal
	titles := built(g, p)["flux-control-plane"].titles()
	g.Expect(titles).NotTo(ContainElement("Helm Release Duration"))
	g.Expect(titles).To(ContainElement("Helm Releases ops/min"))
}

func TestTheViewerChoosesTheDatasourceUnlessItIsFixed(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	variables := func(m model) []string {
		var names []string
		for _, v := range m.Templating.List {
			names = append(names, v.Name)
		}
		return names
	}
	free := built(g, p)
	g.Expect(variables(free["flux-cluster"])).To(Equal([]string{"datasource", "cluster", "operator_namespace", "namespace"}))
	g.Expect(variables(free["flux-control-plane"])).To(Equal([]string{"datasource", "cluster", "operator_namespace"}))
	g.Expect(free["flux-cluster"].queries()).To(HaveEach(HaveField("Datasource.UID", "$datasource")))

	p.Datasource.UID = "mimir"
	fixed := built(g, p)
	g.Expect(variables(fixed["flux-cluster"])).To(Equal([]string{"cluster", "operator_namespace", "namespace"}))
	g.Expect(fixed["flux-cluster"].queries()).To(HaveEach(HaveField("Datasource.UID", "mimir")))
}

func TestVariablesNarrowThoseAfterThemAndTolerateTheirLabelsAbsence(t *testing.T) {
	g := NewWithT(t)
	queries := map[string]any{}
	for _, v := range built(g, params("v2.9.4"))["flux-cluster"].Templating.List {
		if v.Type == "query" {
			g.Expect(v.AllValue).To(Equal(".*"), v.Name)
			queries[v.Name] = v.Query
		}
	}
	asked := func(name, text string) any { return map[string]any{"query": text, "refId": "variable-" + name} }
	g.Expect(queries).To(Equal(map[string]any{
		"cluster": asked("cluster", `label_values(up{job="monitoring/flux"}, cluster)`),
		"operator_namespace": asked("operator_namespace",
			`label_values(up{cluster=~"$cluster",job="monitoring/flux"}, namespace)`),
		"namespace": asked("namespace",
			`label_values({__name__=~"flux:resource:(?:ready|not_ready|suspended)",cluster=~"$cluster"}, exported_namespace)`),
	}))
}

func TestOneObjectIsChosenByNamespaceKindAndName(t *testing.T) {
	g := NewWithT(t)
	asked := map[string]any{}
	for _, v := range built(g, params("v2.9.4"))["flux-resource"].Templating.List {
		if v.Type == "query" && !v.Multi {
			asked[v.Name] = v.Query.(map[string]any)["query"]
		}
	}
	const known = `{__name__=~"flux:resource:(?:ready|not_ready|suspended)",cluster=~"$cluster"`
	g.Expect(asked).To(Equal(map[string]any{
		"namespace": "label_values(" + known + "}, exported_namespace)",
		"kind":      "label_values(" + known + `,exported_namespace=~"$namespace"}, kind)`,
		"name":      "label_values(" + known + `,exported_namespace=~"$namespace",kind="$kind"}, name)`,
	}))

	untold := map[string]any{}
	for _, v := range built(g, from(params("v2.9.4"), ""))["flux-resource"].Templating.List {
		untold[v.Name] = v.Query
	}
	g.Expect(untold["kind"]).To(HaveKeyWithValue("query", `label_values(gotk_reconcile_duration_seconds_count{cluster=~"$cluster",`+
		`exported_namespace=~"$namespace",job="monitoring/flux",namespace=~"$operator_namespace"}, kind)`), "then by what is reconciled")
}

func TestAFleetAndLogsAreShownToWhoAsksForThem(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Logs, p.Fleet = nil, false
	g.Expect(built(g, p)).To(And(HaveLen(4), Not(HaveKey("flux-fleet")), Not(HaveKey("flux-logs"))))
	p.Logs = &Datasource{UID: "loki"}
	logs := built(g, p)["flux-logs"]
	g.Expect(logs.queries()).To(HaveEach(HaveField("Datasource.UID", "loki")))
	for _, v := range logs.Templating.List {
		g.Expect(v.Type).NotTo(Equal("datasource"))
	}
}

func TestADashboardThatIsNotWantedIsNotLedTo(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Include = []string{"flux-cluster", "flux-fleet"}
	wanted := built(g, p)
	g.Expect(wanted).To(HaveLen(2))
	g.Expect(wanted["flux-cluster"].Links).To(HaveLen(1))
	for _, panel := range wanted["flux-cluster"].queries() {
		g.Expect(panel.linkOf("Name")).To(BeEmpty(), panel.Title)
	}
	p.Include = []string{"flux-fleet"}
	for _, panel := range built(g, p)["flux-fleet"].queries() {
		g.Expect(panel.linkOf("Cluster")).To(BeEmpty(), panel.Title)
	}
}

// The texts of Flux Logs have names of their own: a link that keeps variables would write "All" into those of the same name.
func TestAnObjectLeadsToItsLogsAndNothingElseNarrowsThem(t *testing.T) {
	g := NewWithT(t)
	all := built(g, params("v2.9.4"))
	g.Expect(all["flux-resource"].Links).To(ContainElement(
		HaveField("URL", "/d/flux-logs?var-object_namespace=$namespace&var-object_name=$name")))
	names := map[string][]string{}
	for uid, m := range all {
		for _, v := range m.Templating.List {
			names[uid] = append(names[uid], v.Name)
		}
	}
	g.Expect(names["flux-logs"]).To(Equal([]string{"logs_datasource", "cluster", "controller", "level", "object_namespace", "object_name", "search"}))
	g.Expect(names["flux-cluster"]).NotTo(ContainElements("object_namespace", "object_name"))
}

func TestLokiIsAskedInItsOwnForm(t *testing.T) {
	g := NewWithT(t)
	logs := built(g, params("v2.9.4"))["flux-logs"]
	g.Expect(logs.Templating.List[1].Query).To(Equal(map[string]any{
		"type": 1.0, "label": "cluster", "stream": `{namespace="flux-system"}`, "refId": "variable-cluster"}))
	for _, p := range logs.queries() {
		g.Expect(p.Datasource.Type).To(Equal("loki"), p.Title)
		for _, target := range p.Targets {
			counted := strings.Contains(target.Expr, "count_over_time")
			g.Expect(strings.Contains(target.Expr, `| json | __error__=""`)).To(Equal(counted), "a line that is no JSON breaks counts: %s", p.Title)
		}
		if p.Type == "table" {
			g.Expect(p.Transformations[1].Options.RenameByName).To(HaveKeyWithValue("Value #A", "Errors"))
		}
	}
}

func TestWithoutAlertsNothingSaysThatNoneFires(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Limits = nil
	g.Expect(built(g, p)["flux-cluster"].titles()).NotTo(ContainElement("Alerts that fire"))
}

func TestWhatIsSaidOfAnEmptyTableIsNotSaidOfItsCells(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		for _, p := range m.queries() {
			if p.Type != "table" || p.FieldConfig.Defaults.NoValue == "" {
				continue
			}
			for field, heading := range p.Transformations[len(p.Transformations)-1].Options.RenameByName {
				if !strings.HasPrefix(field, "Value") {
					g.Expect(string(p.property(heading, "noValue"))).To(Equal(`" "`), "%s: %s", p.Title, heading)
				}
			}
			g.Expect(p.FieldConfig.Defaults.Unit).To(BeEmpty(), "a name of digits is no number: %s", p.Title)
		}
	})
}

func TestTheOperatorIsShownAsFarAsItIsScraped(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.OperatorJob = ""
	g.Expect(built(g, p)["fluxmonitoring"].titles()).To(Equal([]string{
		"FluxMonitorings not ready", "Exported objects", "Omitted objects", "Kinds that cannot be read", "FluxMonitorings",
		"What the exporter leaves out",
		"Exporter", "Objects by kind", "State of objects is exported", "Duration of a scrape", "Samples of a scrape",
	}))
}

func BenchmarkBuild(b *testing.B) {
	p := params("v2.4.0")
	for b.Loop() {
		Build(p)
	}
}

func TestDashboardsThatAreSetApartHaveUIDsTitlesAndLinksOfTheirOwn(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	plain := built(g, p)
	p.UIDSuffix, p.TitleSuffix = "-acd7628ab2c7", " (monitoring/b)"
	leads := regexp.MustCompile(`"/d/([\w-]+)`)
	for _, d := range Build(p) {
		m := read(g, d)
		g.Expect(d.UID).To(Equal(d.Name + p.UIDSuffix))
		g.Expect(m.UID).To(Equal(d.UID))
		g.Expect(len(d.UID)).To(BeNumerically("<=", 40), "what Grafana takes")
		g.Expect(d.Title).To(HaveSuffix(p.TitleSuffix))
		g.Expect(m.titles()).To(Equal(plain[d.Name].titles()))
		links := leads.FindAllStringSubmatch(string(d.JSON), -1)
		g.Expect(links).NotTo(BeEmpty())
		for _, link := range links {
			g.Expect(link[1]).To(HaveSuffix(p.UIDSuffix), "%s leads to a dashboard of another", d.Name)
		}
	}
}
