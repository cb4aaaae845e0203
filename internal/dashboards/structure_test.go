package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/model/labels"
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

func TestADashboardHasItsUIDAndFitsAConfigMap(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, d Dashboard, m model) {
		g.Expect(m.UID).To(Equal(d.Name))
		g.Expect(Names()).To(ContainElement(d.Name))
		g.Expect(len(d.JSON)).To(BeNumerically("<", 512<<10))
	})
}

func TestNoImportOrSubstitutionChangesTheJSON(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, d Dashboard, _ model) {
		for _, trap := range []string{"${", "__inputs", "__requires", `"gnetId"`} {
			g.Expect(string(d.JSON)).NotTo(ContainSubstring(trap))
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

func TestEveryPanelHasADescriptionAndAQuery(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		g.Expect(m.queries()).NotTo(BeEmpty())
		for _, p := range m.queries() {
			g.Expect(len(strings.Fields(p.Description))).To(BeNumerically(">=", 12), p.Title)
			g.Expect(p.Description).To(HaveSuffix("."), p.Title)
			g.Expect(p.Targets).NotTo(BeEmpty(), p.Title)
		}
	})
}

func TestATitleIsInSentenceCase(t *testing.T) {
	names := regexp.MustCompile(`^(API|CPU|Flux.*|Kubernetes|HelmReleases)$`)
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		for _, p := range m.Panels {
			for _, word := range strings.Fields(p.Title)[1:] {
				g.Expect(word == strings.ToLower(word) || names.MatchString(word)).To(BeTrue(), p.Title)
			}
		}
	})
}

// The JSON schema does not find a panel of seconds whose unit is bytes.
func TestAPanelHasTheUnitOfItsQuery(t *testing.T) {
	units := []struct {
		in   string
		unit []string
	}{
		{"_bytes", []string{unitBytes, unitShare}},
		{"_seconds_bucket", []string{unitSeconds}},
		{"60 * sum", []string{unitOpsMin}},
		{"seconds_rate5m", []string{unitSeconds}},
		{"rate(rest_client_requests_total", []string{unitReqSec, unitShare}},
		{"_since", []string{unitSeconds, unitShare}},
		{"failing_ratio", []string{unitShare}},
	}
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		for _, p := range m.queries() {
			for i, target := range p.Targets {
				for _, u := range units {
					value, _, _ := strings.Cut(target.Expr, " and on (") // what follows only chooses lines
					if strings.Contains(value, u.in) {
						g.Expect(u.unit).To(ContainElement(p.unitOf(i)), p.Title)
					}
				}
			}
		}
	})
}

// asPrometheus puts in what Grafana puts in for its variables.
var asPrometheus = strings.NewReplacer("$__rate_interval", "2m", "$__range", "1h", "$__interval", "5m", "$cluster", ".*",
	"$operator_namespace", "flux-system", "$namespace", ".*", "$kind", "Kustomization", "$name", "apps")

// prometheus are the panels that ask Prometheus.
func (m model) prometheus() []drawnPanel {
	return slices.DeleteFunc(m.queries(), func(p drawnPanel) bool { return p.Datasource.Type != "prometheus" })
}

func TestEveryQueryIsPromQLOverKnownMetrics(t *testing.T) {
	eachDashboard(t, func(g Gomega, p Params, d Dashboard, m model) {
		for _, panel := range m.prometheus() {
			for _, target := range panel.Targets {
				expr := asPrometheus.Replace(target.Expr)
				g.Expect(query.Parse(expr)).To(Succeed(), panel.Title)
				g.Expect(strings.ReplaceAll(expr, `"$1"`, "")).NotTo(ContainSubstring("$"), panel.Title) // but label_replace's own
				for _, metric := range query.New(expr).Metrics() {
					// What the operator exposes, and what other clusters send, does not follow from this Flux.
					elsewhere := d.Name == "fluxmonitoring" || d.Name == "flux-fleet" || panel.Title == "Monitoring"
					known := p.Exposes(metric) || elsewhere && flux.IsKnown(metric) || flux.IsOfAPIServer(metric)
					g.Expect(known).To(BeTrue(), "%s: %s", panel.Title, metric)
				}
			}
		}
	})
}

// Each selector has the matchers of the viewer's choices that its metric has the label of, and the job of what it comes from.
func TestEveryQueryHasTheMatchersOfTheVariables(t *testing.T) {
	chosen := map[string][]string{
		"flux-cluster":       {"cluster", "namespace", "exported_namespace"},
		"flux-control-plane": {"cluster", "namespace"},
		"flux-fleet":         {"cluster"},
		"flux-resource":      {"cluster", "namespace", "exported_namespace", "kind", "customresource_kind", "name"},
		"fluxmonitoring":     {"cluster"},
	}
	eachDashboard(t, func(g Gomega, p Params, d Dashboard, m model) {
		for _, panel := range m.prometheus() {
			labels := chosen[d.Name]
			if slices.Contains([]string{"Source", "Dependents", "Firing alerts", "Monitoring", "Alerts", "Objects not ready and failing", "Objects not ready for long"}, panel.Title) {
				labels = []string{"cluster"} // of another object, of whatever object, or of all
			}
			for _, target := range panel.Targets {
				eachSelector(g, target.Expr, func(s *parser.VectorSelector) { expectScoped(g, p, d, s, labels) })
			}
		}
	})
}

func eachSelector(g Gomega, expr string, visit func(*parser.VectorSelector)) {
	parseable := strings.NewReplacer("$__rate_interval", "2m", "$__range", "1h", "$__interval", "5m").Replace(expr)
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(parseable)
	g.Expect(err).NotTo(HaveOccurred(), expr)
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			visit(s)
		}
		return nil
	})
}

// expectScoped expects a selector to have the matchers of these labels that its metric carries, and the right job.
func expectScoped(g Gomega, p Params, d Dashboard, s *parser.VectorSelector, labels []string) {
	variable := map[string]string{
		"cluster": `cluster=~"$cluster"`, "namespace": `namespace=~"$operator_namespace"`,
		"exported_namespace": `exported_namespace=~"$namespace"`, "kind": `kind="$kind"`,
		"customresource_kind": `customresource_kind="$kind"`, "name": `name="$name"`,
	}
	state := !slices.Contains([]flux.StateSource{"", flux.Controllers}, p.State) && p.State.Exposes(s.Name)
	var matchers []string
	for _, m := range s.LabelMatchers {
		matchers = append(matchers, m.String())
	}
	for _, label := range labels {
		switch {
		case label == "namespace" && state: // it is not Flux that exposes it
		case flux.Carries(s.Name, label) && !strings.Contains(s.String(), label+`=~"FluxInstance`):
			g.Expect(matchers).To(ContainElement(variable[label]), d.Name)
		default:
			g.Expect(matchers).NotTo(ContainElement(variable[label]), d.Name)
		}
	}
	job := map[bool]string{true: p.StateJob, false: p.Job}[state]
	if (d.Name == "fluxmonitoring" || strings.HasPrefix(s.Name, "fluxmonitoring_")) && !state {
		job = p.OperatorJob
	}
	if flux.Carries(s.Name, "job") && job != "" && d.Name != "flux-fleet" && s.Name != "ALERTS" {
		g.Expect(s.String()).To(MatchRegexp(`job="(%s|%s)"`, job, p.StateJob), d.Name)
	}
}

func TestDashboardsLinkToEachOther(t *testing.T) {
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			g := NewWithT(t)
			var names []string
			for _, d := range v.dashboards {
				if d.Name != "flux-resource" { // which is reached from an object
					names = append(names, d.Name)
				}
			}
			for _, d := range v.dashboards {
				var reached []string
				for _, link := range read(g, d).Links {
					uid, query, _ := strings.Cut(strings.TrimPrefix(link.URL, "/d/"), "?")
					g.Expect(query != "").To(Equal(d.Name == "flux-resource" && uid == "flux-logs"), link.URL)
					reached = append(reached, uid)
				}
				others := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == d.Name })
				g.Expect(reached).To(ConsistOf(others), d.Name)
			}
		})
	}
}

func TestObjectsOfTablesLinkToTheirDashboard(t *testing.T) {
	eachDashboard(t, func(g Gomega, p Params, d Dashboard, m model) {
		for _, panel := range m.queries() {
			if panel.Type != "table" || !panel.names("Namespace", "Kind", "Name") || panel.Datasource.Type == "loki" {
				continue
			}
			url := "/d/flux-resource?${datasource:queryparam}&${cluster:queryparam}&${operator_namespace:queryparam}&" +
				"var-namespace=${__data.fields.Namespace}&var-kind=${__data.fields.Kind}&var-name=${__data.fields.Name}&${__url_time_range}"
			if d.Name == "flux-fleet" {
				url = strings.Replace(url, "${cluster:queryparam}&${operator_namespace:queryparam}", "var-cluster=${__data.fields.Cluster}", 1)
			}
			if p.Datasource.UID != "" {
				url = strings.Replace(url, "${datasource:queryparam}&", "", 1)
			}
			g.Expect(panel.linkOf("Name")).To(Equal(url), panel.Title)
		}
	})
}

// Who is notified of an alert finds its metrics on a dashboard.
func TestEveryMetricOfAnAlertIsOnAPanel(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.4.0")
	shown := map[string]bool{}
	for _, m := range built(g, p) {
		for _, panel := range m.prometheus() {
			for _, target := range panel.Targets {
				for _, metric := range query.New(asPrometheus.Replace(target.Expr)).Metrics() {
					shown[metric] = true
				}
			}
		}
	}
	groups, err := alerts.Groups(alerts.Params{Exposure: p.Exposure, Job: p.Job, Objective: 99})
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

// sameLine are the alerts whose threshold another's panel draws: they are about one number over other windows.
var sameLine = map[string]string{"FluxErrorBudgetBurnFast": "FluxErrorBudgetBurnSlow", "FluxErrorBudgetBurn": "FluxErrorBudgetBurnSlow"}

// Where a line is, the alert fires: it and the panel have one query, over one window and with one scope, but for what the viewer chooses.
func TestAPanelWithAThresholdHasTheQueryOfTheAlert(t *testing.T) {
	p := params("v2.9.4")
	ofAlerts := alerts.Params{Exposure: p.Exposure, Job: p.Job, StateJob: p.StateJob, Objective: 99}
	thresholds := alerts.Thresholds(ofAlerts)
	for name, limit := range thresholds {
		if _, same := sameLine[name]; same {
			continue
		}
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			rule := expressionOf(g, ofAlerts, name)
			limit.Value = 0.123 // and a panel follows the user's threshold
			p.Limits = map[string]query.Limit{name: limit}
			drawn := 0
			for _, m := range built(g, p) {
				for _, panel := range m.queries() {
					if panel.draws(0.123) == 0 {
						continue
					}
					drawn++
					for _, target := range panel.Targets {
						g.Expect(rule).To(ContainSubstring(unchosen(g, target.Expr)), "%s of %s", panel.Title, m.UID)
					}
				}
			}
			g.Expect(drawn).To(BeNumerically(">", 0))
		})
	}
}

func TestALineIsDrawnForAnAlertAlone(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Limits = nil
	for _, m := range built(g, p) {
		for _, panel := range m.queries() {
			if panel.Type == "timeseries" {
				g.Expect(len(panel.FieldConfig.Defaults.Thresholds.Steps)).To(BeNumerically("<=", 1), "%s of %s", panel.Title, m.UID)
			}
		}
	}
}

// expressionOf is what an alert's rule evaluates.
func expressionOf(g Gomega, p alerts.Params, name string) string {
	groups, err := alerts.Groups(p)
	g.Expect(err).NotTo(HaveOccurred())
	for _, group := range groups {
		for _, r := range group.Rules {
			if r.Alert == name {
				return r.Expr.StrVal
			}
		}
	}
	return ""
}

// unchosen is an expression without the matchers by which the viewer narrows it.
func unchosen(g Gomega, expr string) string {
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	g.Expect(err).NotTo(HaveOccurred(), "%s has another window than an alert can have", expr)
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			s.LabelMatchers = slices.DeleteFunc(s.LabelMatchers, func(m *labels.Matcher) bool { return strings.HasPrefix(m.Value, "$") })
		}
		return nil
	})
	return tree.String()
}

// A command that a panel names works as it is pasted, once its placeholders are filled in: without -n the flux command reads
// Flux's own namespace, kubectl finds kinds of the same name of other groups, and a shell takes what is not quoted for a pattern.
func TestTheCommandsOfPanelsCanBePasted(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		for _, p := range m.queries() {
			for _, command := range regexp.MustCompile("`((?:kubectl|flux) [^`]+)`").FindAllStringSubmatch(p.Description, -1) {
				g.Expect(command[1]).To(MatchRegexp(` (-n <|-A|--raw)`), "%s has no namespace", p.Title)
				g.Expect(command[1]).NotTo(MatchRegexp(`[ =][^'" ]*[?*&][^'" ]*( |$)`), p.Title)
				g.Expect(command[1]).NotTo(MatchRegexp(`(<kind>|fluxmonitorings?)[ /]`), p.Title)
			}
		}
	})
}

// Within the interval of a rate there is nearly never a restart.
func TestRestartsAreCountedOverAnHour(t *testing.T) {
	eachDashboard(t, func(g Gomega, _ Params, _ Dashboard, m model) {
		for _, panel := range m.prometheus() {
			for _, target := range panel.Targets {
				if strings.Contains(target.Expr, "changes(process_start") {
					g.Expect(target.Expr).To(ContainSubstring("[1h]"), panel.Title)
				}
			}
		}
	})
}
