package desired

import (
	"cmp"
	"errors"
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/query"
)

// additionalField is the field of the spec that lists the user's own groups.
const additionalField = "spec.alerts.additionalGroups"

// checkAdditional is what Prometheus would refuse of the user's own groups, with field and position: because of one bad rule it would load
// none of them.
func checkAdditional(owner string, generated, additional []monitoringv1.RuleGroup) error {
	if err := checkRuleBounds(additional); err != nil {
		return &ConfigurationError{Field: additionalField, Err: err}
	}
	taken := map[string]bool{}
	for _, g := range generated {
		taken[g.Name] = true
	}
	for i, g := range additional {
		field := fmt.Sprintf("%s[%d]", additionalField, i)
		if taken[g.Name] {
			return &ConfigurationError{Field: field + ".name", Err: fmt.Errorf("%q is taken by another group, choose another name", g.Name)}
		}
		taken[g.Name] = true
		if err := hasForeignOwner(g.Labels, owner); err != nil {
			return &ConfigurationError{Field: field + ".labels", Err: err}
		}
		for j, r := range g.Rules {
			if err := checkRule(fmt.Sprintf("%s.rules[%d]", field, j), owner, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkRule(field, owner string, r monitoringv1.Rule) error {
	if err := hasCatalogueName(r); err != nil {
		return &ConfigurationError{Field: field + ".alert", Err: err}
	}
	if err := hasForeignOwner(r.Labels, owner); err != nil {
		return &ConfigurationError{Field: field + ".labels", Err: err}
	}
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

// checkRules is what else prometheus-operator would refuse of the groups, of which the first ones are generated: it accepts a whole
// PrometheusRule or nothing. It checks every rule, whoever wrote it, because any field of the spec may reach one.
func checkRules(groups []monitoringv1.RuleGroup, generated int) error {
	if tooLarge(groups) {
		return &ConfigurationError{Field: additionalField, Err: errTooLarge}
	}
	for i, g := range groups {
		field := "spec.alerts"
		if i >= generated {
			field = fmt.Sprintf("%s[%d]", additionalField, i-generated)
		}
		if err := checkGroup(field, g, i >= generated); err != nil {
			return err
		}
	}
	return nil
}

// checkGroup is what is wrong with a group: with one of its rules, or with the rest. Rules of a generated group are named by their alert or
// record, because the user does not see the group.
func checkGroup(field string, g monitoringv1.RuleGroup, users bool) error {
	for j, r := range g.Rules {
		err := ruleFault(r)
		switch {
		case err != nil && users:
			return &ConfigurationError{Field: fmt.Sprintf("%s.rules[%d]", field, j), Err: err}
		case err != nil:
			return &ConfigurationError{Field: field, Err: fmt.Errorf("%s: %w", cmp.Or(r.Alert, r.Record), err)}
		}
	}
	if err := groupFault(g); err != nil {
		return &ConfigurationError{Field: field, Err: err}
	}
	return nil
}
