package status

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/proof"
)

// seenReasons are the reasons that only an answer of Prometheus or Alertmanager gives. An operator that has not asked yet keeps a condition that
// has one of them, so that its restart changes nothing. Selected is also that of a condition for which nobody has been asked yet.
var seenReasons = []string{
	v1alpha1.ReasonSelected, v1alpha1.ReasonTargetsUp, v1alpha1.ReasonTargetsDown, v1alpha1.ReasonTargetsMissing, v1alpha1.ReasonPrometheusNotAvailable,
	v1alpha1.ReasonLimitsTooLow, v1alpha1.ReasonUnreachable, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonRejected, v1alpha1.ReasonRulesEvaluated,
	v1alpha1.ReasonRulesNotLoaded, v1alpha1.ReasonRuleFailing, v1alpha1.ReasonGroupSlow, v1alpha1.ReasonSeriesMissing, v1alpha1.ReasonDelivered,
	v1alpha1.ReasonNotificationsFailing, v1alpha1.ReasonEffective, v1alpha1.ReasonReceiverMissing, v1alpha1.ReasonNoAlertmanager,
}

// Known is what the status says of earlier answers about the same spec; zero if it says nothing.
func Known(fm *v1alpha1.FluxMonitoring) proof.Findings {
	var f proof.Findings
	for condition, to := range map[string]*proof.Finding{
		v1alpha1.ConditionScraped: &f.Scraped, v1alpha1.ConditionRulesHealthy: &f.Rules, v1alpha1.ConditionNotificationsDelivered: &f.Delivered,
	} {
		if v := formerly(fm, condition); v.status != "" {
			*to = proof.Finding{Status: v.status, Reason: v.reason, Message: v.message}
		}
	}
	f.Known, f.Receivers = knownOfAlertmanagers(formerly(fm, v1alpha1.ConditionAlertsEffective))
	return f
}

// knownOfAlertmanagers is what AlertsEffective says of two links: that Alertmanagers are known, and have the receivers. Only one of them can be
// why it is not True.
func knownOfAlertmanagers(v conditionValue) (known, receivers proof.Finding) {
	f := proof.Finding{Status: v.status, Reason: v.reason, Message: v.message}
	switch {
	case v.status == metav1.ConditionTrue:
		return f, f
	case v.reason == v1alpha1.ReasonNoAlertmanager:
		return f, proof.Finding{}
	case v.reason == v1alpha1.ReasonReceiverMissing, v.reason == v1alpha1.ReasonRejected:
		return proof.Finding{}, f
	}
	return proof.Finding{}, proof.Finding{}
}

// formerly is the value of a condition that followed from an answer about the same spec; zero if there is none.
func formerly(fm *v1alpha1.FluxMonitoring, condition string) conditionValue {
	c := meta.FindStatusCondition(fm.Status.Conditions, condition)
	if c == nil || c.ObservedGeneration != fm.Generation || !slices.Contains(seenReasons, c.Reason) {
		return conditionValue{}
	}
	return conditionValue{c.Status, c.Reason, c.Message}
}

// unseen is the value of a condition for which Prometheus has not been asked.
func unseen(fm *v1alpha1.FluxMonitoring, condition, by string) conditionValue {
	if !fm.Spec.Prometheus.Verify.On() {
		return conditionValue{
			metav1.ConditionUnknown, v1alpha1.ReasonSelected, "selected by " + by + "; spec.prometheus.verify.mode is Off, so it is not asked",
		}
	}
	if former := formerly(fm, condition); former.status != "" {
		return former
	}
	return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonSelected, "selected by " + by + ", which has not been asked yet"}
}

// valueOf is a finding as a condition has it.
func valueOf(f proof.Finding) conditionValue { return conditionValue{f.Status, f.Reason, f.Message} }

// seenScraped is what was seen of the targets.
func seenScraped(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	if !fm.Spec.Prometheus.Verify.On() || o.Facts.Proof == nil || o.Facts.Proof.Scraped.Status == "" {
		return unseen(fm, v1alpha1.ConditionScraped, selecting(fm))
	}
	return valueOf(o.Facts.Proof.Scraped)
}

// selecting names who selects the objects.
func selecting(fm *v1alpha1.FluxMonitoring) string {
	if address := fm.Spec.Prometheus.Verify.Address; address != "" {
		return address
	}
	names := make([]string, 0, len(fm.Status.Prometheuses))
	for _, p := range fm.Status.Prometheuses {
		names = append(names, p.Kind+" "+p.Namespace+"/"+p.Name)
	}
	return strings.Join(names, ", ")
}

// rulesHealthy reports whether Prometheus evaluates the PrometheusRule, and has its series. The condition is absent without a PrometheusRule.
func rulesHealthy(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	switch {
	case !lacks(nil, o.Desired, kinds.PrometheusRule.Kind):
		return conditionValue{}
	case notServed(o, kinds.PrometheusRule.Kind).reason != "":
		return notServed(o, kinds.PrometheusRule.Kind)
	case lacks(Applied(o), o.Desired, kinds.PrometheusRule.Kind):
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, "the PrometheusRule is not applied, see Ready"}
	case outdatedForPrometheus(o).reason != "":
		return outdatedForPrometheus(o)
	}
	return rulesEvaluated(fm, o)
}

// rulesEvaluated reports whether Prometheus evaluates the PrometheusRule that is applied.
func rulesEvaluated(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	evaluated := pipeline.EvaluationOf(fm, o.Facts, Applied(o))
	asked := fm.Spec.Prometheus.Verify.On() && o.Facts.Proof != nil && o.Facts.Proof.Rules.Status != ""
	switch {
	case len(evaluated.By) == 0 && len(evaluated.Missing) > 0:
		return conditionValue{metav1.ConditionFalse, notSelectedReason(fm.Status.Prometheuses), firstOf(evaluated.Missing, "status.prometheuses")}
	case asked:
		return valueOf(o.Facts.Proof.Rules)
	case len(evaluated.By) == 0 && fm.Spec.Prometheus.Verify.Address == "":
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNoPrometheus, pipeline.NoEvaluator(o.Facts)}
	}
	return unseen(fm, v1alpha1.ConditionRulesHealthy, selecting(fm))
}

// refuted is what was seen that keeps alerts from reaching people, or that it was not seen yet; zero if an Alertmanager was seen to be known
// and to have the receivers, or if nobody is asked.
func refuted(fm *v1alpha1.FluxMonitoring, o *Run, routed pipeline.Routing) conditionValue {
	if !fm.Spec.Prometheus.Verify.On() {
		return conditionValue{}
	}
	if o.Facts.Proof == nil {
		c := meta.FindStatusCondition(fm.Status.Conditions, v1alpha1.ConditionAlertsEffective)
		if c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == fm.Generation {
			return conditionValue{}
		}
		return unseen(fm, v1alpha1.ConditionAlertsEffective, selecting(fm))
	}
	if f := notTrue(o.Facts.Proof.Known, o.Facts.Proof.Receivers); f.Status != "" {
		return valueOf(f)
	}
	if len(routed.By) > 0 && pipeline.Notifies(fm) && o.Facts.Proof.Receivers.Status == "" { // they are asked from now on
		return unseen(fm, v1alpha1.ConditionAlertsEffective, selecting(fm))
	}
	return conditionValue{}
}

// notTrue is the first False finding, else the first Unknown one; zero if there is none.
func notTrue(all ...proof.Finding) proof.Finding {
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
		for _, f := range all {
			if f.Status == status {
				return f
			}
		}
	}
	return proof.Finding{}
}

// notificationsDelivered reports whether the receivers are notified. The condition is absent while there is nothing to judge it by.
func notificationsDelivered(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	switch {
	case !fm.Spec.Prometheus.Verify.On() || !pipeline.Notifies(fm):
		return conditionValue{}
	case o.Facts.Proof == nil:
		return formerly(fm, v1alpha1.ConditionNotificationsDelivered)
	}
	return valueOf(o.Facts.Proof.Delivered)
}

// proven sums up the other conditions of evidence. The condition is absent if there is nothing that Prometheus has to show.
func proven(fm *v1alpha1.FluxMonitoring) conditionValue {
	if meta.FindStatusCondition(fm.Status.Conditions, v1alpha1.ConditionScraped) == nil &&
		meta.FindStatusCondition(fm.Status.Conditions, v1alpha1.ConditionRulesHealthy) == nil {
		return conditionValue{}
	}
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
		for _, condition := range evidence {
			c := meta.FindStatusCondition(fm.Status.Conditions, condition)
			if condition != v1alpha1.ConditionProven && c != nil && c.Status == status {
				return conditionValue{status, linkReasons[status], fmt.Sprintf("%s is %s: %s", condition, status, c.Reason)}
			}
		}
	}
	return conditionValue{metav1.ConditionTrue, v1alpha1.ReasonAllSeen, "every link that is turned on was seen to hold"}
}

var linkReasons = map[metav1.ConditionStatus]string{
	metav1.ConditionFalse: v1alpha1.ReasonLinkBroken, metav1.ConditionUnknown: v1alpha1.ReasonLinkUnknown,
}
