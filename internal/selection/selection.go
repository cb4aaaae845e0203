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

// Instance is a Prometheus or PrometheusAgent object, reduced to what decides about selection.
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
	// Rules that it selects. A PrometheusAgent evaluates none.
	Rules Selectors `json:"rules"`
	// IgnoresNamespaceSelectors is spec.ignoreNamespaceSelectors: a PodMonitor selects only pods of its own
	// namespace.
	IgnoresNamespaceSelectors bool `json:"ignoresNamespaceSelectors,omitempty"`
	// Alerting: it has an Alertmanager configured.
	Alerting bool `json:"alerting,omitempty"`
	// Recipients are the Alertmanager Services that it names.
	Recipients []Recipient `json:"recipients,omitempty"`
	// HiddenRecipients: a Secret names more Alertmanagers.
	HiddenRecipients bool `json:"hiddenRecipients,omitempty"`
	// Operation has the other fields that decide whether it scrapes and evaluates.
	Operation
	// Web is where its pods can be asked.
	Web Web `json:"web,omitzero"`
}

// Web is where the pods of a Prometheus or an Alertmanager can be asked. Its zero value is prometheus-operator's default.
type Web struct {
	// Service is the governing Service; empty for that of prometheus-operator.
	Service string `json:"service,omitempty"`
	// Port is the name of the port; empty is web.
	Port string `json:"port,omitempty"`
	// Prefix is the path before the API, from spec.routePrefix.
	Prefix string `json:"prefix,omitempty"`
	// TLS: spec.web.tlsConfig is set.
	TLS bool `json:"tls,omitempty"`
	// Local is spec.listenLocal.
	Local bool `json:"local,omitempty"`
}

// Scheme of the addresses of the pods.
func (w Web) Scheme() string {
	if w.TLS {
		return "https"
	}
	return "http"
}

// Recipient is a Service of an Alertmanager.
type Recipient struct {
	Namespace string `json:"namespace"`
	Service   string `json:"service"`
}

// Selectors select one kind of object. As in prometheus-operator, a nil Objects selector selects nothing and an empty
// one everything; a nil Namespaces selector selects the instance's own namespace and an empty one all.
type Selectors struct {
	Objects    *metav1.LabelSelector `json:"objects,omitempty"`
	Namespaces *metav1.LabelSelector `json:"namespaces,omitempty"`
}

// EvaluatesRules reports whether the instance can select PrometheusRules.
func (i Instance) EvaluatesRules() bool { return i.Kind == "Prometheus" }

// Candidate is an object that an instance can select.
type Candidate struct {
	// Kind of the object, for messages.
	Kind string
	// Namespace of the object, and that namespace's labels.
	Namespace       string
	NamespaceLabels map[string]string
	// Labels of the object.
	Labels map[string]string
	// ScrapeClass that a PodMonitor names.
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
		return []Issue{{NamespaceNotSelected, selector, fmt.Sprintf("%s is not set, so it does not select namespace %s",
			selector, c.Namespace)}}
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
	return Issue{SelectorInvalid, selector, fmt.Sprintf("%s is invalid: %s", selector, err)}
}

// Matches reports whether a selector matches the labels. nil matches everything, and an invalid one nothing.
func Matches(s *metav1.LabelSelector, set map[string]string) bool {
	rs, err := requirements(s)
	return err == nil && allMatch(rs, set)
}

// requirements of a selector, all of which must hold; nil has none.
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
