package alerts

import (
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// HeartbeatName is the name of the alert that always fires.
const HeartbeatName = "FluxMonitoringHeartbeat"

// deliveryAlerts are about the way of an alert from its rule to the receivers. The heartbeat goes the whole way, and what it is sent to notices
// its absence. The others look at the links that export metrics. They can only warn: what they report may stop them too.
var deliveryAlerts = []alert{{
	name:        HeartbeatName,
	group:       MonitoringGroup,
	query:       query.StateRecorded,
	severity:    None,
	isHeartbeat: true,
	onlyIf:      func(p Params) bool { return p.Heartbeat != nil },
	tune:        whileTargetsAnswer,
	summary:     "Monitoring of Flux works.",
	description: "This alert always fires, and notifies nobody. Prometheus scrapes Flux, records the state of its objects and evaluates " +
		"rules. If the heartbeat stops, no alert about Flux can reach you. See the conditions: " + describeMonitorings,
}, {
	name:          "FluxMonitoringRulesFailing",
	group:         MonitoringGroup,
	query:         query.RuleFailures,
	limit:         above(query.RuleFailuresLimit),
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofStack:       true,
	onlyIf:        hasRuleFile,
	tune:          ofRuleFile,
	summary:       "Rules of group {{ $labels.rule_group }} fail.",
	description: "Alerts and recording rules of group {{ $labels.rule_group }} are late or missing: Prometheus in namespace " +
		"{{ $labels.namespace }} cannot evaluate a rule, or not in time. Its log names the rule: `kubectl -n {{ $labels.namespace }} logs " +
		"-l app.kubernetes.io/name=prometheus -c prometheus --tail=100`.",
}, {
	name:          "FluxMonitoringAlertsNotDelivered",
	group:         MonitoringGroup,
	query:         query.Undelivered,
	pendingFor:    "15m",
	keepFiringFor: "5m",
	severity:      Warning,
	ofStack:       true,
	onlyIf:        hasRuleFile,
	tune:          ofRuleFile,
	summary:       "Prometheus cannot send alerts to an Alertmanager.",
	description: "Nobody may be notified of alerts about Flux: Prometheus in namespace {{ $labels.namespace }} drops alerts, or knows no " +
		"Alertmanager. Its log names the address and the error: `kubectl -n {{ $labels.namespace }} logs -l " +
		"app.kubernetes.io/name=prometheus -c prometheus --tail=100`.",
}, {
	name:          "FluxMonitoringNotificationsFailing",
	group:         MonitoringGroup,
	query:         query.FailedNotifications,
	limit:         above(query.FailedNotificationsLimit),
	pendingFor:    "20m",
	keepFiringFor: "15m",
	severity:      Warning,
	ofStack:       true,
	onlyIf:        func(p Params) bool { return len(p.Notified.Integrations) > 0 },
	tune:          toReceivers,
	summary:       "Alertmanager fails to notify by {{ $labels.integration }}.",
	description: "Somebody may not be notified of alerts about Flux: Alertmanager in namespace {{ $labels.namespace }} cannot send by " +
		"{{ $labels.integration }}. Its log names the receiver and the error: `kubectl -n {{ $labels.namespace }} logs -l " +
		"app.kubernetes.io/name=alertmanager -c alertmanager --tail=100`.",
}}

// whileTargetsAnswer requires that a target of each scrape job answers whose samples the alerts about Flux need. The operator's own metrics are
// none: what it has applied goes on working without it.
func whileTargetsAnswer(a alert, p Params) alert {
	for _, job := range []string{p.Job, p.StateJob} {
		if job == "" {
			continue
		}
		answering := query.Answering.Within(query.Is(flux.LabelJob, job))
		if p.Cluster != "" {
			answering = answering.Within(query.Of(p.Cluster))
		}
		a.query = a.query.And(nil, answering)
	}
	return a
}

func hasRuleFile(p Params) bool { return p.RuleFile != "" }

// ofRuleFile narrows an alert to the files of the PrometheusRule. The name of a file ends in the UID of the PrometheusRule.
func ofRuleFile(a alert, p Params) alert {
	a.query = a.query.Within(query.Like(flux.LabelRuleGroup, `.*/`+regexp.QuoteMeta(p.RuleFile)+`(-[0-9a-f-]{36})?\.yaml;.*`))
	return a
}

// toReceivers narrows an alert to the receivers of the AlertmanagerConfig. Without their names, which Alertmanager exports only if a feature
// flag is set, it is about whoever is notified in the same ways by the same Alertmanagers.
func toReceivers(a alert, p Params) alert {
	matchers := []*labels.Matcher{
		query.Like("integration", oneOf(p.Notified.Integrations)), query.Like("receiver_name", "|"+regexp.QuoteMeta(p.Notified.Prefix)+".+"),
	}
	if len(p.Notified.Namespaces) > 0 {
		matchers = append(matchers, query.Like(flux.LabelNamespace, oneOf(p.Notified.Namespaces)))
	}
	a.query = a.query.Within(matchers...)
	return a
}

// oneOf is the regular expression of values.
func oneOf(values []string) string {
	quoted := make([]string, 0, len(values))
	for _, v := range values {
		quoted = append(quoted, regexp.QuoteMeta(v))
	}
	return strings.Join(quoted, "|")
}
