package v1alpha1

import monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

// Cardinality is how much of what the controllers expose is kept.
// +kubebuilder:validation:Enum=Full;Standard;Minimal
type Cardinality string

const (
	// CardinalityFull keeps everything.
	CardinalityFull Cardinality = "Full"
	// CardinalityStandard drops Go runtime internals that no dashboard or alert reads.
	CardinalityStandard Cardinality = "Standard"
	// CardinalityMinimal drops histogram buckets too; the panels drawn from them are left out.
	CardinalityMinimal Cardinality = "Minimal"
)

// ScrapeDuration is a duration as Prometheus writes it, of at most hours and six digits each, so that two of them can be
// compared.
// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,6}ms)?$') && self.matches('[1-9]')",message="must be a duration above zero of whole hours, minutes, seconds or milliseconds, such as 30s, 1m30s or 500ms"
// +kubebuilder:validation:MaxLength=32
type ScrapeDuration string

// ScrapeSpec says how Flux's controllers are scraped.
//
// +kubebuilder:validation:XValidation:rule="!has(self.scrapeTimeout) || !has(self.interval) || !self.scrapeTimeout.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,6}ms)?$') || !self.interval.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,6}ms)?$') || size(self.scrapeTimeout) == 0 || size(self.interval) == 0 || duration(self.scrapeTimeout) <= duration(self.interval)",message="scrapeTimeout must not be above interval: lower scrapeTimeout or raise interval",fieldPath=".scrapeTimeout"
type ScrapeSpec struct {
	// Enabled: generate the PodMonitors.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`
	// Interval between scrapes.
	// +optional
	// +kubebuilder:default="30s"
	Interval ScrapeDuration `json:"interval,omitempty"`
	// ScrapeTimeout after which a scrape has failed; not above interval. When left out, 10s, or the interval where that
	// is shorter.
	// +optional
	ScrapeTimeout ScrapeDuration `json:"scrapeTimeout,omitempty"`
	// Cardinality: Full keeps every series, Standard drops Go runtime internals, Minimal histogram buckets as well.
	// +optional
	// +kubebuilder:default=Standard
	Cardinality Cardinality `json:"cardinality,omitempty"`
	// Relabelings are appended to those of the endpoint that scrapes the controllers (prometheus-operator's own type).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Relabelings []monitoringv1.RelabelConfig `json:"relabelings,omitempty"`
	// MetricRelabelings are appended to the drops that cardinality gives, for the controllers (prometheus-operator's own
	// type).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	MetricRelabelings []monitoringv1.RelabelConfig `json:"metricRelabelings,omitempty"`
}
