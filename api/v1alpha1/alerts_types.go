package v1alpha1

import monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

// AlertName is the name of an alert, such as FluxControllerDown. It can be a name that the operator does not have. So a stored resource stays
// valid when an alert is removed, and the API server accepts a resource for a newer operator. The condition Ready reports an unknown name.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_]*$`
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

// AlertsSpec configures the PrometheusRule.
type AlertsSpec struct {
	// enabled is whether the operator generates alerts. If false, the PrometheusRule has only the recording rules that dashboards use. Default: true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`
	// labels are added to every generated alert. Default: none.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// annotations are added to every generated alert. Default: none.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
	// runbookURL is the base of the annotation runbook_url, to which the operator appends the alert's name and .md. Default: the runbooks of this
	// project.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '' || isURL(self) && url(self).getScheme() in ['http', 'https']",message="runbookURL must be an http or https URL, such as https://runbooks.example.com/flux, or empty"
	RunbookURL string `json:"runbookURL,omitempty"`
	// fluxOperatorURL is the address of flux-operator's web UI. Each alert about a Flux object then has the annotation flux_operator_url, which opens
	// the object there. Default: none of these annotations.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '' || isURL(self) && url(self).getScheme() == 'https'",message="fluxOperatorURL must be an https URL, such as https://flux.example.com, or empty"
	FluxOperatorURL string `json:"fluxOperatorURL,omitempty"`
	// errorBudget turns on the alerts FluxErrorBudgetBurnFast, FluxErrorBudgetBurn and FluxErrorBudgetBurnSlow. Default: none of these alerts.
	// +optional
	ErrorBudget *ErrorBudgetSpec `json:"errorBudget,omitempty"`
	// overrides change generated alerts by name. Default: every alert as docs/alerts.md has it.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	Overrides []AlertOverride `json:"overrides,omitempty"`
	// additionalGroups are rule groups of your own, appended to the generated ones. They have prometheus-operator's own type. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	AdditionalGroups []monitoringv1.RuleGroup `json:"additionalGroups,omitempty"`
}

// ErrorBudgetSpec is how many Flux objects may fail.
type ErrorBudgetSpec struct {
	// objective is the percentage of objects that should not fail, such as "99.5"; the rest is the error budget of 30 days. An alert is
	// generated only if it can fire: FluxErrorBudgetBurnFast needs an objective above 93.06, FluxErrorBudgetBurn one above 83.34.
	// +required
	// +kubebuilder:validation:MaxLength=8
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{1,2}([.][0-9]{1,4})?$') && double(self) > 0.0",message="objective must be a percentage above 0 and below 100 with up to four decimals, such as 99.5"
	Objective string `json:"objective"`
}

// AlertOverride changes one generated alert. Omitted fields keep what the alert has.
type AlertOverride struct {
	// name of the alert to change. If the operator has no alert of this name, the condition Ready names the nearest one, and all else is
	// applied.
	// +required
	Name AlertName `json:"name"`
	// enabled is whether the operator generates the alert. Default: true.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`
	// for is how long the alert is pending before it fires. Default: the alert's own.
	// +optional
	For Duration `json:"for,omitempty"`
	// keepFiringFor is how long the alert keeps firing after its expression no longer holds. Default: the alert's own.
	// +optional
	KeepFiringFor Duration `json:"keepFiringFor,omitempty"`
	// severity is the value of the label severity: critical, warning or info. Default: the alert's own.
	// +optional
	Severity Severity `json:"severity,omitempty"`
	// threshold is the number, in quotes, that the alert's value is compared with. Only alerts that have a threshold accept it; docs/alerts.md
	// lists them. Default: the alert's own.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]+([.][0-9]+)?$')",message="threshold must be a number, such as 0.9 or 3600"
	Threshold string `json:"threshold,omitempty"`
	// labels are added to the alert, and win over those of spec.alerts. Default: none.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`
	// annotations are added to the alert, and win over those of spec.alerts. Default: none.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}
