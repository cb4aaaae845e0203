package v1alpha1

// ResourceMetricsSpec says where the state of Flux objects comes from: which are ready, which are suspended.
type ResourceMetricsSpec struct {
	// Source of the state. Auto takes the first that delivers here: Controllers where they tell the state of every kind
	// they reconcile (Flux 2.1 and older, without Helm 2.4 and older); FluxOperator where flux-operator reports; else
	// Exporter, which is this operator and works with every Flux. KubeStateMetrics only when it is asked for: it needs
	// the generated ConfigMap to be plugged into a kube-state-metrics of yours.
	// +optional
	// +kubebuilder:default=Auto
	Source ResourceMetricsSource `json:"source,omitempty"`
	// Compatibility Enabled keeps the two metrics of Flux's guide, gotk_reconcile_condition and gotk_suspend_status, alive
	// beside gotk_resource_info, so that rules and dashboards that stand on them work again. It concerns the sources
	// Exporter and KubeStateMetrics: controllers that tell the state expose them anyway, and flux-operator has none such. A
	// FluxMonitoring in a namespace that the operator does not trust has the exporter add them for the objects of that namespace only.
	// +optional
	// +kubebuilder:default=Enabled
	Compatibility Compatibility `json:"compatibility,omitempty"`
}

// ResourceMetricsSource is what tells Prometheus the state of Flux objects.
// +kubebuilder:validation:Enum=Auto;Exporter;KubeStateMetrics;FluxOperator;Controllers
type ResourceMetricsSource string

const (
	// ResourceMetricsSourceAuto takes the first source that delivers in this cluster.
	ResourceMetricsSourceAuto ResourceMetricsSource = "Auto"
	// ResourceMetricsSourceExporter is this operator: gotk_resource_info on every Flux.
	ResourceMetricsSourceExporter ResourceMetricsSource = "Exporter"
	// ResourceMetricsSourceKubeStateMetrics is a kube-state-metrics with the generated configuration.
	ResourceMetricsSourceKubeStateMetrics ResourceMetricsSource = "KubeStateMetrics"
	// ResourceMetricsSourceFluxOperator is flux-operator: flux_resource_info.
	ResourceMetricsSourceFluxOperator ResourceMetricsSource = "FluxOperator"
	// ResourceMetricsSourceControllers are the controllers of Flux 2.4 and older: gotk_reconcile_condition.
	ResourceMetricsSourceControllers ResourceMetricsSource = "Controllers"
)

// Compatibility is whether the metrics of Flux's guide are served too.
// +kubebuilder:validation:Enum=Enabled;Disabled
type Compatibility string

const (
	// CompatibilityEnabled serves them.
	CompatibilityEnabled Compatibility = "Enabled"
	// CompatibilityDisabled leaves them out: five of the six series of each object.
	CompatibilityDisabled Compatibility = "Disabled"
)

// SourceInEffect is the source asked for.
func (s *ResourceMetricsSpec) SourceInEffect() ResourceMetricsSource {
	if s.Source == "" {
		return ResourceMetricsSourceAuto
	}
	return s.Source
}

// Compatible reports whether the metrics of Flux's guide are wanted.
func (s *ResourceMetricsSpec) Compatible() bool { return s.Compatibility != CompatibilityDisabled }
