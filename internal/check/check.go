// Package check judges whether monitoring of Flux works: for each FluxMonitoring, link by link, from its status, and for PrometheusRules that
// others wrote, from the metrics they use. It is pure: it reads no cluster, and prints nothing.
package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/query"
)

// Verdict is what is known of a link.
type Verdict string

const (
	// Holds means that it works.
	Holds Verdict = "Holds"
	// Broken means that it does not work.
	Broken Verdict = "Broken"
	// Unknown means that nobody can know from here whether it works.
	Unknown Verdict = "Unknown"
)

// Link is one part of monitoring that must work.
type Link struct {
	// Name is the type of a condition, or the name of an alert.
	Name string `json:"name"`
	// Verdict on it.
	Verdict Verdict `json:"verdict"`
	// Message has the reason and, if the link is broken, what to do.
	Message string `json:"message"`
}

// Subject is an object and its links.
type Subject struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Links     []Link `json:"links"`
}

// links are the conditions that matter, from Flux to people. One that is turned off is absent.
var links = append([]string{fluxmeta.ReadyCondition}, v1alpha1.Evidence()...)

// FluxMonitoring judges one by its conditions. They count only if the operator has reconciled the newest spec.
func FluxMonitoring(fm *v1alpha1.FluxMonitoring) Subject {
	subject := Subject{Kind: v1alpha1.Kind, Namespace: fm.Namespace, Name: fm.Name}
	if ready := meta.FindStatusCondition(fm.Status.Conditions, fluxmeta.ReadyCondition); ready == nil || ready.ObservedGeneration != fm.Generation {
		subject.Links = []Link{{fluxmeta.ReadyCondition, Unknown, "The operator has not reconciled the newest spec. Check that it runs: " +
			"kubectl get deployments -A -l app.kubernetes.io/name=fluxmonitoring-operator"}}
		return subject
	}
	for _, name := range links {
		if c := meta.FindStatusCondition(fm.Status.Conditions, name); c != nil {
			subject.Links = append(subject.Links, Link{name, verdicts[c.Status], c.Reason + ": " + c.Message})
		}
	}
	return subject
}

var verdicts = map[metav1.ConditionStatus]Verdict{metav1.ConditionTrue: Holds, metav1.ConditionFalse: Broken, metav1.ConditionUnknown: Unknown}

// Flux is what is known of one Flux: the FluxMonitoring that observes it, and the facts for it.
type Flux struct {
	FluxMonitoring *v1alpha1.FluxMonitoring
	Facts          facts.Facts
}

// PrometheusRules judges the alerts on metrics of Flux in rules that no FluxMonitoring generates. An alert holds if it can fire for one Flux.
// A subject without such alerts is omitted.
func PrometheusRules(rules []monitoringv1.PrometheusRule, of []Flux) []Subject {
	recordings := monitoringv1.RuleGroup{Name: "recordings", Rules: recordingRules(rules)}
	var subjects []Subject
	for _, rule := range rules {
		if rule.Labels[mark.OwnerLabel] != "" {
			continue
		}
		subject := Subject{Kind: monitoringv1.PrometheusRuleKind, Namespace: rule.Namespace, Name: rule.Name}
		for _, group := range rule.Spec.Groups {
			for _, r := range group.Rules {
				if r.Alert != "" && usesFlux(r.Expr.String()) {
					subject.Links = append(subject.Links, alert(r, recordings, of))
				}
			}
		}
		if len(subject.Links) > 0 {
			subjects = append(subjects, subject)
		}
	}
	slices.SortFunc(subjects, func(a, b Subject) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return subjects
}

func recordingRules(all []monitoringv1.PrometheusRule) (found []monitoringv1.Rule) {
	for _, rule := range all {
		for _, group := range rule.Spec.Groups {
			for _, r := range group.Rules {
				if r.Record != "" {
					found = append(found, r)
				}
			}
		}
	}
	return found
}

// usesFlux reports whether an expression is valid and selects metrics of Flux objects.
func usesFlux(expr string) bool {
	return query.Parse(expr) == nil && slices.ContainsFunc(query.New(expr).Metrics(), func(metric string) bool {
		return strings.HasPrefix(metric, "gotk_") || flux.IsRecorded(metric)
	})
}

// alert judges one alert as if it were in the spec of each FluxMonitoring.
func alert(rule monitoringv1.Rule, recordings monitoringv1.RuleGroup, of []Flux) Link {
	link := Link{rule.Alert, Unknown, "There is no Flux to judge it by."}
	for _, known := range of {
		fm := known.FluxMonitoring.DeepCopy()
		fm.Spec.Alerts.AdditionalGroups = []monitoringv1.RuleGroup{{Name: "alert", Rules: []monitoringv1.Rule{rule}}, recordings}
		if link = alertOf(rule, fm, known.Facts); link.Verdict == Holds {
			return link
		}
	}
	return link
}

// alertOf judges the alert that is the only one in the spec of a FluxMonitoring.
func alertOf(rule monitoringv1.Rule, fm *v1alpha1.FluxMonitoring, known facts.Facts) Link {
	expr := rule.Expr.String()
	if without := pipeline.AlertsWithoutMetrics(fm, known); len(without) > 0 {
		verdict, message := missing(without[0].Metrics)
		return Link{rule.Alert, verdict, message + instead(expr)}
	}
	never := query.IdleMatchers(expr, statusesSince21).Never
	if pipeline.Exposure(fm, known).State == flux.Controllers {
		never = nil // of which the version may not be known
	}
	for _, mismatch := range pipeline.Mismatches(fm, known) {
		never = append(never, mismatch.Never...)
	}
	if len(never) > 0 {
		return Link{rule.Alert, Broken, fmt.Sprintf("It selects %s, which no series of Flux has.", pipeline.Listed(never)) + instead(expr)}
	}
	return Link{rule.Alert, Holds, "Its metrics exist."}
}

// statusesSince21 are the values of the label status of gotk_reconcile_condition since Flux 2.1. The alert of Flux's guide also selects Deleted,
// which older controllers exported, and never fires without it.
func statusesSince21(metric, label string) ([]string, bool) {
	return []string{"True", "False", "Unknown"}, metric == flux.StateCondition && label == "status"
}

// replacements are our alerts instead of those on metrics that Flux 2.5 dropped.
var replacements = map[string]string{flux.StateCondition: "ReconciliationFailure", flux.StateSuspended: "FluxResourceSuspended"}

// instead names our alert that replaces one on this expression.
func instead(expr string) string {
	for _, metric := range query.New(expr).Metrics() {
		if ours := replacements[metric]; ours != "" {
			return " The alert " + ours + " of a FluxMonitoring replaces it."
		}
	}
	return ""
}

// missing judges an alert by metrics that no known metrics source exports. A kube-state-metrics that somebody configured can export metrics
// that the operator does not know of, but not those that only Flux's controllers exported.
func missing(metrics []string) (Verdict, string) {
	uses := "It uses " + pipeline.Listed(metrics)
	for _, metric := range metrics {
		if replacements[metric] != "" {
			return Broken, uses + ", which nothing here exports."
		}
		if flux.IsRecorded(metric) {
			return Broken, uses + ", which no rule records."
		}
	}
	return Unknown, uses + ". No metrics source that the operator knows exports it here."
}

// Count is how many links have each verdict.
func Count(subjects []Subject) map[Verdict]int {
	count := map[Verdict]int{}
	for _, subject := range subjects {
		for _, link := range subject.Links {
			count[link.Verdict]++
		}
	}
	return count
}
