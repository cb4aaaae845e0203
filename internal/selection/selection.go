// Package selection knows how a Prometheus or PrometheusAgent object selects PodMonitors and PrometheusRules, and an Alertmanager object
// AlertmanagerConfigs: by label selectors and namespace selectors, as prometheus-operator evaluates them. It is pure: from an instance, an
// object's labels and its namespace follows what is missing, and which labels would match the selectors. It does not know the flags of
// prometheus-operator (such as --namespaces), which no API shows.
package selection

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Instance is one Prometheus or PrometheusAgent object, reduced to what decides which objects it selects.
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
	// PodMonitors are the selectors of PodMonitors.
	PodMonitors Selectors `json:"podMonitors"`
	// Rules are the selectors of PrometheusRules. A PrometheusAgent has none: it evaluates no rules.
	Rules Selectors `json:"rules"`
	// IgnoresNamespaceSelectors is the object's ignoreNamespaceSelectors: a PodMonitor then finds pods in its own
	// namespace only.
	IgnoresNamespaceSelectors bool `json:"ignoresNamespaceSelectors,omitempty"`
	// Alerting: it has an Alertmanager configured to send alerts to.
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

// EvaluatesRules reports whether the instance selects PrometheusRules at all.
func (i Instance) EvaluatesRules() bool { return i.Kind == "Prometheus" }

// Candidate is an object that an instance may select.
type Candidate struct {
	// Kind of the object, for the messages.
	Kind string
	// Namespace the object is in, and that namespace's labels.
	Namespace       string
	NamespaceLabels map[string]string
	// Labels of the object.
	Labels map[string]string
	// ScrapeClass that the object names, if it is a PodMonitor.
	ScrapeClass string
}

// Missing is what keeps the instance's selectors from selecting the candidate; nothing if they select it. field is the prefix of the
// selectors' field names: podMonitor, rule or alertmanagerConfig.
func (i Instance) Missing(s Selectors, field string, c Candidate) []Issue {
	missing := i.MissingNamespace(s, field, c)
	selector := "spec." + field + "Selector"
	if s.Objects == nil {
		return append(missing, Issue{SelectorNotSet, selector, fmt.Sprintf("%s is not set, so it selects no %s: set it, for example to {}",
			selector, c.Kind)})
	}
	rs, err := requirements(s.Objects)
	if err != nil {
		return append(missing, invalid(selector, err))
	}
	for _, r := range rs {
		if !r.Matches(labels.Set(c.Labels)) {
			missing = append(missing, Issue{LabelMissing, selector, fmt.Sprintf("%s requires label %s on the %s", selector, r.String(), c.Kind)})
		}
	}
	return missing
}

// MissingNamespace is what keeps the instance from selecting objects of the candidate's namespace; nothing if it selects them. There is at
// most one issue.
func (i Instance) MissingNamespace(s Selectors, field string, c Candidate) []Issue {
	selector := "spec." + field + "NamespaceSelector"
	if s.Namespaces == nil {
		if c.Namespace == i.Namespace {
			return nil
		}
		return []Issue{{NamespaceNotSelected, selector, fmt.Sprintf("%s is not set, so it only selects objects of its own namespace %s, not of %s",
			selector, i.Namespace, c.Namespace)}}
	}
	rs, err := requirements(s.Namespaces)
	if err != nil {
		return []Issue{invalid(selector, err)}
	}
	for _, r := range rs {
		if !r.Matches(labels.Set(c.NamespaceLabels)) {
			return []Issue{{NamespaceNotSelected, selector, fmt.Sprintf("%s requires label %s on namespace %s", selector, r.String(), c.Namespace)}}
		}
	}
	return nil
}

// ReachesNamespace reports whether the instance selects objects of the candidate's namespace, whatever the candidate's labels are.
func (i Instance) ReachesNamespace(s Selectors, c Candidate) bool {
	return s.Objects != nil && len(i.MissingNamespace(s, "", c)) == 0
}

// invalid is that a selector cannot be read.
func invalid(selector string, err error) Issue {
	return Issue{SelectorInvalid, selector, fmt.Sprintf("%s cannot be read, so it selects nothing: %s", selector, err)}
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
