package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/golden"
)

func TestDashboardsMatchTheGoldenFiles(t *testing.T) {
	fixed := from(params("v2.4.0"), flux.Controllers)
	fixed.Datasource.UID, fixed.Fleet = "prometheus", false
	for prefix, p := range map[string]Params{"flux-2.9": params("v2.9.4"), "flux-2.4": fixed} {
		for _, d := range Build(p) {
			t.Run(prefix+" "+d.Name, func(t *testing.T) {
				golden.File(t, "testdata/"+prefix+"-"+d.Name+".json", string(d.JSON))
			})
		}
	}
}

func TestDashboardsAreInTheOrderOfTheirNames(t *testing.T) {
	g := NewWithT(t)
	var names []string
	for _, d := range Build(params("v2.9.4")) {
		names = append(names, d.Name)
	}
	g.Expect(names).To(Equal([]string{"flux-cluster", "flux-control-plane", "flux-fleet", "flux-logs", "flux-resource", "fluxmonitoring"}))
	g.Expect(names).To(Equal(Names()))
}

func TestWithoutControllersThereIsNoDashboard(t *testing.T) {
	NewWithT(t).Expect(Build(Params{Exposure: flux.Exposure{Flux: fluxOf("v2.9.4")}, Job: "a/b"})).To(BeEmpty())
}

func TestPanelsLeftOutMatchTheGoldenFile(t *testing.T) {
	g := NewWithT(t)
	given := installations()
	unscraped, silent := params("v2.9.4"), params("v2.9.4")
	unscraped.OperatorJob, silent.Limits = "", nil
	given["an operator that is not scraped"], given["no alerts"] = unscraped, silent
	given["kustomize-controller alone, minimal cardinality"] = Params{
		Exposure: flux.Exposure{Flux: fluxOf("v2.9.4", flux.KustomizeController), Cardinality: flux.Minimal}, Job: "a/b",
	}
	whole, leftOut := built(g, params("v2.9.4")), map[string]map[string][]string{}
	for name, p := range given {
		leftOut[name] = map[string][]string{}
		for dashboard, m := range built(g, p) {
			titles := m.titles()
			if titles[0] == "Not ready" { // which no source distinguishes there from what fails
				titles[0] = "Progressing"
			}
			missing := without(whole[dashboard].titles(), titles)
			g.Expect(titles).To(Equal(without(whole[dashboard].titles(), missing)), "%s, %s", name, dashboard)
			leftOut[name][dashboard] = missing
		}
	}
	golden.YAML(t, "testdata/left-out.yaml", leftOut)
}

// without are the titles but for these.
func without(titles, leftOut []string) []string {
	return slices.DeleteFunc(slices.Clone(titles), func(title string) bool { return slices.Contains(leftOut, title) })
}

func TestStatePanelsNameTheKindsTheyCannotShow(t *testing.T) {
	g := NewWithT(t)
	p := Params{Exposure: flux.Exposure{Flux: fluxOf("v2.3.0", flux.SourceController, flux.KustomizeController, flux.HelmController),
		State: flux.Controllers}, Job: "a/b"}
	const silence = "the controllers of this Flux version do not export their state: HelmRelease."
	for _, panel := range built(g, p)["flux-cluster"].queries() {
		switch panel.Title {
		case "Objects not ready", "Readiness of reconcilers", "Suspended objects":
			g.Expect(panel.Description).To(HaveSuffix(silence))
		default:
			g.Expect(panel.Description).NotTo(ContainSubstring("do not export their state"), panel.Title)
		}
	}
}

func TestWithoutAMetricsSourceKindsAreThoseReconciled(t *testing.T) {
	g := NewWithT(t)
	queries := map[string]any{}
	for _, v := range built(g, from(params("v2.9.4"), ""))["flux-resource"].Templating.List {
		queries[v.Name] = v.Query
	}
	g.Expect(queries["kind"]).To(HaveKeyWithValue("query", `label_values(gotk_reconcile_duration_seconds_count{cluster=~"$cluster",`+
		`exported_namespace=~"$namespace",job="monitoring/flux",namespace=~"$operator_namespace"}, kind)`))
}

func TestFluxFleetAndFluxLogsAreOptional(t *testing.T) {
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

func TestNoLinkLeadsToADashboardThatIsNotIncluded(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Include = []string{"flux-cluster", "flux-fleet"}
	included := built(g, p)
	g.Expect(included).To(HaveLen(2))
	g.Expect(included["flux-cluster"].Links).To(HaveLen(1))
	for _, panel := range included["flux-cluster"].queries() {
		g.Expect(panel.linkOf("Name")).To(BeEmpty(), panel.Title)
	}
	p.Include = []string{"flux-fleet"}
	for _, panel := range built(g, p)["flux-fleet"].queries() {
		g.Expect(panel.linkOf("Cluster")).To(BeEmpty(), panel.Title)
	}
}

func TestTheTextOfAnEmptyTableIsNotInItsCells(t *testing.T) {
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

func TestSuffixesAreInUIDsTitlesAndLinks(t *testing.T) {
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
