package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/test/must"
)

const (
	// evaluations is how often each rule is evaluated.
	evaluations = 5
	// costliestRules is how many of them are listed.
	costliestRules = 5
)

// ruleCost is what a rule's expression costs.
type ruleCost struct {
	name string
	queryCost
}

// groupCost is what a group of rules costs: each of them, and the CPU of one evaluation of all.
type groupCost struct {
	name  string
	every time.Duration
	cpu   time.Duration
	rules []ruleCost
}

// rules evaluates each rule as an instant query at the end of the history. The CPU is a mean.
func (s *server) rules(ctx context.Context) (all []groupCost) {
	for _, g := range ruleGroups() {
		before := s.process.cpu()
		cost := groupCost{name: g.Name, every: intervalOf(g)}
		for _, r := range g.Rules {
			rule := ruleCost{name: r.Record + r.Alert}
			for range evaluations {
				rule.queryCost = s.ask(ctx, asked{expr: r.Expr.String(), instant: true})
			}
			cost.rules = append(cost.rules, rule)
		}
		cost.cpu = (s.process.cpu() - before) / evaluations
		all = append(all, cost)
	}
	return all
}

// intervalOf is how often a group is evaluated.
func intervalOf(g monitoringv1.RuleGroup) time.Duration {
	if g.Interval == nil {
		return scrapeEvery
	}
	return time.Duration(must.Get(model.ParseDuration(string(*g.Interval))))
}

// checkRecordings fails at the first rule that would record other than what the history is made with, by the number of series: what
// dashboards are measured on must be what the rules record.
func (s *server) checkRecordings(ctx context.Context, groups []groupCost) {
	for _, r := range rulesOf(groups) {
		if !slices.Contains(madeRecordings, r.name) {
			continue
		}
		if had := s.ask(ctx, asked{expr: r.name, instant: true}); had.results != r.results {
			must.Succeed(fmt.Errorf("the history has %d series of %s, where its rule records %d", had.results, r.name, r.results))
		}
	}
}

// rulesOf are the rules of all groups.
func rulesOf(groups []groupCost) []ruleCost {
	var all []ruleCost
	for _, g := range groups {
		all = append(all, g.rules...)
	}
	return all
}

// ruleFigures are the cost of an evaluation of each group, and the most expensive rules.
func ruleFigures(groups []groupCost) []figure {
	words := func(of []ruleCost, cpu time.Duration) string {
		samples := int64(0)
		for _, r := range of {
			samples += r.samples
		}
		return fmt.Sprintf("%s, %s ms", thousands(samples), amount(milliseconds(cpu), ""))
	}
	all := []figure{plain("rules, one evaluation", "samples, CPU")}
	var cpu time.Duration
	core := 0.0
	for _, g := range groups {
		cpu += g.cpu
		core += g.cpu.Seconds() / g.every.Seconds()
		all = append(all, plain(fmt.Sprintf("  %s, %d rules", g.name, len(g.rules)), "%s every %s", words(g.rules, g.cpu), g.every))
	}
	rules := rulesOf(groups)
	all = append(all, plain(fmt.Sprintf("  all %d rules", len(rules)), "%s, %.1f %% of a core", words(rules, cpu), 100*core),
		plain("  most expensive", ""))
	slices.SortStableFunc(rules, func(x, y ruleCost) int { return cmp.Compare(y.samples, x.samples) })
	for _, r := range rules[:min(costliestRules, len(rules))] {
		all = append(all, plain("    "+r.name, "%s", thousands(r.samples)))
	}
	return all
}
