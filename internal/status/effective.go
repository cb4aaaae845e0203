package status

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// alertsEffective follows the alerts from the metrics that they use through the Prometheus that evaluates them to the Alertmanager that
// notifies somebody. It reports what is wrong anywhere; the first fault gives the reason. There is no such
// condition while alerts are turned off.
func alertsEffective(fm *v1alpha1.FluxMonitoring, o *Run) finding {
	no := func(reason, message string) finding { return finding{metav1.ConditionFalse, reason, message} }
	there := applied(o)
	switch {
	case !v1alpha1.On(fm.Spec.Alerts.Enabled):
		return finding{}
	case len(o.Desired) == 0:
		return no(o.lacking(fm), "Flux is not found, see Ready")
	}
	if f := unapplied(o, there); f.reason != "" {
		return f
	}
	if empty := pipeline.RuleWithoutAlerts(there); empty != "" {
		return no(v1alpha1.ReasonNoAlerts, empty)
	}
	evaluated := pipeline.EvaluationOf(fm, o.Facts, there)
	routed := pipeline.RoutingOf(fm, o.Facts, there)
	faults := slices.DeleteFunc([]finding{
		exposed(fm, o.Facts), evaluation(o.Facts, evaluated), sampled(evaluated), sampleless(fm, o.Facts, there), routing(fm, routed),
	}, func(f finding) bool { return f.reason == "" })
	switch source := pipeline.ResourceMetrics(fm, o.Facts); {
	case len(faults) > 0:
		return no(faults[0].reason, messagesOf(faults))
	case len(evaluated.Unknown) > 0:
		return finding{metav1.ConditionUnknown, v1alpha1.ReasonNotSeen, strings.Join(evaluated.Unknown, ". ")}
	case source.Uncertain:
		return finding{metav1.ConditionUnknown, v1alpha1.ReasonNotRecognised, source.Missing}
	}
	return finding{metav1.ConditionTrue, v1alpha1.ReasonEffective, delivered(evaluated, routed) + withoutKeepFiring(o)}
}

// messagesOf are what findings say, one after the other.
func messagesOf(findings []finding) string {
	messages := make([]string, 0, len(findings))
	for _, f := range findings {
		messages = append(messages, f.message)
	}
	return strings.Join(messages, ". ")
}

// lacks reports whether an object of a kind is wanted that is not there.
func lacks(there, wanted []*unstructured.Unstructured, kind string) bool {
	return slices.ContainsFunc(wanted, func(w *unstructured.Unstructured) bool {
		return w.GetKind() == kind && !slices.Contains(there, w)
	})
}

// maxNames is how many names a message lists before it only counts the others.
const maxNames = 3

// several lists names, and counts those beyond the first few.
func several(names []string) string {
	if len(names) <= maxNames+1 {
		return pipeline.Listed(names)
	}
	return fmt.Sprintf("%s and %d more alerts", strings.Join(names[:maxNames], ", "), len(names)-maxNames)
}

// delivered says which way the alerts take.
func delivered(e pipeline.Evaluation, r pipeline.Routing) string {
	said := fmt.Sprintf("every alert has its metrics, is evaluated by Prometheus %s and is sent to its Alertmanager",
		pipeline.Listed(e.By))
	if r.Wanted {
		said += fmt.Sprintf("; Alertmanager %s notifies the receivers", pipeline.Listed(r.By))
	}
	return said
}

// exposed finds alerts whose metrics nothing exposes.
func exposed(fm *v1alpha1.FluxMonitoring, facts facts.Facts) finding {
	var sentences []string
	if names := pipeline.Ineffective(fm, facts); len(names) > 0 {
		sentences = append(sentences, several(names)+" cannot fire: no metrics source exports the state of Flux objects, see ResourceMetrics")
	}
	for _, u := range pipeline.AlertsWithoutMetrics(fm, facts) {
		sentences = append(sentences, fmt.Sprintf("%s of spec.alerts.additionalGroups uses %s, which nothing exports here",
			u.Alert, pipeline.Listed(u.Metrics)))
	}
	for _, m := range pipeline.Mismatches(fm, facts) {
		if len(m.Never) > 0 {
			sentences = append(sentences, fmt.Sprintf("%s of spec.alerts.additionalGroups selects %s, which no series here has: correct "+
				"the label or its value", m.Alert, pipeline.Listed(m.Never)))
		}
		if len(m.Always) > 0 {
			sentences = append(sentences, fmt.Sprintf("%s of spec.alerts.additionalGroups excludes nothing by %s, which every series here matches: "+
				"correct the label or its value", m.Alert, pipeline.Listed(m.Always)))
		}
	}
	if len(sentences) == 0 {
		return finding{}
	}
	return finding{metav1.ConditionFalse, v1alpha1.ReasonMetricsMissing, strings.Join(sentences, ". ")}
}

// evaluation finds that no alert is evaluated, or sent to anybody.
func evaluation(facts facts.Facts, e pipeline.Evaluation) finding {
	no := func(reason, message string) finding { return finding{metav1.ConditionFalse, reason, message} }
	switch {
	case len(e.By) > 0 && e.Delivers:
		return finding{}
	case len(e.Undelivered) > 0:
		return no(v1alpha1.ReasonNoAlertmanager, "no alert reaches anybody: "+strings.Join(e.Undelivered, ". "))
	case len(e.By) > 0:
		return no(v1alpha1.ReasonNoAlertmanager, fmt.Sprintf("no alert reaches anybody: Prometheus %s has no Alertmanager configured: set its "+
			"spec.alerting.alertmanagers", pipeline.Listed(e.By)))
	case len(e.Missing) > 0:
		return no(v1alpha1.ReasonNotSelected, "no alert can fire, because no Prometheus selects the PrometheusRule: "+strings.Join(e.Missing, ". "))
	case !facts.Served[kinds.Prometheus]:
		return no(v1alpha1.ReasonNoPrometheus, "no alert can fire, because the cluster serves no Prometheus objects: install prometheus-operator")
	case len(facts.Prometheuses) > 0:
		return no(v1alpha1.ReasonNoPrometheus, "no alert can fire, because a PrometheusAgent evaluates no rules: have spec.prometheus select a "+
			"Prometheus too, or load the PrometheusRule where the agent sends its samples")
	}
	return no(v1alpha1.ReasonNoPrometheus, "no alert can fire, because spec.prometheus selects no Prometheus: create one, or widen its selectors")
}

// sampled finds that a Prometheus evaluates the alerts without the samples that they need.
func sampled(e pipeline.Evaluation) finding {
	switch {
	case len(e.WithoutSamples) == 0:
		return finding{}
	case e.NothingScraped:
		return finding{metav1.ConditionFalse, v1alpha1.ReasonNotScraped, strings.Join(e.WithoutSamples, ". ") +
			". Until then, the operator omits the alerts that fire on missing samples"}
	}
	return finding{metav1.ConditionFalse, v1alpha1.ReasonNotScraped, strings.Join(e.WithoutSamples, ". ") +
		". There, alerts that fire on missing samples may be false"}
}

// sampleless finds that PodMonitors bring none of the samples that the alerts need.
func sampleless(fm *v1alpha1.FluxMonitoring, facts facts.Facts, there []*unstructured.Unstructured) finding {
	sentences := append(pipeline.PodMonitorsWithoutSamples(there), pipeline.PrometheusesWithoutToken(fm, facts, there)...)
	if len(sentences) == 0 {
		return finding{}
	}
	return finding{metav1.ConditionFalse, v1alpha1.ReasonNotScraped, strings.Join(sentences, ". ")}
}

// routing finds that the receivers are notified of nothing, or not of everything.
func routing(fm *v1alpha1.FluxMonitoring, r pipeline.Routing) finding {
	no := func(reason, message string) finding { return finding{metav1.ConditionFalse, reason, message} }
	switch {
	case !r.Wanted:
		return finding{}
	case len(r.By) == 0 && len(r.Missing) > 0:
		return no(v1alpha1.ReasonAlertmanagerConfigNotSelected, "no receiver is notified, because no Alertmanager selects the "+
			"AlertmanagerConfig: "+strings.Join(r.Missing, ". "))
	case len(r.By) == 0:
		return no(v1alpha1.ReasonAlertmanagerConfigNotSelected, "no receiver is notified, because there is no Alertmanager object: "+
			"create one whose spec.alertmanagerConfigSelector selects the AlertmanagerConfig, or remove spec.notifications")
	case len(r.Unrouted) > 0:
		return no(v1alpha1.ReasonNamespaceEnforced, fmt.Sprintf("Alertmanager %[1]s only routes alerts with the label namespace=%[2]s to the "+
			"AlertmanagerConfig, so no receiver is notified of %[3]s: set its spec.alertmanagerConfigMatcherStrategy.type to None, or add that "+
			"label by spec.alerts.labels", pipeline.Listed(r.By), fm.Namespace, several(r.Unrouted)))
	}
	return finding{}
}
