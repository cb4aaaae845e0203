// Package selection knows how a Prometheus or PrometheusAgent object chooses the PodMonitors and PrometheusRules it takes
// up, and an Alertmanager object its AlertmanagerConfigs: by label selectors and namespace selectors, as prometheus-operator
// evaluates them. It is pure: given an instance, an object's labels and its namespace it says what is missing, and which labels
// would satisfy the selectors. It does not know what a prometheus-operator is told by its own flags (such as --namespaces),
// which no API shows.
package selection

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Instance is one Prometheus or PrometheusAgent object, reduced to what selects.
type Instance struct {
	// Kind is Prometheus or PrometheusAgent.
	Kind string `json:"kind"`
	// Namespace and Name of the object.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Labels of the object, by which a FluxMonitoring selects it.
	Labels map[string]string `json:"labels,omitempty"`
	// NamespaceLabels of the object's namespace.
	NamespaceLabels map[string]string `json:"-"`
	// PodMonitors it takes up.
	PodMonitors Selectors `json:"podMonitors"`
	// Rules it takes up. A PrometheusAgent has none: it evaluates no rules.
	Rules Selectors `json:"rules"`
	// IgnoresNamespaceSelectors is the object's ignoreNamespaceSelectors: a PodMonitor then finds pods in its own
	// namespace only.
	IgnoresNamespaceSelectors bool `json:"ignoresNamespaceSelectors,omitempty"`
	// Alerting: it is told of an Alertmanager to send alerts to.
	Alerting bool `json:"alerting,omitempty"`
	// Recipients are the Services through which it finds Alertmanagers, as far as the object names them.
	Recipients []Recipient `json:"recipients,omitempty"`
	// HiddenRecipients: a Secret names further Alertmanagers.
	HiddenRecipients bool `json:"hiddenRecipients,omitempty"`
	// Operation is what else decides whether it scrapes and evaluates what it selects.
	Operation
}

// Recipient is a Service of an Alertmanager.
type Recipient struct {
	Namespace string `json:"namespace"`
	Service   string `json:"service"`
}

// Selectors are a pair of selectors of an Instance for one kind of object. As prometheus-operator has it, no Objects
// selector selects nothing, an empty one everything; no Namespaces selector means the instance's own namespace, an empty
// one all.
type Selectors struct {
	Objects    *metav1.LabelSelector `json:"objects,omitempty"`
	Namespaces *metav1.LabelSelector `json:"namespaces,omitempty"`
}

// EvaluatesRules reports whether the instance takes up PrometheusRules at all.
func (i Instance) EvaluatesRules() bool { return i.Kind == "Prometheus" }

// Candidate is an object that an instance may take up.
type Candidate struct {
	// Kind of the object, for the sentences.
	Kind string
	// Namespace the object is in, and that namespace's labels.
	Namespace       string
	NamespaceLabels map[string]string
	// Labels of the object.
	Labels map[string]string
	// ScrapeClass that the object names, where it is a PodMonitor.
	ScrapeClass string
}

// Missing says, a sentence each, what keeps the instance's selectors from taking up the candidate; nothing when they do.
// field is the prefix of the selectors' field names: podMonitor or rule.
func (i Instance) Missing(s Selectors, field string, c Candidate) []string {
	var missing []string
	if m := i.MissingNamespace(s, field, c); m != "" {
		missing = append(missing, m)
	}
	if s.Objects == nil {
		return append(missing, fmt.Sprintf("spec.%sSelector is not set, so it takes up no %s: set it, for example to {}", field, c.Kind))
	}
	rs, err := requirements(s.Objects)
	if err != nil {
		return append(missing, unreadable(field+"Selector", err))
	}
	for _, r := range rs {
		if !r.Matches(labels.Set(c.Labels)) {
			missing = append(missing, fmt.Sprintf("spec.%sSelector demands label %s on the %s", field, r.String(), c.Kind))
		}
	}
	return missing
}

// MissingNamespace says what keeps the instance from looking into the candidate's namespace; empty when nothing does.
func (i Instance) MissingNamespace(s Selectors, field string, c Candidate) string {
	namespaces := s.Namespaces
	if namespaces == nil {
		if c.Namespace == i.Namespace {
			return ""
		}
		return fmt.Sprintf("spec.%sNamespaceSelector is not set, so it looks in its own namespace %s only, not in %s",
			field, i.Namespace, c.Namespace)
	}
	rs, err := requirements(namespaces)
	if err != nil {
		return unreadable(field+"NamespaceSelector", err)
	}
	for _, r := range rs {
		if !r.Matches(labels.Set(c.NamespaceLabels)) {
			return fmt.Sprintf("spec.%sNamespaceSelector demands label %s on namespace %s", field, r.String(), c.Namespace)
		}
	}
	return ""
}

// ReachesNamespace reports whether the namespace selectors let the instance look into the candidate's namespace, whatever
// the candidate's labels.
func (i Instance) ReachesNamespace(s Selectors, c Candidate) bool {
	return s.Objects != nil && i.MissingNamespace(s, "", c) == ""
}

// unreadable says that a selector takes up nothing, because it cannot be read.
func unreadable(field string, err error) string {
	return fmt.Sprintf("spec.%s cannot be read, so it takes up nothing: %s", field, err)
}

// Matches reports whether a selector, where nil means everything, matches the labels. One that cannot be read matches none.
func Matches(s *metav1.LabelSelector, set map[string]string) bool {
	rs, err := requirements(s)
	return err == nil && allMatch(rs, set)
}

// requirements are the parts of a selector that must all hold; none for no selector.
func requirements(s *metav1.LabelSelector) (labels.Requirements, error) {
	if s == nil {
		return nil, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return nil, err
	}
	rs, _ := selector.Requirements()
	return rs, nil
}
