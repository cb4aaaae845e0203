package v1alpha1

// ResourceMetricsSpec selects the metrics source: the process that exports the state of Flux objects, such as whether they are ready or
// suspended.
type ResourceMetricsSpec struct {
	// source is the metrics source. Auto uses the first that exports here. Controllers comes first: only old controllers export the state of
	// their objects (Flux 2.1 and older; without helm-controller Flux 2.4 and older). Then comes FluxOperator, if flux-operator reports. Else
	// it is Exporter, which is this operator and works with every Flux. The operator uses KubeStateMetrics only if you set it, because your
	// kube-state-metrics needs the generated ConfigMap. Default: Auto.
	// +optional
	// +kubebuilder:default=Auto
	Source ResourceMetricsSource `json:"source,omitempty"`
	// legacyMetrics is whether the source also exports the two metrics of Flux's guide, gotk_reconcile_condition and gotk_suspend_status, so that
	// existing rules and dashboards work. It applies to the sources Exporter and KubeStateMetrics: old controllers export these metrics in any
	// case, and flux-operator has none of them. A FluxMonitoring in a namespace that the operator does not trust gets them only for the
	// objects of that namespace. Default: Enabled.
	// +optional
	// +kubebuilder:default=Enabled
	LegacyMetrics LegacyMetrics `json:"legacyMetrics,omitempty"`
}

// ResourceMetricsSource is a process that exports the state of Flux objects.
// +kubebuilder:validation:Enum=Auto;Exporter;KubeStateMetrics;FluxOperator;Controllers
type ResourceMetricsSource string

const (
	// ResourceMetricsSourceAuto uses the first source that exports in this cluster.
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

// LegacyMetrics is whether the metrics of Flux's guide are exported too.
// +kubebuilder:validation:Enum=Enabled;Disabled
type LegacyMetrics string

const (
	// LegacyMetricsEnabled exports them.
	LegacyMetricsEnabled LegacyMetrics = "Enabled"
	// LegacyMetricsDisabled omits them: five of the six series of each object.
	LegacyMetricsDisabled LegacyMetrics = "Disabled"
)

// SourceInEffect is the source that the spec asks for.
func (s *ResourceMetricsSpec) SourceInEffect() ResourceMetricsSource {
	if s.Source == "" {
		return ResourceMetricsSourceAuto
	}
	return s.Source
}

// HasLegacyMetrics reports whether the metrics of Flux's guide are desired.
func (s *ResourceMetricsSpec) HasLegacyMetrics() bool {
	return s.LegacyMetrics != LegacyMetricsDisabled
}
