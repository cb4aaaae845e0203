package desired

import (
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
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
		return alerts.Recordings(alertParams(fm, facts)), nil
	}
	return nil, nil
}

func alertGroups(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]monitoringv1.RuleGroup, error) {
	if err := modest(&fm.Spec.Alerts); err != nil {
		return nil, err
	}
	groups, err := alerts.Groups(alertParams(fm, facts))
	if err != nil {
		return nil, &ConfigurationError{Field: "spec.alerts.rules", Err: err}
	}
	if err := checkAdditional(ownerOf(fm), groups, fm.Spec.Alerts.AdditionalGroups); err != nil {
		return nil, err
	}
	if err := ownersFault(groups, ownerOf(fm)); err != nil {
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
				r.Labels = merged(r.Labels, map[string]string{alertmanager.OwnerLabel: ownerOf(fm)})
			}
		}
		groups = append(groups, g)
	}
	return groups
}

func alertParams(fm *v1alpha1.FluxMonitoring, facts facts.Facts) alerts.Params {
	spec := &fm.Spec.Alerts
	return alerts.Params{
		Exposure: exposure(fm, facts), Job: job(fm), StateJob: stateJob(fm, facts), ExporterJob: jobOf(fm, flux.Exporter), Cluster: fm.Spec.Cluster,
		OperatorJob: watchedJob(fm, facts), OperatorNamespace: facts.MetricsNamespace,
		Labels: routed(fm, spec.Labels), Annotations: spec.Annotations, RunbookURL: spec.RunbookURL, Waits: facts.Waits,
		Overrides: overrides(fm),
	}
}

func overrides(fm *v1alpha1.FluxMonitoring) []alerts.Override {
	result := make([]alerts.Override, 0, len(fm.Spec.Alerts.Rules))
	for _, r := range fm.Spec.Alerts.Rules {
		result = append(result, alerts.Override{
			Name: string(r.Name), Enabled: r.Enabled, For: duration(r.For), KeepFiringFor: duration(r.KeepFiringFor),
			Severity: string(r.Severity), Threshold: r.Threshold, Labels: routed(fm, r.Labels), Annotations: r.Annotations,
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
