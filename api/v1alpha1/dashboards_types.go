package v1alpha1

import (
	"github.com/fluxcd/pkg/apis/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DashboardName is the name of a dashboard, and its uid in Grafana, such as flux-cluster. It can be a name that the operator does not have.
// So a stored resource stays valid when a dashboard is removed, and the API server accepts a resource for a newer operator. The condition
// Ready reports an unknown name.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`
type DashboardName string

// The dashboards that the operator generates only if the spec asks for them.
const (
	// DashboardFleet is about several clusters.
	DashboardFleet DashboardName = "flux-fleet"
	// DashboardLogs is about what the controllers log.
	DashboardLogs DashboardName = "flux-logs"
)

// DashboardFormat is the kind of object that holds a dashboard.
// +kubebuilder:validation:Enum=ConfigMap;GrafanaDashboard
type DashboardFormat string

const (
	// DashboardFormatConfigMap is for the sidecar of Grafana's Helm chart.
	DashboardFormatConfigMap DashboardFormat = "ConfigMap"
	// DashboardFormatGrafanaDashboard is for grafana-operator.
	DashboardFormatGrafanaDashboard DashboardFormat = "GrafanaDashboard"
)

// DashboardsSpec configures the Grafana dashboards, and how Grafana finds them.
//
// +kubebuilder:validation:XValidation:rule="has(self.format) && self.format == 'GrafanaDashboard' || (!has(self.instanceSelector) || has(self.instanceSelector.matchLabels) && self.instanceSelector.matchLabels == {'dashboards': 'grafana'} && !has(self.instanceSelector.matchExpressions)) && (!has(self.allowCrossNamespaceImport) || self.allowCrossNamespaceImport)",message="instanceSelector and allowCrossNamespaceImport are for grafana-operator: set format to GrafanaDashboard, or remove them",fieldPath=".format"
type DashboardsSpec struct {
	// enabled is whether the operator generates dashboards. Default: true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`
	// include is a list of dashboards by name; the operator generates only these, and of these only those that have data here. The condition Ready
	// reports a name that the operator does not have. Default: all that have data, flux-fleet only if clusterName is set, and flux-logs only if
	// datasources.loki.uid is set. The names are flux-cluster, flux-control-plane, flux-fleet, flux-logs, flux-resource and fluxmonitoring.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	Include []DashboardName `json:"include,omitempty"`
	// format is the kind of object that holds a dashboard: ConfigMap for the sidecar of Grafana's Helm chart, GrafanaDashboard for
	// grafana-operator. Default: ConfigMap.
	// +optional
	// +kubebuilder:default=ConfigMap
	Format DashboardFormat `json:"format,omitempty"`
	// labels are added to these objects. Grafana's sidecar finds ConfigMaps by them. Default: grafana_dashboard: "1" on ConfigMaps, none on
	// GrafanaDashboards.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// annotations are added to these objects. Default: none.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
	// folder is the folder in Grafana: the sidecar's annotation grafana_folder on a ConfigMap, spec.folder of a GrafanaDashboard. If it is empty,
	// neither is set, and Grafana uses its own default. Default: Flux.
	// +optional
	// +kubebuilder:default=Flux
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!self.split('/').exists(part, part == '..')",message="it must not have .. as a part: the sidecar takes it as a path"
	Folder *string `json:"folder,omitempty"`
	// instanceSelector selects by their labels the Grafana objects of grafana-operator that show a GrafanaDashboard; {} selects all.
	// grafana-operator refuses a change on an existing GrafanaDashboard: delete the existing ones, and the operator recreates them.
	// Default: those with the label dashboards: grafana.
	// +optional
	// +kubebuilder:default={matchLabels: {dashboards: grafana}}
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="an expression's operator must be In or NotIn with values, or Exists or DoesNotExist without"
	InstanceSelector *metav1.LabelSelector `json:"instanceSelector,omitempty"`
	// allowCrossNamespaceImport is whether Grafana objects of other namespaces show a GrafanaDashboard too. Default: true.
	// +optional
	// +kubebuilder:default=true
	AllowCrossNamespaceImport *bool `json:"allowCrossNamespaceImport,omitempty"`
	// grafanaURL is the address of Grafana. It begins the annotation dashboard_url, by which an alert about a Flux object opens the dashboard
	// flux-resource on the object. Default: none, and the annotation begins with Grafana's path /d/.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '' || isURL(self) && url(self).getScheme() in ['http', 'https']",message="grafanaURL must be an http or https URL, such as https://grafana.example.com, or empty"
	GrafanaURL string `json:"grafanaURL,omitempty"`
	// datasources are the Grafana data sources that the dashboards query. Default: none, and the viewer chooses them on the dashboard.
	// +optional
	// +kubebuilder:default={}
	Datasources DatasourcesSpec `json:"datasources,omitzero"`
	// eventAnnotations has Grafana show Flux's events as annotations with the tag flux, by a Provider and an Alert of Flux. The operator
	// generates these also if enabled is false. Default: none.
	// +optional
	EventAnnotations *EventAnnotationsSpec `json:"eventAnnotations,omitempty"`
}

// DatasourcesSpec names the Grafana data sources that the dashboards query.
type DatasourcesSpec struct {
	// prometheus is the data source of metrics. Default: the viewer chooses it.
	// +optional
	Prometheus DatasourceSpec `json:"prometheus,omitzero"`
	// loki is the data source of the controllers' logs. If its uid is set, the operator generates the dashboard flux-logs. Default: none.
	// +optional
	Loki DatasourceSpec `json:"loki,omitzero"`
}

// DatasourceSpec names one Grafana data source.
type DatasourceSpec struct {
	// uid is the UID of the data source in Grafana, such as prometheus. Default: none, and the viewer chooses the data source on the dashboard.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	UID string `json:"uid,omitempty"`
}

// AnnotatedEvents is which events of Flux Grafana shows.
// +kubebuilder:validation:Enum=All;Errors
type AnnotatedEvents string

const (
	// AnnotatedEventsAll shows every event.
	AnnotatedEventsAll AnnotatedEvents = "All"
	// AnnotatedEventsErrors shows failures only.
	AnnotatedEventsErrors AnnotatedEvents = "Errors"
)

// EventAnnotationsSpec configures which Grafana shows which events of Flux. Flux's notification-controller sends them.
type EventAnnotationsSpec struct {
	// address is Grafana's API of annotations, such as https://grafana.example.com/api/annotations.
	// +required
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https']",message="address must be an http or https URL, such as https://grafana.example.com/api/annotations"
	Address string `json:"address"`
	// secretRef names the Secret in the namespace of this resource that holds a token, or a username and a password. Only
	// notification-controller reads it. Default: no credentials are sent.
	// +optional
	SecretRef *meta.LocalObjectReference `json:"secretRef,omitempty"`
	// namespaces are the namespaces of the Flux objects whose events Grafana shows, such as [flux-system, apps]. Flux has no wildcard for them.
	// Default: Flux's own namespace.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Namespaces []NamespaceName `json:"namespaces,omitempty"`
	// events is which events Grafana shows: All, or Errors for failures only. Default: All.
	// +optional
	// +kubebuilder:default=All
	Events AnnotatedEvents `json:"events,omitempty"`
}
