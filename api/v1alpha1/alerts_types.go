package v1alpha1

import monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

// AlertName is the name of an alert of the catalogue.
// +kubebuilder:validation:Enum=FluxAPIServerErrors;FluxControllerDown;FluxControllerMemoryHigh;FluxControllerMetricsMissing;FluxControllerRestarting;FluxDependencyNotReady;FluxErrorBudgetBurn;FluxErrorBudgetBurnFast;FluxErrorBudgetBurnSlow;FluxExporterIncomplete;FluxManyResourcesNotReady;FluxMonitoringNotReady;FluxMonitoringNotReconciled;FluxMonitoringOperatorBackedUp;FluxMonitoringOperatorDown;FluxMonitoringOperatorFailing;FluxMonitoringOperatorNoLeader;FluxMonitoringOperatorNotReady;FluxMonitoringOperatorPanic;FluxMonitoringOperatorStuck;FluxNoReconciliations;FluxReceiverErrors;FluxReconcilePanic;FluxReconcileStuck;FluxResourceFlapping;FluxResourceMetricsMissing;FluxResourceNotReady;FluxResourceStalled;FluxResourceSuspended;FluxRevisionNotApplied;FluxRootNotReady;FluxRootSourceNotReady;FluxSourceNotReady;FluxWorkersSaturated;FluxWorkqueueLatencyHigh;ReconciliationFailure
type AlertName string

// Severity of an alert.
// +kubebuilder:validation:Enum=critical;warning;info
type Severity string

const (
	// SeverityCritical wakes someone.
	SeverityCritical Severity = "critical"
	// SeverityWarning is for working hours.
	SeverityWarning Severity = "warning"
	// SeverityInfo is worth knowing when one looks.
	SeverityInfo Severity = "info"
)

// Severities are all of the severities that the catalogue and the overrides know, the gravest first.
func Severities() []Severity { return []Severity{SeverityCritical, SeverityWarning, SeverityInfo} }

// AlertsSpec says which alerts are armed, and how.
type AlertsSpec struct {
	// Enabled: generate alerts. Without them the recordings that dashboards stand on stay.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`
	// Labels added to every alert.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations added to every alert.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
	// RunbookURL is the base of the annotation runbook_url: the alert's name and .md are appended to it. Empty: the
	// operator's own runbooks.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '' || isURL(self) && url(self).getScheme() in ['http', 'https']",message="runbookURL must be an http or https URL, such as https://runbooks.example.com/flux, or empty"
	RunbookURL string `json:"runbookURL,omitempty"`
	// Rules override alerts of the catalogue by name.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	Rules []AlertRule `json:"rules,omitempty"`
	// AdditionalGroups are rule groups appended to the generated ones (prometheus-operator's own type).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	AdditionalGroups []monitoringv1.RuleGroup `json:"additionalGroups,omitempty"`
}

// AlertRule overrides one alert of the catalogue. What is left out stays as the catalogue has it.
type AlertRule struct {
	// Name of the alert.
	// +required
	Name AlertName `json:"name"`
	// Enabled: false leaves the alert out.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`
	// For is how long the condition must hold before the alert fires.
	// +optional
	For Duration `json:"for,omitempty"`
	// KeepFiringFor is how long the alert keeps firing after its condition has ended.
	// +optional
	KeepFiringFor Duration `json:"keepFiringFor,omitempty"`
	// Severity: critical, warning or info.
	// +optional
	Severity Severity `json:"severity,omitempty"`
	// Threshold that the alert's value is compared with: a number, for alerts that have one.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]+([.][0-9]+)?$')",message="threshold must be a number, such as 0.9 or 3600"
	Threshold string `json:"threshold,omitempty"`
	// Labels added to the alert.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations added to the alert.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}
