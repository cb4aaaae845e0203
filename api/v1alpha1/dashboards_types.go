package v1alpha1

// DashboardName is the name, and Grafana uid, of a dashboard.
// +kubebuilder:validation:Enum=flux-cluster;flux-control-plane
type DashboardName string

// DashboardsSpec says which Grafana dashboards are generated, and how Grafana finds them.
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
	// Labels on the ConfigMaps by which Grafana's sidecar finds them. Absent: grafana_dashboard: "1".
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations on the ConfigMaps.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
	// Folder in Grafana, set as the sidecar's annotation grafana_folder. Empty: no such annotation.
	// +optional
	// +kubebuilder:default=Flux
	// +kubebuilder:validation:MaxLength=253
	Folder *string `json:"folder,omitempty"`
	// Datasource the dashboards query.
	// +optional
	Datasource DatasourceSpec `json:"datasource,omitzero"`
}

// DatasourceSpec says which Grafana datasource a dashboard queries.
type DatasourceSpec struct {
	// UID of the Prometheus datasource, such as prometheus. Empty: the dashboard has a variable to choose it by.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	UID string `json:"uid,omitempty"`
}
