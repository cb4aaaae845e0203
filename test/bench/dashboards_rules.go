package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
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

// rules evaluates each rule as an instant query at the end of the history. Times are medians, the CPU is a mean.
func (s *server) rules(ctx context.Context) ([]groupCost, error) {
	groups, err := ruleGroups()
	if err != nil {
		return nil, err
	}
	var all []groupCost
	for _, g := range groups {
		one, err := s.group(ctx, g)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.Name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func (s *server) group(ctx context.Context, g monitoringv1.RuleGroup) (groupCost, error) {
	every, err := intervalOf(g)
	if err != nil {
		return groupCost{}, err
	}
	before, err := s.process.cpu()
	if err != nil {
		return groupCost{}, err
	}
	cost := groupCost{name: g.Name, every: every}
	for _, r := range g.Rules {
		rule := ruleCost{name: r.Record + r.Alert}
		var took []time.Duration
		for range evaluations {
			if rule.queryCost, err = s.ask(ctx, asked{expr: r.Expr.String(), instant: true}); err != nil {
				return groupCost{}, fmt.Errorf("%s: %w", rule.name, err)
			}
			took = append(took, rule.evaluation)
		}
		rule.evaluation = time.Duration(median(took) * float64(time.Millisecond))
		cost.rules = append(cost.rules, rule)
	}
	after, err := s.process.cpu()
	cost.cpu = (after - before) / evaluations
	return cost, err
}

// intervalOf is how often a group is evaluated.
func intervalOf(g monitoringv1.RuleGroup) (time.Duration, error) {
	if g.Interval == nil {
		return scrapeEvery, nil
	}
	d, err := model.ParseDuration(string(*g.Interval))
	return time.Duration(d), err
}

// checkRecordings reports the first rule that would record other than what the history is made with, by the number of series: what
// dashboards are measured on must be what the rules record.
func (s *server) checkRecordings(ctx context.Context, groups []groupCost) error {
	for _, r := range rulesOf(groups) {
		if !slices.Contains(madeRecordings, r.name) {
			continue
		}
		had, err := s.ask(ctx, asked{expr: r.name, instant: true})
		if err != nil {
			return err
		}
		if had.results != r.results {
			return fmt.Errorf("the history has %d series of %s, where its rule records %d", had.results, r.name, r.results)
		}
	}
	return nil
}

// rulesOf are the rules of all groups.
func rulesOf(groups []groupCost) []ruleCost {
	var all []ruleCost
	for _, g := range groups {
		all = append(all, g.rules...)
	}
	return all
}

// sum is what all the rules cost together.
func sum(rules []ruleCost) queryCost {
	var all queryCost
	for _, r := range rules {
		all.samples += r.samples
		all.evaluation += r.evaluation
	}
	return all
}

// ruleFigures are the cost of an evaluation of each group, and the most expensive rules.
func ruleFigures(groups []groupCost) []figure {
	words := func(c queryCost) string {
		return fmt.Sprintf("%s, %s ms", thousands(c.samples), amount(milliseconds(c.evaluation), ""))
	}
	all := []figure{told("rules, one evaluation", "samples, evaluation, CPU")}
	var cpu time.Duration
	core := 0.0
	for _, g := range groups {
		cpu += g.cpu
		core += g.cpu.Seconds() / g.every.Seconds()
		all = append(all, told(fmt.Sprintf("  %s, %d rules", g.name, len(g.rules)), "%s, %s ms every %s", words(sum(g.rules)),
			amount(milliseconds(g.cpu), ""), g.every))
	}
	rules := rulesOf(groups)
	all = append(all, told(fmt.Sprintf("  all %d rules", len(rules)), "%s, %s ms, %.1f %% of a core", words(sum(rules)),
		amount(milliseconds(cpu), ""), 100*core), told("  most expensive", ""))
	slices.SortStableFunc(rules, func(x, y ruleCost) int { return cmp.Compare(y.samples, x.samples) })
	for _, r := range rules[:min(costliestRules, len(rules))] {
		all = append(all, told("    "+r.name, "%s", words(r.queryCost)))
	}
	return all
}
