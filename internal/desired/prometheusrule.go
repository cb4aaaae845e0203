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

// prometheusRule holds the groups that are wanted; without any there is none.
func prometheusRule(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	groups, err := ruleGroups(fm, facts)
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	o := newObject(kinds.PrometheusRule, fm, "")
	addDemands(o, fm, facts, func(i selection.Instance) selection.Selectors { return i.Rules })
	return []*unstructured.Unstructured{o}, setSpec(o, monitoringv1.PrometheusRuleSpec{Groups: groups})
}

// ruleGroups are the catalogue's groups, and the user's own after them. Where alerts are turned off there are the recordings that
// dashboards stand on, and where those are too, nothing. Who wants dashboards alone is not asked to install prometheus-operator.
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
	if err := modest(&fm.Spec.Alerts); err != nil {
		return nil, err
	}
	groups, err := alerts.Groups(pipeline.AlertParams(fm, facts))
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.alerts.rules", Err: err}
	}
	if err := checkAdditional(pipeline.OwnerOf(fm), groups, fm.Spec.Alerts.AdditionalGroups); err != nil {
		return nil, err
	}
	if err := ownersFault(groups, pipeline.OwnerOf(fm)); err != nil {
		return nil, &ConfigurationError{Field: "spec.alerts", Err: err}
	}
	groups = append(groups, additional(fm)...)
	return groups, checkRules(groups, len(groups)-len(fm.Spec.Alerts.AdditionalGroups))
}

// additional are the user's own groups, with the label by which notifications are routed here on each alert that does not set it itself. None
// can so have that of another FluxMonitoring from the series of its expression.
func additional(fm *v1alpha1.FluxMonitoring) []monitoringv1.RuleGroup {
	var groups []monitoringv1.RuleGroup
	for _, g := range fm.Spec.Alerts.AdditionalGroups {
		g = *g.DeepCopy()
		for i := range g.Rules {
			r := &g.Rules[i]
			_, ofGroup := g.Labels[alertmanager.OwnerLabel]
			if _, own := r.Labels[alertmanager.OwnerLabel]; r.Alert != "" && !own && !ofGroup {
				r.Labels = merged(r.Labels, map[string]string{alertmanager.OwnerLabel: pipeline.OwnerOf(fm)})
			}
		}
		groups = append(groups, g)
	}
	return groups
}
