package desired

import (
	"errors"
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// prometheusRule holds the catalogue's groups, and the user's own after them.
func prometheusRule(fm *v1alpha1.FluxMonitoring, facts observe.Facts) ([]*unstructured.Unstructured, error) {
	if !v1alpha1.On(fm.Spec.Alerts.Enabled) || len(facts.Flux.Controllers) == 0 {
		return nil, nil
	}
	groups, err := alerts.Groups(alertParams(fm, facts))
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.alerts.rules", Err: err}
	}
	if err := checkAdditional(groups, fm.Spec.Alerts.AdditionalGroups); err != nil {
		return nil, err
	}
	o := newObject(observe.PrometheusRuleKind, fm, "")
	addDemands(o, fm, facts, func(i selection.Instance) selection.Selectors { return i.Rules })
	spec := monitoringv1.PrometheusRuleSpec{Groups: append(groups, fm.Spec.Alerts.AdditionalGroups...)}
	return []*unstructured.Unstructured{o}, setSpec(o, spec)
}

func alertParams(fm *v1alpha1.FluxMonitoring, facts observe.Facts) alerts.Params {
	spec := &fm.Spec.Alerts
	return alerts.Params{
		Exposure: exposure(fm, facts), Job: job(fm), StateJob: stateJob(fm, facts), ExporterJob: jobOf(fm, flux.Exporter), Cluster: fm.Spec.Cluster,
		Labels: spec.Labels, Annotations: spec.Annotations, RunbookURL: spec.RunbookURL, Overrides: overrides(spec.Rules),
	}
}

func overrides(rules []v1alpha1.AlertRule) []alerts.Override {
	result := make([]alerts.Override, 0, len(rules))
	for _, r := range rules {
		result = append(result, alerts.Override{
			Name: string(r.Name), Enabled: r.Enabled, For: duration(r.For), KeepFiringFor: duration(r.KeepFiringFor),
			Severity: string(r.Severity), Threshold: r.Threshold, Labels: r.Labels, Annotations: r.Annotations,
		})
	}
	return result
}

func duration(d v1alpha1.AlertDuration) *monitoringv1.Duration {
	if d == "" {
		return nil
	}
	result := monitoringv1.Duration(d)
	return &result
}

// checkAdditional reports what Prometheus would refuse of the user's own groups, with field and position: one bad rule
// would keep it from loading all of them.
func checkAdditional(own, additional []monitoringv1.RuleGroup) error {
	taken := map[string]bool{}
	for _, g := range own {
		taken[g.Name] = true
	}
	for i, g := range additional {
		field := fmt.Sprintf("spec.alerts.additionalGroups[%d]", i)
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
