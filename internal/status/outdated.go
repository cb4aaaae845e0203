package status

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// unapplied finds that the alerts, or their receivers, are not in the cluster as they are wanted.
func unapplied(o *Run, there []*unstructured.Unstructured) finding {
	if lacks(there, o.Desired, kinds.PrometheusRule.Kind) || lacks(there, o.Desired, kinds.AlertmanagerConfig.Kind) {
		return finding{metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, "the PrometheusRule or the AlertmanagerConfig is not applied, see Ready"}
	}
	return outdated(o)
}

// outdated finds that the cluster has other alerts or receivers than those wanted, because an update of them failed. While it is only
// being tried again, or somebody else changes them, it is not known what they come to.
func outdated(o *Run) finding {
	var f finding
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

// misplaced finds that the cluster has other PodMonitors or rules than those wanted, so that it is not known whether Prometheus selects them.
// Only Ready reports a fault that passes.
func misplaced(o *Run) finding {
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
	return finding{}
}

// failuresOf are the failures to write wanted objects of these kinds.
func failuresOf(o *Run, kinds ...string) []*apply.Failure {
	return slices.DeleteFunc(slices.Clone(o.Failures), func(f *apply.Failure) bool {
		return f.Change.Wanted == nil || !slices.Contains(kinds, f.Change.Wanted.GetKind())
	})
}

// stale says that an object is not as wanted.
func stale(f *apply.Failure) finding {
	named := f.Change.Kind.Kind + " " + f.Change.Name
	if f.Cause == apply.Contested {
		return finding{reason: v1alpha1.ReasonContested, message: named + " is changed again and again by another manager, see Ready"}
	}
	return finding{reason: v1alpha1.ReasonApplyFailed, message: named + " is not up to date, because its update failed, see Ready"}
}

// withoutKeepFiring says what alerts lack because the PrometheusRule's CRD lacks fields. They fire all the same.
func withoutKeepFiring(o *Run) string {
	for _, l := range o.LeftOut {
		if l.Kind == kinds.PrometheusRule && slices.Contains(l.Fields, "spec.groups.rules.keep_firing_for") {
			return "; each ends as soon as its expression no longer holds, because the CRD of PrometheusRule has no keep_firing_for: update it"
		}
	}
	return ""
}
