package status

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// unapplied finds that the PrometheusRule or the AlertmanagerConfig is not in the cluster as desired.
func unapplied(o *Run, present []*unstructured.Unstructured) conditionValue {
	if f := notServed(o, kinds.PrometheusRule.Kind, kinds.AlertmanagerConfig.Kind); f.reason != "" {
		return f
	}
	if lacks(present, o.Desired, kinds.PrometheusRule.Kind) || lacks(present, o.Desired, kinds.AlertmanagerConfig.Kind) {
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, "the PrometheusRule or the AlertmanagerConfig is not applied, see Ready"}
	}
	return outdated(o)
}

// notServed finds desired objects of these kinds that the cluster does not serve.
func notServed(o *Run, kinds ...string) conditionValue {
	var missing []string
	for _, kind := range kinds {
		if pipeline.FirstOfKind(o.MissingAPIs, kind) != nil {
			missing = append(missing, kind)
		}
	}
	if len(missing) == 0 {
		return conditionValue{}
	}
	if o.Installer != "" {
		f := stackInstalling(o)
		f.status = metav1.ConditionUnknown
		return f
	}
	return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonAPIMissing,
		fmt.Sprintf("the cluster does not serve %s, see Ready", pipeline.Listed(missing))}
}

// notServedForPrometheus finds that nothing can be scraped, because the cluster does not serve PodMonitor, or that it serves nothing of what
// a Prometheus should select. Without the PrometheusRule alone, Prometheus scrapes all the same.
func notServedForPrometheus(o *Run) conditionValue {
	if f := notServed(o, kinds.PodMonitor.Kind); f.reason != "" || countForPrometheus(Applied(o)) > 0 {
		return f
	}
	return notServed(o, kinds.PrometheusRule.Kind)
}

// outdated finds that the cluster has an older PrometheusRule or AlertmanagerConfig, because an update of it failed. While the operator
// retries, or another manager changes it, the effect is not known.
func outdated(o *Run) conditionValue {
	var f conditionValue
	for _, failure := range failuresOf(o, kinds.PrometheusRule.Kind, kinds.AlertmanagerConfig.Kind) {
		switch f = stale(failure); failure.Cause {
		case apply.Temporary, apply.Contested:
			f.status = metav1.ConditionUnknown
		default:
			f.status = metav1.ConditionFalse
			return f
		}
	}
	return f
}

// outdatedForPrometheus finds that the cluster has an older PodMonitor or PrometheusRule, so it is not known whether Prometheus selects it.
// Only Ready reports a failure that the operator retries.
func outdatedForPrometheus(o *Run) conditionValue {
	for _, failure := range failuresOf(o, kinds.PodMonitor.Kind, kinds.PrometheusRule.Kind) {
		if failure.Cause == apply.Temporary {
			continue
		}
		f := stale(failure)
		f.status = metav1.ConditionUnknown
		if f.reason == v1alpha1.ReasonApplyFailed {
			f.reason = failed([]*apply.Failure{failure}).reason
		}
		return f
	}
	return conditionValue{}
}

// failuresOf are the failures to write desired objects of these kinds.
func failuresOf(o *Run, kinds ...string) []*apply.Failure {
	return slices.DeleteFunc(slices.Clone(o.Failures), func(f *apply.Failure) bool {
		return f.Change.Desired == nil || !slices.Contains(kinds, f.Change.Desired.GetKind())
	})
}

// stale says that an object is not up to date.
func stale(f *apply.Failure) conditionValue {
	reason, format := v1alpha1.ReasonApplyFailed, "%s %s is not up to date, because its update failed, see Ready"
	if f.Cause == apply.Contested {
		reason, format = v1alpha1.ReasonContested, "%s %s is changed again and again by another manager, see Ready"
	}
	return conditionValue{reason: reason, message: fmt.Sprintf(format, f.Change.Kind.Kind, f.Change.Name)}
}

// withoutKeepFiring says what alerts lack because the CRD of PrometheusRule lacks a field. They still fire.
func withoutKeepFiring(o *Run) string {
	for _, l := range o.Omitted {
		if l.Kind == kinds.PrometheusRule && slices.Contains(l.Fields, "spec.groups.rules.keep_firing_for") {
			return "; each ends as soon as its expression no longer holds, because the CRD of PrometheusRule has no keep_firing_for: update it"
		}
	}
	return ""
}
