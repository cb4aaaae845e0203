package controllers_test

import (
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// rules are those of the generated PrometheusRule that an alert of this name has, or all; none where there is no PrometheusRule.
func (p *place) rules(alert ...string) []monitoringv1.Rule {
	p.t.Helper()
	rule := &monitoringv1.PrometheusRule{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "flux"}}
	p.must(client.IgnoreNotFound(p.Get(p.t.Context(), client.ObjectKeyFromObject(rule), rule)))
	var found []monitoringv1.Rule
	for _, group := range rule.Spec.Groups {
		for _, r := range group.Rules {
			if len(alert) == 0 || r.Alert == alert[0] {
				found = append(found, r)
			}
		}
	}
	return found
}

// expression is that of an alert's first rule.
func (p *place) expression(alert string) string {
	p.t.Helper()
	for _, r := range p.rules(alert) {
		return r.Expr.String()
	}
	return ""
}

// keeps reports whether any rule of the generated PrometheusRule has the field keep_firing_for.
func (p *place) keeps() bool {
	return slices.ContainsFunc(p.rules(), func(r monitoringv1.Rule) bool { return r.KeepFiringFor != nil })
}

// monitor is a generated PodMonitor; an empty one where there is none.
func (p *place) monitor(name string) *monitoringv1.PodMonitor {
	p.t.Helper()
	monitor := &monitoringv1.PodMonitor{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name}}
	p.must(client.IgnoreNotFound(p.Get(p.t.Context(), client.ObjectKeyFromObject(monitor), monitor)))
	return monitor
}

// endpoint is the only one of a PodMonitor.
func (p *place) endpoint(name string) monitoringv1.PodMetricsEndpoint {
	p.t.Helper()
	return p.monitor(name).Spec.PodMetricsEndpoints[0]
}

// scraped are the values of the label app that the PodMonitor selects.
func (p *place) scraped() []string {
	p.t.Helper()
	for _, expression := range p.monitor("flux").Spec.Selector.MatchExpressions {
		return expression.Values
	}
	return nil
}
