package v1alpha1

import (
	"github.com/fluxcd/pkg/apis/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FluxMonitoringStatus is what is, as last observed.
type FluxMonitoringStatus struct {
	// ObservedGeneration is the generation of the spec this status speaks of; -1 before the operator has looked at it.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// LastHandledReconcileAt is the value of the annotation reconcile.fluxcd.io/requestedAt that was last acted on.
	meta.ReconcileRequestStatus `json:",inline"`

	// Conditions: Ready, Reconciling, Stalled (as kstatus defines them), and Scraped, ResourceMetrics and AlertsEffective,
	// which are evidence and never hold Ready back.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// Flux found.
	// +optional
	Flux *FluxStatus `json:"flux,omitempty"`

	// Prometheuses that spec.prometheus selects, and whether they take up what is generated.
	// +optional
	// +listType=atomic
	Prometheuses []PrometheusStatus `json:"prometheuses,omitempty"`

	// ResourceMetrics is where the state of Flux objects comes from, as it was resolved.
	// +optional
	ResourceMetrics *ResourceMetricsStatus `json:"resourceMetrics,omitempty"`

	// Dashboards says by which uids Grafana knows the dashboards. Absent while there are none.
	// +optional
	Dashboards *DashboardsStatus `json:"dashboards,omitempty"`

	// DeletionPolicy is Orphan once no generated object has an ownerReference any more: from then on deleting this resource
	// leaves all of them. Empty otherwise.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Inventory of the objects this resource has applied.
	// +optional
	Inventory *Inventory `json:"inventory,omitempty"`
}

// FluxStatus is the Flux found.
type FluxStatus struct {
	// Version of the distribution, such as v2.9.4. Empty when nothing tells it.
	// +optional
	Version string `json:"version,omitempty"`
	// Controllers found: the Deployments with a container port whose name begins with http-prom.
	// +optional
	// +listType=map
	// +listMapKey=name
	Controllers []ControllerStatus `json:"controllers,omitempty"`
}

// ControllerStatus is one controller found.
type ControllerStatus struct {
	// Name of the Deployment, and where that runs several controllers, of the container, as <deployment>/<container>.
	Name string `json:"name"`
	// Version of its image.
	// +optional
	Version string `json:"version,omitempty"`
}

// ResourceMetricsStatus is the source of the state of Flux objects.
type ResourceMetricsStatus struct {
	// Source in effect, never Auto. Empty: nothing delivers here.
	// +optional
	Source ResourceMetricsSource `json:"source,omitempty"`
	// Reason for it, in a sentence.
	// +optional
	Reason string `json:"reason,omitempty"`
}

// DashboardsStatus says by which uids Grafana knows the dashboards.
type DashboardsStatus struct {
	// UIDSuffix ends the uid of each dashboard: that of flux-cluster is flux-cluster followed by it. Empty for the first
	// FluxMonitoring of the cluster that has dashboards. It stays until dashboards are disabled.
	UIDSuffix string `json:"uidSuffix"`
}

// HasStateFrom reports whether the state of its objects comes from this source, as its status says.
func (in *FluxMonitoring) HasStateFrom(source ResourceMetricsSource) bool {
	return in.Status.ResourceMetrics != nil && in.Status.ResourceMetrics.Source == source
}

// HasPlainUIDs reports whether the uids of the dashboards are their names, as for one FluxMonitoring of a cluster.
func (in *FluxMonitoring) HasPlainUIDs() bool {
	return in.Status.Dashboards != nil && in.Status.Dashboards.UIDSuffix == ""
}

// PrometheusStatus says whether one Prometheus or PrometheusAgent takes up what is generated.
type PrometheusStatus struct {
	// Kind: Prometheus or PrometheusAgent.
	Kind string `json:"kind"`
	// Namespace of the object.
	Namespace string `json:"namespace"`
	// Name of the object.
	Name string `json:"name"`
	// PodMonitorSelected: its selectors take up the PodMonitor. Absent when there is none to take up.
	// +optional
	PodMonitorSelected *bool `json:"podMonitorSelected,omitempty"`
	// RulesSelected: its selectors take up the PrometheusRule. Absent when there is none, and for a PrometheusAgent,
	// which evaluates no rules.
	// +optional
	RulesSelected *bool `json:"rulesSelected,omitempty"`
	// Missing is what keeps it from taking them up, a sentence each.
	// +optional
	// +listType=atomic
	Missing []string `json:"missing,omitempty"`
}

// Inventory lists applied objects in the format of Flux's own inventories.
type Inventory struct {
	// Entries, sorted by ID.
	// +listType=map
	// +listMapKey=id
	Entries []InventoryEntry `json:"entries"`
}

// InventoryEntry is one applied object.
type InventoryEntry struct {
	// ID is <namespace>_<name>_<group>_<kind>.
	ID string `json:"id"`
	// Version of the API the object was applied with, such as v1.
	Version string `json:"v"`
}
