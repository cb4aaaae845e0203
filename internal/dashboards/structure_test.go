package dashboards

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// eachDashboard runs a test on every dashboard of every variant.
func eachDashboard(t *testing.T, check func(g Gomega, p Params, d Dashboard, m model)) {
	t.Helper()
	for _, v := range variants() {
		for _, d := range v.dashboards {
			t.Run(v.name+", "+d.Name, func(t *testing.T) {
				g := NewWithT(t)
				check(g, v.params, d, read(g, d))
			})
		}
	}
}

func TestADashboardIsNamedByItsUIDAndFitsAConfigMap(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, d Dashboard, m model) {
		g.Expect(m.UID).To(Equal(d.Name))
		g.Expect(Names()).To(ContainElement(d.Name))
		g.Expect(len(d.JSON)).To(BeNumerically("<", 512<<10))
	})
}

func TestJSONHasNothingAnImportOrASubstitutionWouldTouch(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, d Dashboard, _ model) {
		for _, trap := range []string{"${", "__inputs", "__requires", `"gnetId"`} {
			g.Expect(string(d.JSON)).NotTo(ContainSubstring(trap))
		}
	})
}

func TestPanelsAndTargetsHaveIDsOfTheirOwn(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		seen := map[int]bool{}
		for _, p := range m.Panels {
			g.Expect(seen[p.ID]).To(BeFalse(), "%d twice", p.ID)
			seen[p.ID] = true
			refs := map[string]bool{}
			for _, target := range p.Targets {
				g.Expect(refs[target.RefID]).To(BeFalse(), "%s: %s twice", p.Title, target.RefID)
				refs[target.RefID] = true
			}
		}
	})
}

func TestPanelsStandOnTheGridAndNotOnEachOther(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		taken := map[[2]int]string{}
		for _, p := range m.Panels {
			g.Expect(p.GridPos.X+p.GridPos.W).To(BeNumerically("<=", 24), p.Title)
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					g.Expect(taken[[2]int{x, y}]).To(BeEmpty(), p.Title)
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	})
}

func TestARowHasPanels(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		for i, p := range m.Panels {
			if p.Type == "row" {
				g.Expect(len(m.Panels)).To(BeNumerically(">", i+1), p.Title)
				g.Expect(m.Panels[i+1].Type).NotTo(Equal("row"), p.Title)
			}
		}
	})
}

func TestEveryPanelSaysWhatABadValueMeansAndAsksSomething(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		g.Expect(m.queries()).NotTo(BeEmpty())
		for _, p := range m.queries() {
			g.Expect(len(strings.Fields(p.Description))).To(BeNumerically(">=", 12), p.Title)
			g.Expect(p.Description).To(HaveSuffix("."), p.Title)
			g.Expect(p.Targets).NotTo(BeEmpty(), p.Title)
		}
	})
}

// asPrometheus puts in what Grafana puts in for its variables.
var asPrometheus = strings.NewReplacer("$__rate_interval", "2m", "$__range", "1h", "$cluster", ".*",
	"$operator_namespace", "flux-system", "$namespace", ".*")

func TestEveryQueryIsPromQLOverExposedMetricsWithinTheViewersChoice(t *testing.T) {
	eachDashboard(t, func(g Gomega, p Params, d Dashboard, m model) {
		for _, panel := range m.queries() {
			for _, target := range panel.Targets {
				expr := asPrometheus.Replace(target.Expr)
				g.Expect(query.Parse(expr)).To(Succeed(), panel.Title)
				g.Expect(expr).NotTo(ContainSubstring("$"), panel.Title)
				for _, metric := range query.New(expr).Metrics() {
					g.Expect(p.Exposes(metric)).To(BeTrue(), "%s: %s", panel.Title, metric)
				}
				expectScoped(g, p, d, target.Expr)
			}
		}
	})
}

// expectScoped expects each selector of a query to have the matchers its metric can have.
func expectScoped(g Gomega, p Params, d Dashboard, expr string) {
	wanted := map[string]string{
		"job": `job="` + p.Job + `"`, "cluster": `cluster=~"$cluster"`, "namespace": `namespace=~"$operator_namespace"`,
	}
	if d.Name == "flux-cluster" {
		wanted["exported_namespace"] = `exported_namespace=~"$namespace"`
	}
	parseable := strings.NewReplacer("$__rate_interval", "2m", "$__range", "1h").Replace(expr)
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(parseable)
	g.Expect(err).NotTo(HaveOccurred())
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			for label, matcher := range wanted {
				if flux.Carries(s.Name, label) {
					g.Expect(s.String()).To(ContainSubstring(matcher), expr)
				} else {
					g.Expect(s.String()).NotTo(ContainSubstring(matcher), expr)
				}
			}
		}
		return nil
	})
}

func TestDashboardsLeadToEachOther(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, d Dashboard, m model) {
		var reached []string
		for _, link := range m.Links {
			reached = append(reached, strings.TrimPrefix(link.URL, "/d/"))
		}
		g.Expect(append(reached, d.Name)).To(ConsistOf(Names()))
	})
}

func TestFluxEventsAreDrawnOverTheLines(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		g.Expect(m.Annotations.List).To(HaveLen(1))
		g.Expect(m.Annotations.List[0].Name).To(Equal("flux events"))
		g.Expect(m.Annotations.List[0].Target.Tags).To(Equal([]string{"flux"}))
	})
}

// Whoever is woken by an alert finds what it saw on a dashboard.
func TestEveryMetricOfAnAlertIsOnAPanel(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.4.0")
	shown := map[string]bool{ // what tells of the source of object state is in the status, no dashboard is about it yet
		flux.RecordedObserved: true, flux.StateOmitted: true, flux.StateUnreadable: true,
	}
	for _, m := range built(g, p) {
		for _, panel := range m.queries() {
			for _, target := range panel.Targets {
				for _, metric := range query.New(asPrometheus.Replace(target.Expr)).Metrics() {
					shown[metric] = true
				}
			}
		}
	}
	groups, err := alerts.Groups(alerts.Params{Exposure: p.Exposure, Job: p.Job})
	g.Expect(err).NotTo(HaveOccurred())
	for _, group := range groups {
		for _, r := range group.Rules {
			if r.Alert == "" {
				continue
			}
			for _, metric := range query.New(r.Expr.StrVal).Metrics() {
				g.Expect(shown).To(HaveKey(metric), r.Alert)
			}
		}
	}
}
