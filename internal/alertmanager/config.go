// Package alertmanager knows the content of an AlertmanagerConfig: the route of the alerts of one owner, its receivers and its inhibitions.
// It knows prometheus-operator's types and rules, in the version of the receivers (v1beta1) and in the one that most clusters serve
// (v1alpha1). It does not know which alerts there are, Kubernetes objects, or how an Alertmanager evaluates the matchers.
package alertmanager

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	"github.com/prometheus/common/model"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/fluxmonitoring/operator/internal/alerts"
)

const (
	// OwnerLabel is on every alert that the route matches; every matcher begins with it. Its value is Params.Owner.
	OwnerLabel = "fluxmonitoring"
	// Nobody is the name of the receiver that notifies nobody: it has no configurations.
	Nobody = "null"
	// HeartbeatReceiver is the name of the receiver of the heartbeat.
	HeartbeatReceiver = "heartbeat"
)

// The labels of alerts that routes match.
const (
	nameLabel            = "alertname"
	severityLabel        = "severity"
	objectNamespaceLabel = "exported_namespace"
)

// groupBy are the labels by which Alertmanager groups alerts: one fault of one kind of object in one namespace.
var groupBy = []string{"cluster", "alertname", "kind", objectNamespaceLabel}

// Params is what an AlertmanagerConfig depends on.
type Params struct {
	// Owner is the value of OwnerLabel.
	Owner string
	// Receivers in v1beta1; none if they are in v1alpha1 (Older). The one with the name Receiver is notified of alerts that match no route. Without
	// that name there are no receivers, and the heartbeat is the only alert that the route matches.
	Receivers []monitoringv1beta1.Receiver
	Receiver  string
	// Heartbeat is where the heartbeat is sent; nil if there is none.
	Heartbeat *Heartbeat
	// Unsent are the severities of the alerts of which nobody is notified.
	Unsent []string
	// Routes to other receivers; Alertmanager uses the first that matches.
	Routes []Route
	// GroupWait, GroupInterval and RepeatInterval are Alertmanager's.
	GroupWait, GroupInterval, RepeatInterval string
	// Inhibitions among the owner's alerts.
	Inhibitions []alerts.Inhibition
	// Global makes the configuration valid as the whole of an Alertmanager's, whose first route must match every alert: nobody is notified
	// of the alerts of other owners.
	Global bool
}

// Route sends some alerts to a receiver of their own.
type Route struct {
	// Receiver that is notified.
	Receiver string
	// Severities, and Namespaces of the objects, of the alerts that match; empty for all.
	Severities, Namespaces []string
}

// Heartbeat is where, and how often, the alert that always fires is sent.
type Heartbeat struct {
	// Secret and the Key in it with the address.
	Secret, Key string
	// Interval between two messages.
	Interval time.Duration
}

// Spec is the spec of an AlertmanagerConfig of v1beta1.
func Spec(p Params) (monitoringv1beta1.AlertmanagerConfigSpec, error) {
	spec := monitoringv1beta1.AlertmanagerConfigSpec{Receivers: slices.Concat(p.Receivers, ownReceivers(p)), InhibitRules: inhibitRules(p)}
	own, err := ownersRoute(p)
	if err != nil {
		return spec, err
	}
	spec.Route = &own
	if p.Global {
		spec.Route = &monitoringv1beta1.Route{Receiver: Nobody}
		spec.Route.Routes, err = nestedRoutes([]monitoringv1beta1.Route{own})
	}
	return spec, err
}

// ownReceivers are those that are not the user's.
func ownReceivers(p Params) []monitoringv1beta1.Receiver {
	var own []monitoringv1beta1.Receiver
	if p.Global || len(p.Unsent) > 0 {
		own = append(own, monitoringv1beta1.Receiver{Name: Nobody})
	}
	if h := p.Heartbeat; h != nil {
		unresolved := false
		own = append(own, monitoringv1beta1.Receiver{Name: HeartbeatReceiver, WebhookConfigs: []monitoringv1beta1.WebhookConfig{{
			URLSecret: &monitoringv1beta1.SecretKeySelector{Name: h.Secret, Key: h.Key}, SendResolved: &unresolved,
		}}})
	}
	return own
}

// heartbeatRoute matches the heartbeat alone, with these matchers before its name. Alertmanager looks at a group once in an interval, and
// repeats a notification only if more than repeatInterval has passed since it was sent, which is later than when it looked. With half of the
// interval it repeats every time.
func heartbeatRoute(h Heartbeat, matchers ...monitoringv1beta1.Matcher) monitoringv1beta1.Route {
	return monitoringv1beta1.Route{
		Receiver:  HeartbeatReceiver,
		Matchers:  append(matchers, matcher(alerts.Matcher{Label: nameLabel, Value: alerts.HeartbeatName})),
		GroupWait: duration("0s"), GroupInterval: interval(h.Interval),
		RepeatInterval: interval(max(h.Interval/2, time.Millisecond)),
	}
}

// interval is a length of time as Prometheus writes it.
func interval(d time.Duration) *monitoringv1.NonEmptyDuration {
	return duration(model.Duration(d).String())
}

// ownersRoute is the route that matches the owner's alerts. The heartbeat comes first, so that no severity or route of the user's matters.
func ownersRoute(p Params) (monitoringv1beta1.Route, error) {
	if p.Receiver == "" && p.Heartbeat != nil {
		return heartbeatRoute(*p.Heartbeat, matchers(p.Owner, nil)...), nil
	}
	var routes []monitoringv1beta1.Route
	if p.Heartbeat != nil {
		routes = append(routes, heartbeatRoute(*p.Heartbeat))
	}
	if len(p.Unsent) > 0 {
		routes = append(routes, monitoringv1beta1.Route{Receiver: Nobody, Matchers: oneOf(severityLabel, p.Unsent)})
	}
	for _, r := range p.Routes {
		routes = append(routes, monitoringv1beta1.Route{
			Receiver: r.Receiver, Matchers: append(oneOf(severityLabel, r.Severities), oneOf(objectNamespaceLabel, r.Namespaces)...),
		})
	}
	children, err := nestedRoutes(routes)
	return monitoringv1beta1.Route{
		Receiver: p.Receiver, GroupBy: groupBy, Matchers: matchers(p.Owner, nil), Routes: children,
		GroupWait: duration(p.GroupWait), GroupInterval: duration(p.GroupInterval), RepeatInterval: duration(p.RepeatInterval),
	}, err
}

// nestedRoutes are routes in the form in which a route contains them.
func nestedRoutes(routes []monitoringv1beta1.Route) ([]apiextensionsv1.JSON, error) {
	var all []apiextensionsv1.JSON
	for _, r := range routes {
		content, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("writing the route to %s: %w", r.Receiver, err)
		}
		all = append(all, apiextensionsv1.JSON{Raw: content})
	}
	return all, nil
}

// oneOf matches a label with one of the values; everything if there are none.
func oneOf(label string, values []string) []monitoringv1beta1.Matcher {
	return matchValues(label, values, monitoringv1beta1.MatchEqual, monitoringv1beta1.MatchRegexp)
}

// noneOf matches a label with none of the values; everything if there are none.
func noneOf(label string, values []string) []monitoringv1beta1.Matcher {
	return matchValues(label, values, monitoringv1beta1.MatchNotEqual, monitoringv1beta1.MatchNotRegexp)
}

// matchValues compares a label with the values: one way with one value, another with several, as a regular expression.
func matchValues(label string, values []string, one, several monitoringv1beta1.MatchType) []monitoringv1beta1.Matcher {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return []monitoringv1beta1.Matcher{{Name: label, Value: values[0], MatchType: one}}
	}
	quoted := make([]string, 0, len(values))
	for _, v := range values {
		quoted = append(quoted, regexp.QuoteMeta(v))
	}
	return []monitoringv1beta1.Matcher{{Name: label, Value: strings.Join(quoted, "|"), MatchType: several}}
}

// inhibitRules only concern the owner's alerts, wherever they are evaluated. An alert that is not sent inhibits nothing: nobody would be
// notified of either.
func inhibitRules(p Params) []monitoringv1beta1.InhibitRule {
	var rules []monitoringv1beta1.InhibitRule
	for _, i := range p.Inhibitions {
		rules = append(rules, monitoringv1beta1.InhibitRule{
			SourceMatch: append(matchers(p.Owner, i.Source), noneOf(severityLabel, p.Unsent)...),
			TargetMatch: matchers(p.Owner, i.Target), Equal: i.Equal,
		})
	}
	return rules
}

func matchers(owner string, all []alerts.Matcher) []monitoringv1beta1.Matcher {
	result := []monitoringv1beta1.Matcher{matcher(alerts.Matcher{Label: OwnerLabel, Value: owner})}
	for _, m := range all {
		result = append(result, matcher(m))
	}
	return result
}

func matcher(m alerts.Matcher) monitoringv1beta1.Matcher {
	kind := monitoringv1beta1.MatchEqual
	if m.Regexp {
		kind = monitoringv1beta1.MatchRegexp
	}
	return monitoringv1beta1.Matcher{Name: m.Label, Value: m.Value, MatchType: kind}
}

func duration(d string) *monitoringv1.NonEmptyDuration {
	if d == "" {
		return nil
	}
	result := monitoringv1.NonEmptyDuration(d)
	return &result
}
