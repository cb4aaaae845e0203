package dashboards

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/fluxmonitoring/operator/internal/query"
)

// linterRule is a rule of grafana/dashboard-linter. It is written here because no proxy serves that module.
type linterRule struct {
	name string
	// breaks are the panels or variables of a dashboard that break the rule; nil if the rule is left out.
	breaks func(m model) []string
	// because is why a rule does not hold: for a panel or a variable, or with no name for all of them.
	because map[string]string
}

var linterRules = []linterRule{
	{name: "template-datasource-rule", breaks: variables("datasource", func(v drawnVariable) bool {
		return v.Name == "datasource" || v.Name == v.Query.(string)+"_datasource"
	})},
	{name: "template-job-rule", because: map[string]string{"": "the FluxMonitoring knows the jobs, so a viewer need not choose"}},
	{name: "template-instance-rule", because: map[string]string{"": "an instance is an address of a pod, and panels name the controller or the pod"}},
	{name: "target-job-rule", because: map[string]string{"": "recorded series and alerts have no job; TestEveryQueryHasTheMatchersOfTheVariables checks the others"}},
	{name: "target-instance-rule", because: map[string]string{"": "as for template-instance-rule"}},
	{name: "template-label-promql-rule", breaks: variables("query", func(v drawnVariable) bool {
		asked, _ := v.Query.(map[string]any)["query"].(string)
		selector, label, two := strings.Cut(strings.TrimPrefix(asked, "label_values("), ", ")
		return asked == "" || two && strings.HasSuffix(label, ")") && query.Parse(asPrometheus.Replace(selector)) == nil
	})},
	{name: "template-on-time-change-reload-rule", breaks: variables("query", func(v drawnVariable) bool { return v.Refresh == 2 })},
	{name: "panel-datasource-rule", breaks: panelsBut(func(p drawnPanel) bool {
		return p.Datasource.UID == "$datasource" || p.Datasource.UID == "$"+logsVariable
	})},
	{name: "panel-title-description-rule", breaks: panelsBut(func(p drawnPanel) bool { return p.Title != "" && p.Description != "" })},
	{name: "panel-units-rule", breaks: panelsBut(func(p drawnPanel) bool {
		return !slices.Contains([]string{"stat", "timeseries", "gauge"}, p.Type) || p.FieldConfig.Defaults.Unit != ""
	})},
	{name: "panel-units-rule of tables", because: map[string]string{"": "each column of numbers has its own unit, and some tables have only words"}},
	{name: "panel-no-targets-rule", breaks: panelsBut(func(p drawnPanel) bool { return len(p.Targets) > 0 })},
	{name: "target-logql-rule", because: map[string]string{"": "the parser of LogQL is under the AGPL"}},
	{name: "target-logql-auto-rule", because: map[string]string{"": "as for target-logql-rule"}},
	{name: "target-promql-rule", breaks: panelsBut(eachTarget(func(parser.Node, []parser.Node) bool { return true }))},
	// Two windows are not the interval's: the viewer's time range, and that of the alert whose limit the panel draws.
	{name: "target-rate-interval-rule", breaks: panelsBut(func(p drawnPanel) bool {
		return len(p.FieldConfig.Defaults.Thresholds.Steps) > 1 || eachTarget(func(node parser.Node, above []parser.Node) bool {
			called := callOf(above)
			window, ranged := node.(*parser.MatrixSelector)
			return !ranged || called != "rate" && called != "irate" || slices.Contains([]time.Duration{rateWindow, rangeWindow}, window.Range)
		})(p)
	})},
	{name: "target-counter-agg-rule", breaks: panelsBut(eachTarget(func(node parser.Node, above []parser.Node) bool {
		selector, selects := node.(*parser.VectorSelector)
		return !selects || !strings.HasSuffix(selector.Name, "_total") || len(above) > 1 &&
			slices.Contains([]string{"rate", "irate", "increase"}, callOf(above[:len(above)-1]))
	}))},
	{name: "uneditable-dashboard-rule", because: map[string]string{
		"": "Grafana saves nothing over a dashboard that it loads from a file, and who looks into a fault changes a query for a moment"}},
}

// What asPrometheus puts in for Grafana's $__rate_interval and $__range.
const rateWindow, rangeWindow = 2 * time.Minute, time.Hour

// variables are the names of the variables of a type that are not as they have to be.
func variables(of string, are func(drawnVariable) bool) func(model) []string {
	return func(m model) (broken []string) {
		for _, v := range m.Templating.List {
			if v.Type == of && !are(v) {
				broken = append(broken, v.Name)
			}
		}
		return broken
	}
}

// panelsBut are the titles of the panels that are not as they have to be.
func panelsBut(are func(drawnPanel) bool) func(model) []string {
	return func(m model) (broken []string) {
		for _, p := range m.queries() {
			if !are(p) {
				broken = append(broken, p.Title)
			}
		}
		return broken
	}
}

// eachTarget reports whether every node of all PromQL of a panel, with those above it, is as it has to be.
func eachTarget(is func(parser.Node, []parser.Node) bool) func(drawnPanel) bool {
	return func(p drawnPanel) bool {
		good := true
		for _, target := range p.Targets {
			if p.Datasource.Type == "loki" {
				continue
			}
			tree, err := parser.NewParser(parser.Options{}).ParseExpr(asPrometheus.Replace(target.Expr))
			good = good && err == nil
			if err == nil {
				parser.Inspect(tree, func(node parser.Node, above []parser.Node) error {
					good = good && (node == nil || is(node, above))
					return nil
				})
			}
		}
		return good
	}
}

// callOf is the function right above a node.
func callOf(above []parser.Node) string {
	if len(above) == 0 {
		return ""
	}
	call, called := above[len(above)-1].(*parser.Call)
	if !called {
		return ""
	}
	return call.Func.Name
}

func TestDashboardsKeepTheRulesOfDashboardLinter(t *testing.T) {
	models := built(NewWithT(t), params("v2.9.4"))
	for _, r := range linterRules {
		t.Run(r.name, func(t *testing.T) {
			g := NewWithT(t)
			if r.breaks == nil {
				g.Expect(r.because[""]).NotTo(BeEmpty())
				return
			}
			broken := map[string]bool{}
			for _, m := range models {
				for _, name := range r.breaks(m) {
					broken[name] = true
				}
			}
			g.Expect(slices.Collect(maps.Keys(broken))).To(ConsistOf(slices.Collect(maps.Keys(r.because))))
		})
	}
}

// Each rule that holds finds its fault here.
func TestEachRuleOfDashboardLinterFindsItsFault(t *testing.T) {
	var m model
	m.Templating.List = []drawnVariable{{Name: "prom", Type: "datasource", Query: "prometheus"},
		{Name: "app", Type: "query", Query: map[string]any{"query": "label_values(up{, app)"}}}
	rate := drawnPanel{Type: "stat"}
	rate.Targets = []struct{ Expr string }{{Expr: "rate(a_total[5m]) + b_total"}, {Expr: "sum("}}
	m.Panels = []drawnPanel{rate, {Type: "stat", Title: "Empty"}}
	found := map[string][]string{}
	for _, r := range linterRules {
		if r.breaks != nil {
			found[r.name] = r.breaks(m)
		}
	}
	both := []string{"", "Empty"}
	NewWithT(t).Expect(found).To(Equal(map[string][]string{
		"template-datasource-rule": {"prom"}, "template-label-promql-rule": {"app"}, "template-on-time-change-reload-rule": {"app"},
		"panel-datasource-rule": both, "panel-title-description-rule": both, "panel-units-rule": both, "panel-no-targets-rule": {"Empty"},
		"target-promql-rule": {""}, "target-rate-interval-rule": {""}, "target-counter-agg-rule": {""},
	}))
}
