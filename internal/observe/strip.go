package observe

import (
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Strip is the transform of caches: it keeps what facts are read from, and of metadata-only objects names and labels.
func Strip(in any) (any, error) {
	switch o := in.(type) {
	case *monitoringv1.Prometheus:
		return strippedPrometheus(o), nil
	case *monitoringv1alpha1.PrometheusAgent:
		return strippedAgent(o), nil
	case *monitoringv1.Alertmanager:
		return strippedAlertmanager(o), nil
	case *appsv1.StatefulSet:
		return strippedStatefulSet(o), nil
	case *metav1.PartialObjectMetadata:
		kept := &metav1.PartialObjectMetadata{TypeMeta: o.TypeMeta, ObjectMeta: identityOf(o)}
		kept.Labels = o.Labels
		return kept, nil
	}
	return in, nil
}
