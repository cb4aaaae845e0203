package v1alpha1

import (
	"github.com/fluxcd/pkg/apis/kustomize"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kind of the resource, as it is written in manifests.
const Kind = "FluxMonitoring"

// FluxMonitoring makes one Flux installation observable: Prometheus scrapes its controllers, Grafana has its dashboards, Prometheus evaluates
// its alerts, and the status reports whether that works. Every field of the spec is optional.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=fluxmon,categories=flux;monitoring
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Proven",type=string,JSONPath=`.status.conditions[?(@.type=="Proven")].status`
// +kubebuilder:printcolumn:name="Scraped",type=string,JSONPath=`.status.conditions[?(@.type=="Scraped")].status`
// +kubebuilder:printcolumn:name="Metrics",type=string,JSONPath=`.status.conditions[?(@.type=="ResourceMetrics")].status`
// +kubebuilder:printcolumn:name="Alerts",type=string,JSONPath=`.status.conditions[?(@.type=="AlertsEffective")].status`
// +kubebuilder:printcolumn:name="Flux",type=string,JSONPath=`.status.flux.version`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Prometheus",type=string,priority=1,JSONPath=`.status.prometheuses[?(@.podMonitorsSelected==true)].name`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must be at most 63 characters: it is also a label value on every generated object"
type FluxMonitoring struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard metadata of objects.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired monitoring. The operator never writes to it.
	// +optional
	// +kubebuilder:default={}
	Spec FluxMonitoringSpec `json:"spec,omitzero"`
	// status is what the operator last observed.
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
	// +required
	Items []FluxMonitoring `json:"items"`
}

// FluxMonitoringSpec is the desired monitoring of one Flux.
type FluxMonitoringSpec struct {
	// interval is the time between two full checks of the cluster, at least 10s. The operator acts on changes and on drift at once, whatever
	// the interval is. Default: 10m.
	// +optional
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^(0|([0-9]{1,2}y)?([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?)$') || self == '' || (self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?$') ? duration(self) >= duration('10s') : self.matches('[1-9][0-9]*[ywd]'))",message="interval must be at least 10s"
	Interval Duration `json:"interval,omitempty"`

	// suspend stops all writes for this resource while it is true. Existing objects are kept. Default: false.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// serviceAccountName is a ServiceAccount in the namespace of this resource. The operator impersonates it for every write of a generated
	// object, so that a tenant gains no permission through the operator. Default: the account of the operator's flag
	// --default-service-account, and if that is not set, the operator's own account in trusted namespaces.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == '' || self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="serviceAccountName must be a ServiceAccount's name, without its namespace: lower-case letters, digits, '-' and '.', such as flux-monitoring"
	ServiceAccountName string `json:"serviceAccountName,omitempty"`

	// deletionPolicy is what happens to the generated objects when this resource is deleted: Delete deletes them, Orphan keeps them.
	// Default: Delete.
	// +optional
	// +kubebuilder:default=Delete
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// adoptionPolicy is what happens when an object with the name of a generated object exists and somebody else manages it. Fail does not
	// change the object and reports it. Adopt takes it over, but never from another FluxMonitoring. Default: Fail.
	// +optional
	// +kubebuilder:default=Fail
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// commonMetadata is added to every generated object. Default: nothing is added.
	// +optional
	CommonMetadata CommonMetadata `json:"commonMetadata,omitzero"`

	// clusterName is the value of the label cluster on alerts, on recording rules and on all series that the generated PodMonitors scrape. Set
	// it if one Prometheus or Grafana has several clusters. A change renames these series. Default: empty, no such label.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	ClusterName string `json:"clusterName,omitempty"`

	// flux selects the Flux to monitor. Default: the Flux in namespace flux-system.
	// +optional
	// +kubebuilder:default={}
	Flux FluxSpec `json:"flux,omitzero"`

	// prometheus selects the Prometheus instances that the generated objects are for. Default: all.
	// +optional
	// +kubebuilder:default={}
	Prometheus PrometheusSpec `json:"prometheus,omitzero"`

	// scrape configures the PodMonitors, by which Prometheus scrapes Flux's controllers. Default: the operator generates them, with an interval
	// of 30s.
	// +optional
	// +kubebuilder:default={}
	Scrape ScrapeSpec `json:"scrape,omitzero"`

	// resourceMetrics selects the metrics source: the process that exports the state of Flux objects. Default: the operator chooses it.
	// +optional
	// +kubebuilder:default={}
	ResourceMetrics ResourceMetricsSpec `json:"resourceMetrics,omitzero"`

	// dashboards configures the Grafana dashboards, and how Grafana finds them. Default: the operator generates all that have data, as
	// ConfigMaps for the sidecar of Grafana's Helm chart.
	// +optional
	// +kubebuilder:default={}
	Dashboards DashboardsSpec `json:"dashboards,omitzero"`

	// alerts configures the alerts of the PrometheusRule. Default: the operator generates all alerts whose metrics exist here, except those on
	// an error budget.
	// +optional
	// +kubebuilder:default={}
	Alerts AlertsSpec `json:"alerts,omitzero"`

	// notifications configures who is notified of alerts, by an AlertmanagerConfig. Default: none is generated, and your Alertmanager's own
	// configuration routes the alerts.
	// +optional
	Notifications *NotificationsSpec `json:"notifications,omitempty"`

	// stack has the operator install Prometheus, Alertmanager and Grafana through Flux. The namespace must be one of the operator's flag
	// --stack-namespaces, or spec.serviceAccountName must be set. Default: nothing is installed, and the operator uses what the cluster has.
	// +optional
	Stack *StackSpec `json:"stack,omitempty"`

	// patches are Kustomize patches (strategic merge or JSON 6902) on generated objects. The operator applies them last. A patch cannot change
	// an object's kind, name or namespace. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Patches []kustomize.Patch `json:"patches,omitempty"`
}

// DeletionPolicy is what happens to the generated objects when the resource is deleted.
// +kubebuilder:validation:Enum=Delete;Orphan
type DeletionPolicy string

const (
	// DeletionPolicyDelete deletes the generated objects with the resource, by their ownerReferences.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyOrphan keeps the generated objects.
	DeletionPolicyOrphan DeletionPolicy = "Orphan"
)

// AdoptionPolicy is what happens to an existing object that has the name of a generated object and belongs to somebody else.
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
	// labels are added to every generated object. Default: none.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// annotations are added to every generated object. Default: none.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}

// FluxSpec selects the Flux to monitor.
type FluxSpec struct {
	// namespace is the namespace of Flux's controllers. Default: flux-system.
	// +optional
	// +kubebuilder:default=flux-system
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="flux.namespace must be a namespace's name: lower-case letters, digits and '-', such as flux-system"
	Namespace string `json:"namespace,omitempty"`
}

// LabelPolicy is who adds the labels that the selectors of a Prometheus, and the sidecar of a Grafana, require.
// +kubebuilder:validation:Enum=Auto;Manual
type LabelPolicy string

const (
	// LabelPolicyAuto has the operator add the required labels.
	LabelPolicyAuto LabelPolicy = "Auto"
	// LabelPolicyManual leaves them to commonMetadata and patches.
	LabelPolicyManual LabelPolicy = "Manual"
)

// PrometheusSpec selects the Prometheus and PrometheusAgent objects that the generated objects are for.
type PrometheusSpec struct {
	// selector selects Prometheus and PrometheusAgent objects by their labels. Default: all; {} means the same.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="an expression's operator must be In or NotIn with values, or Exists or DoesNotExist without"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
	// namespaceSelector selects the namespaces of these objects by their labels. Default: all; {} means the same.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="an expression's operator must be In or NotIn with values, or Exists or DoesNotExist without"
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
	// labelPolicy is who adds the labels that the podMonitorSelector and the ruleSelector of a Prometheus, and the sidecar of a Grafana, require.
	// Auto has the operator add them to the generated objects. Manual leaves them to commonMetadata and patches. Default: Auto.
	// +optional
	// +kubebuilder:default=Auto
	LabelPolicy LabelPolicy `json:"labelPolicy,omitempty"`
	// verify configures how the operator asks Prometheus whether monitoring works. Default: it asks the pods of each selected Prometheus.
	// +optional
	// +kubebuilder:default={}
	Verify VerifySpec `json:"verify,omitzero"`
}

// GetConditions returns the status conditions.
func (in *FluxMonitoring) GetConditions() []metav1.Condition { return in.Status.Conditions }
