package observe

import (
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
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
	// AlertmanagerKind may be absent.
	AlertmanagerKind = monitoringv1.SchemeGroupVersion.WithKind("Alertmanager")
	// AlertmanagerConfigKind may be absent. Of its two versions this is the one that prometheus-operator's usual CRD serves.
	AlertmanagerConfigKind = monitoringv1alpha1.SchemeGroupVersion.WithKind(monitoringv1alpha1.AlertmanagerConfigKind)
	// AlertmanagerConfigBetaKind is its other version, which needs prometheus-operator's conversion webhook.
	AlertmanagerConfigBetaKind = monitoringv1beta1.SchemeGroupVersion.WithKind(monitoringv1beta1.AlertmanagerConfigKind)
	// FluxProviderKind and FluxAlertKind are of Flux 2.2 and newer. They may be absent.
	FluxProviderKind = notification("v1beta3", "Provider")
	FluxAlertKind    = notification("v1beta3", "Alert")
	// FluxProviderOlderKind and FluxAlertOlderKind are of Flux 2.1 and older.
	FluxProviderOlderKind = notification("v1beta2", "Provider")
	FluxAlertOlderKind    = notification("v1beta2", "Alert")
	// FluxReportKind is flux-operator's report on the Flux in its namespace. It may be absent.
	FluxReportKind = schema.GroupVersionKind{Group: flux.GroupFluxOperator, Version: "v1", Kind: "FluxReport"}
	// GrafanaDashboardKind is grafana-operator's. It may be absent.
	GrafanaDashboardKind = schema.GroupVersionKind{Group: "grafana.integreatly.org", Version: "v1beta1", Kind: "GrafanaDashboard"}
)

func notification(version, kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: flux.GroupNotification, Version: version, Kind: kind}
}

// Generated lists the kinds the operator applies; the first is always served. Of a kind that is in it in two versions one
// alone is ever in use.
func Generated() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		ConfigMapKind, PodMonitorKind, PrometheusRuleKind, AlertmanagerConfigKind, AlertmanagerConfigBetaKind,
		FluxProviderKind, FluxProviderOlderKind, FluxAlertKind, FluxAlertOlderKind, GrafanaDashboardKind,
	}
}

// Optional lists the kinds that may be absent, arrive and leave. Where a kind is in it in two versions, the first that is
// served counts as served, and the other does not.
func Optional() []schema.GroupVersionKind {
	return append(Generated()[1:], PrometheusKind, PrometheusAgentKind, AlertmanagerKind, FluxReportKind)
}

// IsGenerated reports whether the operator applies objects of a kind.
func IsGenerated(kind schema.GroupVersionKind) bool { return slices.Contains(Generated(), kind) }

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
