// Package kinds is the table of the Kubernetes kinds that the operator reads and writes, except those of Flux, which
// are in internal/flux. It has the names of each kind, whether a cluster can lack it, whether the operator generates
// it, and what a cache keeps of it. It has no client, and does not know what an object means.
package kinds

import (
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const victoriaMetrics = "operator.victoriametrics.com"

// The kinds, each in one version.
var (
	// ConfigMap holds a dashboard. Every cluster serves it.
	ConfigMap = corev1.SchemeGroupVersion.WithKind("ConfigMap")
	// PodMonitor is prometheus-operator's.
	PodMonitor = monitoringv1.SchemeGroupVersion.WithKind("PodMonitor")
	// PrometheusRule is prometheus-operator's.
	PrometheusRule = monitoringv1.SchemeGroupVersion.WithKind("PrometheusRule")
	// Prometheus is prometheus-operator's.
	Prometheus = monitoringv1.SchemeGroupVersion.WithKind("Prometheus")
	// PrometheusAgent is prometheus-operator's.
	PrometheusAgent = monitoringv1alpha1.SchemeGroupVersion.WithKind("PrometheusAgent")
	// Alertmanager is prometheus-operator's.
	Alertmanager = monitoringv1.SchemeGroupVersion.WithKind("Alertmanager")
	// AlertmanagerConfig is in the version that prometheus-operator's default CRD serves.
	AlertmanagerConfig = monitoringv1alpha1.SchemeGroupVersion.WithKind(monitoringv1alpha1.AlertmanagerConfigKind)
	// AlertmanagerConfigBeta is the other version, which needs prometheus-operator's conversion webhook.
	AlertmanagerConfigBeta = monitoringv1beta1.SchemeGroupVersion.WithKind(monitoringv1beta1.AlertmanagerConfigKind)
	// FluxProvider is in the version of Flux 2.2 and later.
	FluxProvider = schema.GroupVersionKind{Group: flux.GroupNotification, Version: "v1beta3", Kind: "Provider"}
	// FluxProviderOlder is in the version of Flux 2.1 and earlier.
	FluxProviderOlder = schema.GroupVersionKind{Group: flux.GroupNotification, Version: "v1beta2", Kind: "Provider"}
	// FluxAlert is in the version of Flux 2.2 and later.
	FluxAlert = schema.GroupVersionKind{Group: flux.GroupNotification, Version: "v1beta3", Kind: "Alert"}
	// FluxAlertOlder is in the version of Flux 2.1 and earlier.
	FluxAlertOlder = schema.GroupVersionKind{Group: flux.GroupNotification, Version: "v1beta2", Kind: "Alert"}
	// HelmRelease is in the version of Flux 2.3 and later. Earlier versions cannot name a chart in an OCIRepository.
	HelmRelease = schema.GroupVersionKind{Group: flux.GroupHelm, Version: "v2", Kind: "HelmRelease"}
	// OCIRepository is in the version of Flux 2.6 and later.
	OCIRepository = schema.GroupVersionKind{Group: flux.GroupSource, Version: "v1", Kind: "OCIRepository"}
	// OCIRepositoryOlder is in the version of Flux 2.5 and earlier.
	OCIRepositoryOlder = schema.GroupVersionKind{Group: flux.GroupSource, Version: "v1beta2", Kind: "OCIRepository"}
	// FluxReport is what flux-operator reports about the Flux in its namespace.
	FluxReport = schema.GroupVersionKind{Group: flux.GroupFluxOperator, Version: "v1", Kind: "FluxReport"}
	// GrafanaDashboard is grafana-operator's.
	GrafanaDashboard = schema.GroupVersionKind{Group: "grafana.integreatly.org", Version: "v1beta1", Kind: "GrafanaDashboard"}
	// VMAgent is a collector of the VictoriaMetrics operator, which converts PodMonitors.
	VMAgent = schema.GroupVersionKind{Group: victoriaMetrics, Version: "v1beta1", Kind: "VMAgent"}
	// VMSingle is a database of the VictoriaMetrics operator that can scrape too.
	VMSingle = schema.GroupVersionKind{Group: victoriaMetrics, Version: "v1beta1", Kind: "VMSingle"}
	// VMAlert evaluates rules for the VictoriaMetrics operator, which converts PrometheusRules.
	VMAlert = schema.GroupVersionKind{Group: victoriaMetrics, Version: "v1beta1", Kind: "VMAlert"}
	// OpenTelemetryCollector can have a target allocator, which reads PodMonitors.
	OpenTelemetryCollector = schema.GroupVersionKind{Group: "opentelemetry.io", Version: "v1beta1", Kind: "OpenTelemetryCollector"}
	// GooglePodMonitoring is what Google Managed Prometheus reads instead of a PodMonitor.
	GooglePodMonitoring = schema.GroupVersionKind{Group: "monitoring.googleapis.com", Version: "v1", Kind: "PodMonitoring"}
	// AzurePodMonitor is what Azure Monitor reads: a PodMonitor of another group.
	AzurePodMonitor = schema.GroupVersionKind{Group: "azmonitoring.coreos.com", Version: "v1", Kind: "PodMonitor"}
	// StatefulSet can run Grafana. Every cluster serves it, but a role of an older release does not let the operator read it.
	StatefulSet = appsv1.SchemeGroupVersion.WithKind("StatefulSet")
	// Namespace is read for its labels, and for whether it is terminating.
	Namespace = corev1.SchemeGroupVersion.WithKind("Namespace")
	// CustomResourceDefinition is read for its name, which shows what the cluster can serve.
	CustomResourceDefinition = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
)

// Cached is what a cache keeps of the objects of a kind.
type Cached int

const (
	// Labels keeps names and labels.
	Labels Cached = iota
	// Ownership keeps what shows drift, and only of generated objects.
	Ownership
	// Selectors keeps the fields that decide about selection and notification.
	Selectors
	// Sidecars keeps what a Grafana loads, and of other objects the name.
	Sidecars
)

// Kind is a row of the table.
type Kind struct {
	schema.GroupVersionKind
	// Plural is the name of the resource, and part of the CRD's name.
	Plural string
	// Optional: a cluster can lack it, or the operator the permission to read it, and that can change.
	Optional bool
	// BuiltIn: it is optional and has no CustomResourceDefinition.
	BuiltIn bool
	// Generated: the operator applies objects of it.
	Generated bool
	// Status: the operator reads the conditions of those that it has applied.
	Status bool
	// Older: it is used only if the cluster does not serve the preferred version.
	Older bool
	// Collector: it belongs to another collector than Prometheus. The operator reads whether its CRD exists, and no objects.
	Collector bool
	// Cached is what a cache keeps of its objects.
	Cached Cached

	typed func() Object
}

// Object is an object of any kind.
type Object interface {
	metav1.Object
	runtime.Object
}

// New returns an empty object as caches hold it: typed if its spec is read, else metadata only.
func (k Kind) New() Object {
	if k.typed != nil {
		return k.typed()
	}
	return Metadata(k.GroupVersionKind)
}

// CRD is the name of the kind's CustomResourceDefinition; of a built-in kind, the name that it would have.
func (k Kind) CRD() string { return k.Plural + "." + k.Group }

// table has the preferred version of a kind before its older one.
var table = []Kind{
	{GroupVersionKind: ConfigMap, Plural: "configmaps", Generated: true, Cached: Ownership},
	{GroupVersionKind: PodMonitor, Plural: "podmonitors", Optional: true, Generated: true, Cached: Ownership},
	{GroupVersionKind: PrometheusRule, Plural: "prometheusrules", Optional: true, Generated: true, Cached: Ownership},
	{GroupVersionKind: AlertmanagerConfig, Plural: "alertmanagerconfigs", Optional: true, Generated: true, Cached: Ownership},
	{GroupVersionKind: AlertmanagerConfigBeta, Plural: "alertmanagerconfigs", Optional: true, Generated: true, Older: true, Cached: Ownership},
	{GroupVersionKind: FluxProvider, Plural: "providers", Optional: true, Generated: true, Cached: Ownership},
	{GroupVersionKind: FluxProviderOlder, Plural: "providers", Optional: true, Generated: true, Older: true, Cached: Ownership},
	{GroupVersionKind: FluxAlert, Plural: "alerts", Optional: true, Generated: true, Cached: Ownership},
	{GroupVersionKind: FluxAlertOlder, Plural: "alerts", Optional: true, Generated: true, Older: true, Cached: Ownership},
	{GroupVersionKind: HelmRelease, Plural: "helmreleases", Optional: true, Generated: true, Status: true, Cached: Ownership},
	{GroupVersionKind: OCIRepository, Plural: "ocirepositories", Optional: true, Generated: true, Cached: Ownership},
	{GroupVersionKind: OCIRepositoryOlder, Plural: "ocirepositories", Optional: true, Generated: true, Older: true, Cached: Ownership},
	{GroupVersionKind: GrafanaDashboard, Plural: "grafanadashboards", Optional: true, Generated: true, Status: true, Cached: Ownership},
	{GroupVersionKind: Prometheus, Plural: "prometheuses", Optional: true, Cached: Selectors,
		typed: func() Object { return &monitoringv1.Prometheus{} }},
	{GroupVersionKind: PrometheusAgent, Plural: "prometheusagents", Optional: true, Cached: Selectors,
		typed: func() Object { return &monitoringv1alpha1.PrometheusAgent{} }},
	{GroupVersionKind: Alertmanager, Plural: "alertmanagers", Optional: true, Cached: Selectors,
		typed: func() Object { return &monitoringv1.Alertmanager{} }},
	{GroupVersionKind: StatefulSet, Plural: "statefulsets", Optional: true, BuiltIn: true, Cached: Sidecars,
		typed: func() Object { return &appsv1.StatefulSet{} }},
	{GroupVersionKind: FluxReport, Plural: "fluxreports", Optional: true, Cached: Labels},
	{GroupVersionKind: VMAgent, Plural: "vmagents", Collector: true},
	{GroupVersionKind: VMSingle, Plural: "vmsingles", Collector: true},
	{GroupVersionKind: VMAlert, Plural: "vmalerts", Collector: true},
	{GroupVersionKind: OpenTelemetryCollector, Plural: "opentelemetrycollectors", Collector: true},
	{GroupVersionKind: GooglePodMonitoring, Plural: "podmonitorings", Collector: true},
	{GroupVersionKind: AzurePodMonitor, Plural: "podmonitors", Collector: true},
	{GroupVersionKind: Namespace, Plural: "namespaces", Cached: Labels},
	{GroupVersionKind: CustomResourceDefinition, Plural: "customresourcedefinitions", Cached: Labels},
}

// Of returns the row of a kind; an empty one if the table has none.
func Of(kind schema.GroupVersionKind) Kind {
	for _, k := range table {
		if k.GroupVersionKind == kind {
			return k
		}
	}
	return Kind{}
}

// Generated lists the kinds that the operator applies. The first is always served. Of a kind with two versions, one
// is used at a time.
func Generated() []schema.GroupVersionKind { return those(func(k Kind) bool { return k.Generated }) }

// Optional lists the kinds that a cluster can lack, or that the operator cannot read everywhere. Of a kind with two versions, only the first
// that is served counts as served.
func Optional() []schema.GroupVersionKind { return those(func(k Kind) bool { return k.Optional }) }

// Collectors lists the kinds of other collectors than Prometheus.
func Collectors() []schema.GroupVersionKind { return those(func(k Kind) bool { return k.Collector }) }

// IsCollectorCRD reports whether a CRD of this name defines a kind of another collector.
func IsCollectorCRD(name string) bool {
	return len(those(func(k Kind) bool { return k.Collector && k.CRD() == name })) > 0
}

// OfCRD lists the optional kinds that a CustomResourceDefinition defines, in all versions of the table.
func OfCRD(name string) []schema.GroupVersionKind {
	return those(func(k Kind) bool { return k.Optional && k.CRD() == name })
}

// CRDs lists the names of the CustomResourceDefinitions of the optional kinds, and of built-in ones the names that these would have.
func CRDs() []string {
	var names []string
	for _, k := range table {
		if k.Optional && !slices.Contains(names, k.CRD()) {
			names = append(names, k.CRD())
		}
	}
	return names
}

// those are the kinds that meet a condition, in the order of the table.
func those(meets func(Kind) bool) (found []schema.GroupVersionKind) {
	for _, k := range table {
		if meets(k) {
			found = append(found, k.GroupVersionKind)
		}
	}
	return found
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

// Plain returns an empty object of a kind as plain data.
func Plain(kind schema.GroupVersionKind) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	return object
}

// PlainList returns an empty list of a kind as plain data.
func PlainList(kind schema.GroupVersionKind) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	return list
}
