package v1alpha1

import (
	"github.com/fluxcd/pkg/apis/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FluxMonitoringStatus is what the operator last observed.
type FluxMonitoringStatus struct {
	// observedGeneration is the generation of the spec that this status is about; -1 until the operator has reconciled the resource.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// lastHandledReconcileAt is the value of the annotation reconcile.fluxcd.io/requestedAt that the operator last acted on.
	meta.ReconcileRequestStatus `json:",inline"`

	// conditions are Ready, Reconciling and Stalled, as kstatus defines them, and StackReady, Scraped, ResourceMetrics, AlertsEffective and
	// DashboardsLoaded among others. The latter are evidence: they never change Ready, and each is absent while the spec turns off what it is about.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// flux is the Flux that the operator found.
	// +optional
	Flux *FluxStatus `json:"flux,omitempty"`

	// prometheuses are the instances that spec.prometheus selects, and whether they select the generated objects.
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=namespace
	// +listMapKey=name
	Prometheuses []PrometheusStatus `json:"prometheuses,omitempty"`

	// resourceMetrics is the metrics source in effect.
	// +optional
	ResourceMetrics *ResourceMetricsStatus `json:"resourceMetrics,omitempty"`

	// dashboards is how Grafana identifies the dashboards. It is absent while there are none.
	// +optional
	Dashboards *DashboardsStatus `json:"dashboards,omitempty"`

	// stack is the stack that spec.stack installs. It is absent without spec.stack.
	// +optional
	Stack *StackStatus `json:"stack,omitempty"`

	// deletionPolicy is Orphan when no generated object has an ownerReference any more: from then on the objects are kept when this resource is
	// deleted. It is empty otherwise.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// inventory lists the objects that this resource has applied.
	// +optional
	Inventory *Inventory `json:"inventory,omitempty"`
}

// FluxStatus is the Flux that the operator found.
type FluxStatus struct {
	// version is the version of the distribution, such as v2.9.4. It is empty if no label or image has it.
	// +optional
	Version string `json:"version,omitempty"`
	// controllers are the Deployments with a container port whose name begins with http-prom.
	// +optional
	// +listType=map
	// +listMapKey=name
	Controllers []ControllerStatus `json:"controllers,omitempty"`
}

// ControllerStatus is one controller of Flux.
type ControllerStatus struct {
	// name is the name of the Deployment, or <deployment>/<container> if the Deployment runs several controllers.
	// +required
	Name string `json:"name"`
	// version is the version of its image.
	// +optional
	Version string `json:"version,omitempty"`
}

// ResourceMetricsStatus is the metrics source in effect.
type ResourceMetricsStatus struct {
	// source is the metrics source in effect, never Auto. It is empty if no source exports here.
	// +optional
	Source ResourceMetricsSource `json:"source,omitempty"`
	// message says why it is this source.
	// +optional
	Message string `json:"message,omitempty"`
}

// DashboardsStatus is how Grafana identifies the dashboards.
type DashboardsStatus struct {
	// uidSuffix is the end of the uid of each dashboard: the uid of flux-cluster is flux-cluster followed by it. It is empty for the first
	// FluxMonitoring of the cluster that has dashboards. It stays the same until the dashboards are disabled.
	// +required
	UIDSuffix string `json:"uidSuffix"`
}

// StackStatus is the stack that spec.stack installs. All its objects are in the namespace of the FluxMonitoring.
type StackStatus struct {
	// helmRelease is the name of the HelmRelease.
	// +required
	HelmRelease string `json:"helmRelease"`
	// version is the version of the chart that is installed. It is empty until an installation has succeeded.
	// +optional
	Version string `json:"version,omitempty"`
	// grafana is how to open Grafana. It is absent if the values of the chart turn Grafana off.
	// +optional
	Grafana *StackAccess `json:"grafana,omitempty"`
	// prometheus is how to open Prometheus. It is absent if the values of the chart turn Prometheus off.
	// +optional
	Prometheus *StackAccess `json:"prometheus,omitempty"`
	// alertmanager is how to open Alertmanager. It is absent if the values of the chart turn Alertmanager off.
	// +optional
	Alertmanager *StackAccess `json:"alertmanager,omitempty"`
}

// StackAccess is how to open a server of the stack.
type StackAccess struct {
	// service is the name of its Service.
	// +required
	Service string `json:"service"`
	// port is the port of the Service.
	// +required
	Port int32 `json:"port"`
	// url is its address outside of the cluster, as spec.stack has it.
	// +optional
	URL string `json:"url,omitempty"`
	// secret is the name of the Secret with the keys admin-user and admin-password. It is empty if no login is needed.
	// +optional
	Secret string `json:"secret,omitempty"`
}

// HasStateFrom reports whether the state of its objects comes from this source, as its status says.
func (in *FluxMonitoring) HasStateFrom(source ResourceMetricsSource) bool {
	return in.Status.ResourceMetrics != nil && in.Status.ResourceMetrics.Source == source
}

// HasPlainUIDs reports whether the uids of the dashboards are their names, as for one FluxMonitoring of a cluster.
func (in *FluxMonitoring) HasPlainUIDs() bool {
	return in.Status.Dashboards != nil && in.Status.Dashboards.UIDSuffix == ""
}

// PrometheusStatus is whether one Prometheus or PrometheusAgent selects the generated objects.
type PrometheusStatus struct {
	// kind is Prometheus or PrometheusAgent.
	// +required
	Kind string `json:"kind"`
	// namespace is the namespace of the object.
	// +required
	Namespace string `json:"namespace"`
	// name is the name of the object.
	// +required
	Name string `json:"name"`
	// podMonitorsSelected is whether it selects all generated PodMonitors. It is absent if there are none.
	// +optional
	PodMonitorsSelected *bool `json:"podMonitorsSelected,omitempty"`
	// rulesSelected is whether it selects the generated PrometheusRule. It is absent if there is none, and for a PrometheusAgent, which evaluates
	// no rules.
	// +optional
	RulesSelected *bool `json:"rulesSelected,omitempty"`
	// issues are what keeps it from selecting, scraping or evaluating the generated objects. The list is empty if nothing does.
	// +optional
	// +listType=atomic
	Issues []PrometheusIssue `json:"issues,omitempty"`
}

// PrometheusIssue is one thing that keeps a Prometheus from selecting, scraping or evaluating the generated objects.
type PrometheusIssue struct {
	// reason is LabelMissing, NamespaceNotSelected, NamespaceSelectorIgnored, NotRunning, ScrapeClassMissing, SelectorInvalid, SelectorNotSet,
	// SelectorsConflict or TargetLimitTooLow.
	// +required
	Reason string `json:"reason"`
	// field is the field of the Prometheus object that causes it, such as spec.podMonitorSelector. It is empty if no single field does.
	// +optional
	Field string `json:"field,omitempty"`
	// message says what is wrong.
	// +required
	Message string `json:"message"`
}

// Inventory lists the applied objects in the format of Flux's own inventories.
type Inventory struct {
	// entries are sorted by id.
	// +required
	// +listType=map
	// +listMapKey=id
	Entries []InventoryEntry `json:"entries"`
}

// InventoryEntry is one applied object.
type InventoryEntry struct {
	// id is <namespace>_<name>_<group>_<kind>.
	// +required
	ID string `json:"id"`
	// v is the version of the API that the object was applied with, such as v1.
	// +required
	Version string `json:"v"`
}
