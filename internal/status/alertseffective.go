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
func alertsEffective(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	no := func(reason, message string) conditionValue {
		return conditionValue{metav1.ConditionFalse, reason, message}
	}
	present := Applied(o)
	switch {
	case !v1alpha1.On(fm.Spec.Alerts.Enabled):
		return conditionValue{}
	case len(o.Desired) == 0:
		return no(o.absenceReason(fm), "Flux is not found, see Ready")
	}
	if f := unapplied(o, present); f.reason != "" {
		return f
	}
	if empty := pipeline.RuleWithoutAlerts(present); empty != "" {
		return no(v1alpha1.ReasonNoAlerts, empty)
	}
	evaluated := pipeline.EvaluationOf(fm, o.Facts, present)
	routed := pipeline.RoutingOf(fm, o.Facts, present)
	if evaluated.Unseen() {
		routed = pipeline.Routing{} // nor does the operator see which Alertmanager is used
	}
	faults := slices.DeleteFunc([]conditionValue{
		metricsMissing(fm, o.Facts), notServed(o, kinds.PodMonitor.Kind), notEvaluated(evaluated), withoutSamples(evaluated),
		monitorsWithoutSamples(fm, o.Facts, present), notRouted(fm, routed),
	}, func(f conditionValue) bool { return f.reason == "" })
	if len(faults) > 0 {
		return no(faults[0].reason, messagesOf(faults))
	}
	if unknown := notSeen(fm, o, evaluated); unknown.reason != "" {
		return unknown
	}
	if seen := refuted(fm, o, routed); seen.status != "" {
		return seen
	}
	return conditionValue{metav1.ConditionTrue, v1alpha1.ReasonEffective, effectiveMessage(evaluated, routed) + withoutKeepFiring(o)}
}

// notSeen finds what the operator cannot know of the way of the alerts. What Prometheus showed when it was asked need not be guessed.
func notSeen(fm *v1alpha1.FluxMonitoring, o *Run, e pipeline.Evaluation) conditionValue {
	seen := o.Facts.Proof != nil && o.Facts.Proof.Rules.Status == metav1.ConditionTrue && o.Facts.Proof.Known.Status == metav1.ConditionTrue
	switch source := pipeline.ResourceMetrics(fm, o.Facts); {
	case e.Unseen():
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNoPrometheus, pipeline.NoEvaluator(o.Facts)}
	case len(e.Unknown) > 0 && !seen:
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNotSeen, strings.Join(e.Unknown, ". ")}
	case source.Unknown:
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNotRecognised, source.Missing}
	}
	return conditionValue{}
}

// messagesOf joins the messages of condition values.
func messagesOf(values []conditionValue) string {
	messages := make([]string, 0, len(values))
	for _, f := range values {
		messages = append(messages, f.message)
	}
	return strings.Join(messages, ". ")
}

// lacks reports whether an object of this kind is desired and not among those present.
func lacks(present, objects []*unstructured.Unstructured, kind string) bool {
	return slices.ContainsFunc(objects, func(w *unstructured.Unstructured) bool {
		return w.GetKind() == kind && !slices.Contains(present, w)
	})
}

// maxNames is how many names a message lists before it only counts the others.
const maxNames = 3

// several lists names, and only counts those after the first few.
func several(names []string) string {
	if len(names) <= maxNames+1 {
		return pipeline.Listed(names)
	}
	return fmt.Sprintf("%s and %d more alerts", strings.Join(names[:maxNames], ", "), len(names)-maxNames)
}

// counted is how many alerts there are, with the name of the first.
func counted(names []string) string {
	if len(names) == 1 {
		return "alerts " + names[0]
	}
	return fmt.Sprintf("%d alerts (first %s)", len(names), names[0])
}

// effectiveMessage names the Prometheus and the Alertmanager on the way of the alerts.
func effectiveMessage(e pipeline.Evaluation, r pipeline.Routing) string {
	if r.HasReceivers {
		return fmt.Sprintf("Prometheus %s evaluates the alerts, and Alertmanager %s notifies the receivers", pipeline.Listed(e.By), pipeline.Listed(r.By))
	}
	return fmt.Sprintf("Prometheus %s evaluates the alerts and sends them to its Alertmanager", pipeline.Listed(e.By))
}

// metricsMissing finds alerts whose metrics nothing exports.
func metricsMissing(fm *v1alpha1.FluxMonitoring, facts facts.Facts) conditionValue {
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
		return conditionValue{}
	}
	return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonMetricsMissing, strings.Join(sentences, ". ")}
}

// notEvaluated finds that no selected Prometheus evaluates the alerts, or that none sends them to an Alertmanager.
func notEvaluated(e pipeline.Evaluation) conditionValue {
	no := func(reason, message string) conditionValue {
		return conditionValue{metav1.ConditionFalse, reason, message}
	}
	switch {
	case len(e.By) > 0 && e.Delivers:
		return conditionValue{}
	case len(e.Undelivered) > 0:
		return no(v1alpha1.ReasonNoAlertmanager, "no alert reaches anybody: "+strings.Join(e.Undelivered, ". "))
	case len(e.By) > 0:
		return no(v1alpha1.ReasonNoAlertmanager, fmt.Sprintf("no alert reaches anybody: Prometheus %s has no Alertmanager configured: set its "+
			"spec.alerting.alertmanagers", pipeline.Listed(e.By)))
	case len(e.Missing) > 0:
		return no(v1alpha1.ReasonNotSelected, "no alert can fire, because no Prometheus selects the PrometheusRule: "+strings.Join(e.Missing, ". "))
	}
	return conditionValue{}
}

// withoutSamples finds a Prometheus that evaluates the alerts without the samples that they need.
func withoutSamples(e pipeline.Evaluation) conditionValue {
	switch {
	case len(e.WithoutSamples) == 0:
		return conditionValue{}
	case e.NothingScraped:
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonNotScraped, strings.Join(e.WithoutSamples, ". ") +
			". Until then, the operator omits the alerts that fire on missing samples"}
	}
	return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonNotScraped, strings.Join(e.WithoutSamples, ". ") +
		". There, alerts that fire on missing samples may be false"}
}

// monitorsWithoutSamples finds PodMonitors by which Prometheus gets none of the samples that the alerts need.
func monitorsWithoutSamples(fm *v1alpha1.FluxMonitoring, facts facts.Facts, present []*unstructured.Unstructured) conditionValue {
	sentences := append(pipeline.PodMonitorsWithoutSamples(present), pipeline.PrometheusesWithoutToken(fm, facts, present)...)
	if len(sentences) == 0 {
		return conditionValue{}
	}
	return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonNotScraped, strings.Join(sentences, ". ")}
}

// notRouted finds that no receiver is notified, or not of every alert.
func notRouted(fm *v1alpha1.FluxMonitoring, r pipeline.Routing) conditionValue {
	no := func(reason, message string) conditionValue {
		return conditionValue{metav1.ConditionFalse, reason, message}
	}
	switch {
	case !r.HasReceivers:
		return conditionValue{}
	case len(r.By) == 0 && len(r.Missing) > 0:
		return no(v1alpha1.ReasonAlertmanagerConfigNotSelected, "no receiver is notified, because no Alertmanager selects the "+
			"AlertmanagerConfig: "+strings.Join(r.Missing, ". "))
	case len(r.By) == 0:
		return no(v1alpha1.ReasonAlertmanagerConfigNotSelected, "no receiver is notified, because there is no Alertmanager object: "+
			"create one whose spec.alertmanagerConfigSelector selects the AlertmanagerConfig, or remove spec.notifications")
	case len(r.Unrouted) > 0:
		return no(v1alpha1.ReasonNamespaceEnforced, fmt.Sprintf("%s reach no receiver: set alertmanagerConfigMatcherStrategy of "+
			"Alertmanager %s to None, or add label namespace=%s by spec.alerts.labels", counted(r.Unrouted), pipeline.Listed(r.By), fm.Namespace))
	}
	return conditionValue{}
}
