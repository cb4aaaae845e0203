package v1alpha1

import (
	"github.com/fluxcd/pkg/apis/kustomize"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kind of the resource, as it is written in manifests.
const Kind = "FluxMonitoring"

// FluxMonitoring makes one Flux installation observable: its controllers are scraped, its dashboards are in Grafana, its
// alerts are armed, and the status says on evidence whether that works. An empty spec is complete.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=fluxmon,categories=flux;monitoring
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Flux",type=string,JSONPath=`.status.flux.version`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Prometheus",type=string,priority=1,JSONPath=`.status.prometheuses[?(@.podMonitorSelected==true)].name`
// +kubebuilder:printcolumn:name="State from",type=string,priority=1,JSONPath=`.status.resourceMetrics.source`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must be at most 63 characters: it is also a label value on every generated object"
type FluxMonitoring struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what is wanted. The operator never rewrites it. For a field that is left out, the default in its description applies.
	// +optional
	Spec FluxMonitoringSpec `json:"spec,omitzero"`
	// Status is what is, as last observed.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status FluxMonitoringStatus `json:"status,omitzero"`
}

// FluxMonitoringList is a list of FluxMonitoring.
//
// +kubebuilder:object:root=true
type FluxMonitoringList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []FluxMonitoring `json:"items"`
}

// FluxMonitoringSpec is what is wanted.
type FluxMonitoringSpec struct {
	// Interval between full re-checks. Drift is corrected at once by events; this is the safety net beneath them.
	// A duration such as 10m or 1h30m, at least 10s.
	// +optional
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,6}([.][0-9]+)?h)?([0-9]{1,6}([.][0-9]+)?m)?([0-9]{1,6}([.][0-9]+)?s)?([0-9]{1,6}([.][0-9]+)?ms)?$') && size(self) > 0",message="interval must be a duration of hours, minutes and seconds, such as 10m or 1h30m"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^([0-9]{1,6}([.][0-9]+)?h)?([0-9]{1,6}([.][0-9]+)?m)?([0-9]{1,6}([.][0-9]+)?s)?([0-9]{1,6}([.][0-9]+)?ms)?$') || size(self) == 0 || duration(self) >= duration('10s')",message="interval must be at least 10s"
	Interval *metav1.Duration `json:"interval,omitempty"`

	// Suspend stops all writes for this resource until it is false again. What was applied stays.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// ServiceAccountName is a ServiceAccount in this resource's namespace that is impersonated for every write of a
	// generated object, so that a tenant gains nothing it could not do itself. Empty: the operator's own account.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == '' || self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="serviceAccountName must be a ServiceAccount's name, without its namespace: lower-case letters, digits, '-' and '.', such as flux-monitoring"
	ServiceAccountName string `json:"serviceAccountName,omitempty"`

	// DeletionPolicy says what becomes of the generated objects when this resource is deleted: Delete removes them,
	// Orphan leaves them.
	// +optional
	// +kubebuilder:default=Delete
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// AdoptionPolicy says what to do when an object of a generated object's name exists and is not this resource's:
	// Fail leaves it untouched and reports it, Adopt takes it over.
	// +optional
	// +kubebuilder:default=Fail
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// CommonMetadata is added to every generated object.
	// +optional
	CommonMetadata CommonMetadata `json:"commonMetadata,omitzero"`

	// Cluster is the value of the label `cluster` on alerts, on recordings and on all series that the generated PodMonitors
	// scrape, for setups that gather several clusters in one place. Setting or changing it renames these series. Empty: no such
	// label.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Cluster string `json:"cluster,omitempty"`

	// Flux says which Flux is monitored.
	// +optional
	Flux FluxSpec `json:"flux,omitzero"`

	// Prometheus says which Prometheus instances shall take up what is generated.
	// +optional
	Prometheus PrometheusSpec `json:"prometheus,omitzero"`

	// Scrape says how Flux's controllers are scraped.
	// +optional
	Scrape ScrapeSpec `json:"scrape,omitzero"`

	// ResourceMetrics says where the state of Flux objects comes from.
	// +optional
	ResourceMetrics ResourceMetricsSpec `json:"resourceMetrics,omitzero"`

	// Dashboards says which Grafana dashboards are generated, and how Grafana finds them.
	// +optional
	Dashboards DashboardsSpec `json:"dashboards,omitzero"`

	// Alerts says which alerts are armed, and how.
	// +optional
	Alerts AlertsSpec `json:"alerts,omitzero"`

	// Notifications says who is told of alerts, and whether Grafana shows Flux's events. Absent: nothing is generated for
	// that, and alerts go where your Alertmanager sends them.
	// +optional
	Notifications *NotificationsSpec `json:"notifications,omitempty"`

	// Patches are Kustomize patches (strategic merge or JSON 6902) on generated objects: the last word before they are
	// applied. A patch may not change an object's kind, name or namespace.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Patches []kustomize.Patch `json:"patches,omitempty"`
}

// DeletionPolicy is what becomes of the generated objects when the resource is deleted.
// +kubebuilder:validation:Enum=Delete;Orphan
type DeletionPolicy string

const (
	// DeletionPolicyDelete removes the generated objects with the resource, by ownerReferences.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyOrphan leaves the generated objects in place.
	DeletionPolicyOrphan DeletionPolicy = "Orphan"
)

// AdoptionPolicy is what to do with an existing object that is not ours.
// +kubebuilder:validation:Enum=Fail;Adopt
type AdoptionPolicy string

const (
	// AdoptionPolicyFail leaves the object untouched and reports it.
	AdoptionPolicyFail AdoptionPolicy = "Fail"
	// AdoptionPolicyAdopt takes the object over.
	AdoptionPolicyAdopt AdoptionPolicy = "Adopt"
)

// CommonMetadata is metadata for every generated object.
type CommonMetadata struct {
	// Labels to add.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations to add.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}

// FluxSpec says which Flux is monitored.
type FluxSpec struct {
	// Namespace Flux's controllers run in.
	// +optional
	// +kubebuilder:default=flux-system
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="flux.namespace must be a namespace's name: lower-case letters, digits and '-', such as flux-system"
	Namespace string `json:"namespace,omitempty"`
}

// LabelPolicy is how the labels that a Prometheus' selectors demand come onto the generated objects.
// +kubebuilder:validation:Enum=Auto;Manual
type LabelPolicy string

const (
	// LabelPolicyAuto adds the labels demanded.
	LabelPolicyAuto LabelPolicy = "Auto"
	// LabelPolicyManual leaves it to commonMetadata and patches.
	LabelPolicyManual LabelPolicy = "Manual"
)

// PrometheusSpec says which Prometheus and PrometheusAgent objects shall take up what is generated.
type PrometheusSpec struct {
	// Selector of Prometheus and PrometheusAgent objects by label. Empty or absent: all.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="an expression's operator must be In or NotIn with values, or Exists or DoesNotExist without"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
	// NamespaceSelector of the namespaces to look for them in, by label. Empty or absent: all.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="an expression's operator must be In or NotIn with values, or Exists or DoesNotExist without"
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
	// LabelPolicy: Auto adds the labels that their podMonitorSelector and ruleSelector demand to the generated objects,
	// Manual leaves that to commonMetadata and patches.
	// +optional
	// +kubebuilder:default=Auto
	LabelPolicy LabelPolicy `json:"labelPolicy,omitempty"`
}

// GetConditions returns the status conditions.
func (in *FluxMonitoring) GetConditions() []metav1.Condition { return in.Status.Conditions }
