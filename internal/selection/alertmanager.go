package selection

import (
	"cmp"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// GoverningService is the Service of Alertmanagers that do not set spec.serviceName.
const GoverningService = "alertmanager-operated"

// Alertmanager is what decides which AlertmanagerConfigs an Alertmanager object selects, and at which Service it
// answers.
type Alertmanager struct {
	// Namespace and Name of the object.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Configs that it selects.
	Configs Selectors `json:"configs"`
	// Configuration is the AlertmanagerConfig of its namespace that is its global configuration
	// (spec.alertmanagerConfiguration).
	Configuration string `json:"configuration,omitempty"`
	// Strategy limits which alerts a selected AlertmanagerConfig matches (spec.alertmanagerConfigMatcherStrategy);
	// empty is OnNamespace. The global configuration is not limited.
	Strategy monitoringv1.AlertmanagerConfigMatcherStrategyType `json:"strategy,omitempty"`
	// Service is spec.serviceName; empty is GoverningService.
	Service string `json:"service,omitempty"`
	// Deleting: the object is being deleted.
	Deleting bool `json:"deleting,omitempty"`
	// Stopped: spec.replicas is 0.
	Stopped bool `json:"stopped,omitempty"`
	// Web is where its pods can be asked, without Service, which is above.
	Web Web `json:"web,omitzero"`
}

// IdleReason says why it does not run; empty if it does.
func (a Alertmanager) IdleReason() string {
	return Operation{Deleting: a.Deleting, Stopped: a.Stopped}.IdleReason()
}

// Governing is the name of the Service in front of its pods.
func (a Alertmanager) Governing() string { return cmp.Or(a.Service, GoverningService) }

// AnswersAt reports whether a Service is assumed to select its pods: the one of prometheus-operator, or one whose
// name contains its own, as charts name them. The Service's selector is not read.
func (a Alertmanager) AnswersAt(r Recipient) bool {
	return a.Namespace == r.Namespace && (r.Service == a.Governing() || r.Service != GoverningService && strings.Contains(r.Service, a.Name))
}

// IsGlobalConfig reports whether an AlertmanagerConfig is its global configuration.
func (a Alertmanager) IsGlobalConfig(namespace, name string) bool {
	return a.Configuration != "" && a.Configuration == name && a.Namespace == namespace
}

// Missing is what keeps its selectors from selecting the AlertmanagerConfig; nothing if they select it.
func (a Alertmanager) Missing(c Candidate) []Issue {
	return a.instance().Missing(a.Configs, "alertmanagerConfig", c)
}

// ReachesNamespace reports whether its namespace selector matches the candidate's namespace.
func (a Alertmanager) ReachesNamespace(c Candidate) bool {
	return a.instance().ReachesNamespace(a.Configs, c)
}

// MatchesAllAlerts reports whether a selected AlertmanagerConfig of the namespace matches all alerts, and not only
// those with that namespace as label.
func (a Alertmanager) MatchesAllAlerts(namespace string) bool {
	switch a.Strategy {
	case monitoringv1.NoneConfigMatcherStrategyType:
		return true
	case monitoringv1.OnNamespaceExceptForAlertmanagerNamespaceConfigMatcherStrategyType:
		return namespace == a.Namespace
	case monitoringv1.OnNamespaceConfigMatcherStrategyType:
	}
	return false
}

// instance has the same selectors as a Prometheus would have.
func (a Alertmanager) instance() Instance {
	return Instance{Kind: "Alertmanager", Namespace: a.Namespace, Name: a.Name}
}
