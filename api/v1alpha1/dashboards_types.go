package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DashboardName is the name, and Grafana uid, of a dashboard.
// +kubebuilder:validation:Enum=flux-cluster;flux-control-plane;flux-fleet;flux-logs;flux-resource;fluxmonitoring
type DashboardName string

// The dashboards that are made only where the spec asks for them.
const (
	// DashboardFleet is about several clusters.
	DashboardFleet DashboardName = "flux-fleet"
	// DashboardLogs is about what the controllers log.
	DashboardLogs DashboardName = "flux-logs"
)

// DashboardFormat is the kind of object that a dashboard is delivered in.
// +kubebuilder:validation:Enum=ConfigMap;GrafanaDashboard
type DashboardFormat string

const (
	// DashboardFormatConfigMap is for the sidecar of Grafana's Helm chart.
	DashboardFormatConfigMap DashboardFormat = "ConfigMap"
	// DashboardFormatGrafanaDashboard is for grafana-operator.
	DashboardFormatGrafanaDashboard DashboardFormat = "GrafanaDashboard"
)

// DashboardsSpec says which Grafana dashboards are generated, and how Grafana finds them.
//
// +kubebuilder:validation:XValidation:rule="!has(self.include) || !('flux-logs' in self.include) || has(self.logsDatasource)",message="flux-logs needs logsDatasource: the uid of a Loki, or {} to choose it on the dashboard",fieldPath=".include"
// +kubebuilder:validation:XValidation:rule="!has(self.instanceSelector) && !has(self.allowCrossNamespaceImport) || has(self.format) && self.format == 'GrafanaDashboard'",message="instanceSelector and allowCrossNamespaceImport are for grafana-operator: set format to GrafanaDashboard, or remove them",fieldPath=".format"
type DashboardsSpec struct {
	// Enabled: generate dashboards.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`
	// Include only these dashboards. Empty: all that have data here.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	Include []DashboardName `json:"include,omitempty"`
	// Format: ConfigMap for the sidecar of Grafana's Helm chart, GrafanaDashboard for grafana-operator.
	// +optional
	// +kubebuilder:default=ConfigMap
	Format DashboardFormat `json:"format,omitempty"`
	// Labels on the objects. On ConfigMaps Grafana's sidecar finds them by these; absent: grafana_dashboard: "1".
	// On GrafanaDashboards absent is none.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations on the objects.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
	// Folder in Grafana: the sidecar's annotation grafana_folder on a ConfigMap, spec.folder of a GrafanaDashboard. Empty:
	// neither, so that Grafana's own default holds.
	// +optional
	// +kubebuilder:default=Flux
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="!self.split('/').exists(part, part == '..')",message="it must not have .. as a part: the sidecar takes it as a path"
	Folder *string `json:"folder,omitempty"`
	// InstanceSelector selects by their labels the Grafana objects of grafana-operator that show a GrafanaDashboard. Absent:
	// dashboards: grafana. {}: all. grafana-operator lets nobody change it on a GrafanaDashboard: those there are have to be
	// deleted, and are created anew.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="an expression's operator must be In or NotIn with values, or Exists or DoesNotExist without"
	InstanceSelector *metav1.LabelSelector `json:"instanceSelector,omitempty"`
	// AllowCrossNamespaceImport lets Grafana objects of other namespaces show a GrafanaDashboard too. Absent: true.
	// +optional
	AllowCrossNamespaceImport *bool `json:"allowCrossNamespaceImport,omitempty"`
	// Datasource the dashboards query, a Prometheus.
	// +optional
	Datasource DatasourceSpec `json:"datasource,omitzero"`
	// LogsDatasource is the Loki that has the controllers' logs, such as {uid: loki}. {}: the dashboard has a variable to
	// choose it by. Absent: there is no dashboard flux-logs.
	// +optional
	LogsDatasource *DatasourceSpec `json:"logsDatasource,omitempty"`
}

// DatasourceSpec says which Grafana datasource a dashboard queries.
type DatasourceSpec struct {
	// UID of the datasource in Grafana, such as prometheus. Empty: the dashboard has a variable to choose it by.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	UID string `json:"uid,omitempty"`
}
