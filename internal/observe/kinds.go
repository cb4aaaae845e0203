package observe

import (
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// The kinds the operator works with.
var (
	// ConfigMapKind holds dashboards. Every cluster serves it.
	ConfigMapKind = corev1.SchemeGroupVersion.WithKind("ConfigMap")
	// PodMonitorKind may be absent.
	PodMonitorKind = monitoringv1.SchemeGroupVersion.WithKind("PodMonitor")
	// PrometheusRuleKind may be absent.
	PrometheusRuleKind = monitoringv1.SchemeGroupVersion.WithKind("PrometheusRule")
	// PrometheusKind may be absent.
	PrometheusKind = monitoringv1.SchemeGroupVersion.WithKind("Prometheus")
	// PrometheusAgentKind may be absent.
	PrometheusAgentKind = monitoringv1alpha1.SchemeGroupVersion.WithKind("PrometheusAgent")
	// FluxReportKind is flux-operator's report on the Flux in its namespace. It may be absent.
	FluxReportKind = schema.GroupVersionKind{Group: flux.GroupFluxOperator, Version: "v1", Kind: "FluxReport"}
)

// Generated lists the kinds the operator applies; the first is always served.
func Generated() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{ConfigMapKind, PodMonitorKind, PrometheusRuleKind}
}

// Optional lists the kinds that may be absent, arrive and leave.
func Optional() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{PodMonitorKind, PrometheusRuleKind, PrometheusKind, PrometheusAgentKind, FluxReportKind}
}

// Metadata returns an empty metadata-only object of a kind.
func Metadata(kind schema.GroupVersionKind) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(kind)
	return object
}

// MetadataList returns an empty metadata-only list of a kind.
func MetadataList(kind schema.GroupVersionKind) *metav1.PartialObjectMetadataList {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	return list
}

// StripMetadata is what a cache keeps of an object of which only identity and labels matter.
func StripMetadata(in any) (any, error) {
	o, ok := in.(*metav1.PartialObjectMetadata)
	if !ok {
		return in, nil
	}
	kept := &metav1.PartialObjectMetadata{TypeMeta: o.TypeMeta, ObjectMeta: bare(o)}
	kept.Labels = o.Labels
	return kept, nil
}
