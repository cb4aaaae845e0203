package observe

import (
	"cmp"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/selection"
)

// InstanceOf returns what a Prometheus or PrometheusAgent object selects; false for any other object.
func InstanceOf(object any) (selection.Instance, bool) {
	switch o := object.(type) {
	case *monitoringv1.Prometheus:
		i := instance(PrometheusKind.Kind, o, &o.Spec.CommonPrometheusFields)
		i.Rules = selection.Selectors{Objects: o.Spec.RuleSelector, Namespaces: o.Spec.RuleNamespaceSelector}
		i.Alerting = o.Spec.Alerting != nil && len(o.Spec.Alerting.Alertmanagers) > 0 || o.Spec.AdditionalAlertManagerConfigs != nil
		return i, true
	case *monitoringv1alpha1.PrometheusAgent:
		return instance(PrometheusAgentKind.Kind, o, &o.Spec.CommonPrometheusFields), true
	}
	return selection.Instance{}, false
}

func instance(kind string, o metav1.Object, f *monitoringv1.CommonPrometheusFields) selection.Instance {
	return selection.Instance{
		Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName(), Labels: o.GetLabels(),
		PodMonitors:               selection.Selectors{Objects: f.PodMonitorSelector, Namespaces: f.PodMonitorNamespaceSelector},
		IgnoresNamespaceSelectors: f.IgnoreNamespaceSelectors,
	}
}

// StripPrometheus is what a cache keeps of a Prometheus or PrometheusAgent object: what InstanceOf reads.
func StripPrometheus(in any) (any, error) {
	switch o := in.(type) {
	case *monitoringv1.Prometheus:
		kept := &monitoringv1.Prometheus{TypeMeta: o.TypeMeta, ObjectMeta: bare(o)}
		kept.Labels = o.Labels
		kept.Spec.CommonPrometheusFields = selecting(&o.Spec.CommonPrometheusFields)
		kept.Spec.RuleSelector, kept.Spec.RuleNamespaceSelector = o.Spec.RuleSelector, o.Spec.RuleNamespaceSelector
		if i, _ := InstanceOf(o); i.Alerting { // that there is one matters, not where
			kept.Spec.Alerting = &monitoringv1.AlertingSpec{Alertmanagers: make([]monitoringv1.AlertmanagerEndpoints, 1)}
		}
		return kept, nil
	case *monitoringv1alpha1.PrometheusAgent:
		kept := &monitoringv1alpha1.PrometheusAgent{TypeMeta: o.TypeMeta, ObjectMeta: bare(o)}
		kept.Labels = o.Labels
		kept.Spec.CommonPrometheusFields = selecting(&o.Spec.CommonPrometheusFields)
		return kept, nil
	}
	return in, nil
}

func selecting(f *monitoringv1.CommonPrometheusFields) monitoringv1.CommonPrometheusFields {
	return monitoringv1.CommonPrometheusFields{
		PodMonitorSelector:          f.PodMonitorSelector,
		PodMonitorNamespaceSelector: f.PodMonitorNamespaceSelector,
		IgnoreNamespaceSelectors:    f.IgnoreNamespaceSelectors,
	}
}

// sortInstances orders instances by kind, namespace and name, so that what is derived from them is deterministic.
func sortInstances(instances []selection.Instance) {
	slices.SortFunc(instances, func(a, b selection.Instance) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}
