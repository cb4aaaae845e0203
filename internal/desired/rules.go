package desired

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog" //nolint:depguard // rulefmt asks for a logger, and is given one that discards.
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/query"
)

// maxRuleBytes is what prometheus-operator allows of the rules of one PrometheusRule: half of what a ConfigMap can hold.
const maxRuleBytes = maxDataBytes / 2

// additionalField is the field of the spec that lists the user's own groups.
const additionalField = "spec.alerts.additionalGroups"

// checkAdditional reports what Prometheus would refuse of the user's own groups, with field and position: one bad rule
// would keep it from loading all of them.
func checkAdditional(own, additional []monitoringv1.RuleGroup) error {
	taken := map[string]bool{}
	for _, g := range own {
		taken[g.Name] = true
	}
	for i, g := range additional {
		field := fmt.Sprintf("%s[%d]", additionalField, i)
		if taken[g.Name] {
			return &ConfigurationError{Field: field + ".name", Err: fmt.Errorf("%q is taken by another group, choose another name", g.Name)}
		}
		taken[g.Name] = true
		for j, r := range g.Rules {
			if err := checkRule(fmt.Sprintf("%s.rules[%d]", field, j), r); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkRule(field string, r monitoringv1.Rule) error {
	if (r.Record == "") == (r.Alert == "") {
		return &ConfigurationError{Field: field, Err: errors.New("set exactly one of alert and record")}
	}
	if r.Record != "" && (r.For != nil || r.KeepFiringFor != nil || len(r.Annotations) > 0) {
		return &ConfigurationError{Field: field, Err: errors.New("a recording rule has no for, keep_firing_for or annotations: remove them")}
	}
	if err := query.Parse(r.Expr.String()); err != nil {
		return &ConfigurationError{Field: field + ".expr", Err: err}
	}
	return nil
}

// rewritten reports whether the resource puts words of its own into rules. Those of the catalogue are known to be right, and to
// read them again takes half as long as all else here.
func rewritten(fm *v1alpha1.FluxMonitoring) bool {
	spec := &fm.Spec.Alerts
	return fm.Spec.Cluster != "" || spec.RunbookURL != "" || len(spec.Labels)+len(spec.Annotations)+len(spec.AdditionalGroups) > 0 ||
		slices.ContainsFunc(spec.Rules, func(r v1alpha1.AlertRule) bool { return len(r.Labels)+len(r.Annotations) > 0 })
}

// checkRules reports what else prometheus-operator would refuse of the groups, of which the first `own` are generated: it takes
// up all of a PrometheusRule or nothing. It does what prometheus-operator's own validation does, with Prometheus' reader of rule
// files.
func checkRules(groups []monitoringv1.RuleGroup, own int) error {
	if len(ruleFile(groups)) > maxRuleBytes {
		return &ConfigurationError{Field: additionalField, Err: fmt.Errorf(
			"all rules together are larger than the %d bytes that prometheus-operator takes up of one PrometheusRule: move some of "+
				"them to a PrometheusRule of your own", maxRuleBytes)}
	}
	if fault(groups...) == nil {
		return nil
	}
	for i, g := range groups {
		field := "spec.alerts"
		if i >= own {
			field = fmt.Sprintf("%s[%d]", additionalField, i-own)
		}
		if err := checkGroup(field, g, i >= own); err != nil {
			return err
		}
	}
	return nil
}

// checkGroup finds what is wrong with a group: with one of its rules, each looked at by itself, or with the rest. A generated
// group is not for the user to look into, so its rules are told by their names.
func checkGroup(field string, g monitoringv1.RuleGroup, users bool) error {
	for j, r := range g.Rules {
		err := fault(monitoringv1.RuleGroup{Name: g.Name, Rules: []monitoringv1.Rule{r}})
		switch {
		case err != nil && users:
			return &ConfigurationError{Field: fmt.Sprintf("%s.rules[%d]", field, j), Err: err}
		case err != nil:
			return &ConfigurationError{Field: field, Err: fmt.Errorf("%s: %w", cmp.Or(r.Alert, r.Record), err)}
		}
	}
	g.Rules = nil
	if err := fault(g); err != nil {
		return &ConfigurationError{Field: field, Err: err}
	}
	return nil
}

// fault is what Prometheus would refuse of these groups besides their expressions, which are parsed where they are written; the
// first in the order of the alphabet, for labels are looked at in any order. Names are those that every Prometheus admits.
func fault(groups ...monitoringv1.RuleGroup) error {
	plain := make([]monitoringv1.RuleGroup, 0, len(groups))
	for _, g := range groups {
		g.Rules = slices.Clone(g.Rules)
		for i := range g.Rules {
			g.Rules[i].Expr = intstr.FromString("0")
		}
		plain = append(plain, g)
	}
	_, faults := rulefmt.Parse(ruleFile(plain), false, model.LegacyValidation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	sentences := make([]string, 0, len(faults))
	for _, f := range faults {
		sentences = append(sentences, withoutPlace(f))
	}
	if len(sentences) == 0 {
		return nil
	}
	return errors.New(slices.Min(sentences))
}

// withoutPlace is what a fault says without its line in a file that nobody sees.
func withoutPlace(fault error) string {
	var rule *rulefmt.Error
	if errors.As(fault, &rule) {
		return rule.Err.Unwrap().Error()
	}
	said := fault.Error()
	if _, place, ok := strings.Cut(said, "line "); ok {
		line, _, _ := strings.Cut(place, "\n")
		_, said, _ = strings.Cut(line, ": ")
	}
	return said
}

// ruleFile is what prometheus-operator has Prometheus read. It leaves out what is empty, and what Thanos alone knows.
func ruleFile(groups []monitoringv1.RuleGroup) []byte {
	spec := (&monitoringv1.PrometheusRuleSpec{Groups: groups}).DeepCopy()
	for i := range spec.Groups {
		g := &spec.Groups[i]
		g.PartialResponseStrategy = ""
		if g.Interval != nil && *g.Interval == "" {
			g.Interval = nil
		}
		for j := range g.Rules {
			if r := &g.Rules[j]; r.For != nil && *r.For == "" {
				r.For = nil
			}
		}
	}
	content, err := yaml.Marshal(spec)
	if err != nil {
		return nil // plain data always has a form
	}
	return content
}
