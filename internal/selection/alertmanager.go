package selection

import (
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// GoverningService is the Service that prometheus-operator makes for the Alertmanagers of a namespace that name none themselves.
const GoverningService = "alertmanager-operated"

// Alertmanager is one Alertmanager object, reduced to what takes up AlertmanagerConfigs and by which Service it may be found.
type Alertmanager struct {
	// Namespace and Name of the object.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Configs it takes up.
	Configs Selectors `json:"configs"`
	// Configuration is the name of the AlertmanagerConfig of its namespace that is the whole of its configuration
	// (alertmanagerConfiguration); empty where there is none such.
	Configuration string `json:"configuration,omitempty"`
	// Strategy is how it limits which alerts an AlertmanagerConfig sees (alertmanagerConfigMatcherStrategy); empty is
	// OnNamespace. What it takes up as its whole configuration is not limited.
	Strategy monitoringv1.AlertmanagerConfigMatcherStrategyType `json:"strategy,omitempty"`
	// Service is spec.serviceName; empty is GoverningService.
	Service string `json:"service,omitempty"`
	// Deleting: the object is being deleted.
	Deleting bool `json:"deleting,omitempty"`
	// Stopped: spec.replicas is 0.
	Stopped bool `json:"stopped,omitempty"`
}

// IdleReason says why nothing of it runs; empty where it does.
func (a Alertmanager) IdleReason() string {
	return Operation{Deleting: a.Deleting, Stopped: a.Stopped}.IdleReason()
}

// AnswersAt reports whether a Service is taken to be one of its pods: the one that prometheus-operator makes for it, and one of its namespace that
// bears its name, as charts call them. What a Service selects is not read.
func (a Alertmanager) AnswersAt(r Recipient) bool {
	governing := GoverningService
	if a.Service != "" {
		governing = a.Service
	}
	return a.Namespace == r.Namespace && (r.Service == governing || r.Service != GoverningService && strings.Contains(r.Service, a.Name))
}

// IsGlobalConfig reports whether the AlertmanagerConfig of a namespace and name is the whole of its configuration.
func (a Alertmanager) IsGlobalConfig(namespace, name string) bool {
	return a.Configuration != "" && a.Configuration == name && a.Namespace == namespace
}

// Missing is what keeps its selectors from selecting the AlertmanagerConfig; nothing if they select it.
func (a Alertmanager) Missing(c Candidate) []Issue {
	return a.instance().Missing(a.Configs, "alertmanagerConfig", c)
}

// ReachesNamespace reports whether its selectors look into the candidate's namespace.
func (a Alertmanager) ReachesNamespace(c Candidate) bool {
	return a.instance().ReachesNamespace(a.Configs, c)
}

// MatchesAllAlerts reports whether an AlertmanagerConfig of the namespace that it selects sees every alert, and not those alone whose
// label namespace is that namespace.
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

// instance is what of it selects, as a Prometheus does.
func (a Alertmanager) instance() Instance {
	return Instance{Kind: "Alertmanager", Namespace: a.Namespace, Name: a.Name}
}
