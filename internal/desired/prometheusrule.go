package desired

import (
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// prometheusRule has the desired rule groups; none without groups.
func prometheusRule(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	groups, err := ruleGroups(fm, facts)
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	o := newObject(kinds.PrometheusRule, fm, "")
	addPrometheusLabels(o, fm, facts, func(i selection.Instance) selection.Selectors { return i.Rules })
	return []*unstructured.Unstructured{o}, setSpec(o, monitoringv1.PrometheusRuleSpec{Groups: groups})
}

// ruleGroups are the groups of the catalogue, then the user's own. While alerts are turned off there are only the recording rules that
// dashboards are based on, and none if dashboards are turned off too: prometheus-operator is then not required.
func ruleGroups(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]monitoringv1.RuleGroup, error) {
	switch {
	case !facts.FluxFound():
		return nil, nil
	case v1alpha1.On(fm.Spec.Alerts.Enabled):
		return alertGroups(fm, facts)
	case v1alpha1.On(fm.Spec.Dashboards.Enabled) && facts.Served[kinds.PrometheusRule]:
		return alerts.Recordings(pipeline.AlertParams(fm, facts)), nil
	}
	return nil, nil
}

func alertGroups(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]monitoringv1.RuleGroup, error) {
	if err := checkMetadataBounds(&fm.Spec.Alerts); err != nil {
		return nil, err
	}
	if _, err := pipeline.Objective(&fm.Spec.Alerts); err != nil {
		return nil, &ConfigurationError{Field: "spec.alerts.errorBudget.objective", Err: err}
	}
	params := pipeline.AlertParams(fm, facts)
	params.DashboardURL = objectDashboard(fm, facts)
	groups, err := alerts.Groups(params)
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.alerts.overrides", Err: err}
	}
	if err := checkAdditional(pipeline.OwnerOf(fm), groups, fm.Spec.Alerts.AdditionalGroups); err != nil {
		return nil, err
	}
	if err := ownerFault(groups, pipeline.OwnerOf(fm)); err != nil {
		return nil, &ConfigurationError{Field: "spec.alerts", Err: err}
	}
	groups = append(groups, additionalGroups(fm)...)
	return groups, checkRules(groups, len(groups)-len(fm.Spec.Alerts.AdditionalGroups))
}

// additionalGroups are the user's own groups. Each alert that does not set the owner label itself gets it, so that no alert can get that of
// another FluxMonitoring from the series of its expression.
func additionalGroups(fm *v1alpha1.FluxMonitoring) []monitoringv1.RuleGroup {
	var groups []monitoringv1.RuleGroup
	for _, g := range fm.Spec.Alerts.AdditionalGroups {
		g = *g.DeepCopy()
		for i := range g.Rules {
			r := &g.Rules[i]
			_, ofGroup := g.Labels[alertmanager.OwnerLabel]
			if _, ownLabel := r.Labels[alertmanager.OwnerLabel]; r.Alert != "" && !ownLabel && !ofGroup {
				r.Labels = mergeMaps(r.Labels, map[string]string{alertmanager.OwnerLabel: pipeline.OwnerOf(fm)})
			}
		}
		groups = append(groups, g)
	}
	return groups
}
