package v1alpha1

import monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

// Cardinality is how many of the controllers' series Prometheus keeps.
// +kubebuilder:validation:Enum=Full;Standard;Minimal
type Cardinality string

const (
	// CardinalityFull keeps every series.
	CardinalityFull Cardinality = "Full"
	// CardinalityStandard drops Go runtime internals that no dashboard or alert reads.
	CardinalityStandard Cardinality = "Standard"
	// CardinalityMinimal drops histogram buckets too; the panels drawn from them are omitted.
	CardinalityMinimal Cardinality = "Minimal"
)

// ScrapeSpec configures the PodMonitors.
//
// +kubebuilder:validation:XValidation:rule="!has(self.timeout) || !has(self.interval) || !self.timeout.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?$') || !self.interval.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?$') || size(self.timeout) == 0 || size(self.interval) == 0 || duration(self.timeout) <= duration(self.interval)",message="timeout must not be above interval: lower timeout or raise interval",fieldPath=".timeout"
type ScrapeSpec struct {
	// enabled is whether the operator generates PodMonitors. Default: true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`
	// interval is the time between two scrapes. Default: 30s.
	// +optional
	// +kubebuilder:default="30s"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || self.matches('[1-9]')",message="interval must be above zero"
	Interval Duration `json:"interval,omitempty"`
	// timeout is the time after which a scrape has failed. It must not be above interval. Default: 10s, or interval if that is shorter.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[0-9]') || self.matches('[1-9]')",message="timeout must be above zero"
	Timeout Duration `json:"timeout,omitempty"`
	// cardinality is how many of the controllers' series Prometheus keeps: Full keeps every series, Standard drops Go runtime internals, Minimal
	// drops histogram buckets as well. Default: Standard.
	// +optional
	// +kubebuilder:default=Standard
	Cardinality Cardinality `json:"cardinality,omitempty"`
	// relabelings are appended to those of the endpoint that scrapes the controllers. They have prometheus-operator's own type. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Relabelings []monitoringv1.RelabelConfig `json:"relabelings,omitempty"`
	// metricRelabelings are appended to those by which cardinality drops series of the controllers. They have prometheus-operator's own type.
	// Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	MetricRelabelings []monitoringv1.RelabelConfig `json:"metricRelabelings,omitempty"`
}
