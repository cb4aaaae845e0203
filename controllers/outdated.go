package controllers

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// unapplied finds that the alerts, or their receivers, are not in the cluster as they are wanted.
func unapplied(o *outcome, there []*unstructured.Unstructured) finding {
	if lacks(there, o.wanted, observe.PrometheusRuleKind.Kind) || lacks(there, o.wanted, observe.AlertmanagerConfigKind.Kind) {
		return finding{metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, "the alerts, or who is told of them, are not applied, see Ready"}
	}
	return outdated(o)
}

// outdated finds that the cluster has other alerts or receivers than those wanted, because an update of them failed. While it is only
// being tried again, it is not known what they come to.
func outdated(o *outcome) finding {
	var f finding
	for _, failure := range o.failures {
		w := failure.Change.Wanted
		if w == nil || w.GetKind() != observe.PrometheusRuleKind.Kind && w.GetKind() != observe.AlertmanagerConfigKind.Kind {
			continue
		}
		f.reason = v1alpha1.ReasonApplyFailed
		f.message = fmt.Sprintf("%s %s is not as wanted, because its update failed, see Ready", w.GetKind(), w.GetName())
		if failure.Cause != apply.Temporary {
			f.status = metav1.ConditionFalse
			return f
		}
		f.status = metav1.ConditionUnknown
	}
	return f
}

// shortened says what alerts lack because the PrometheusRule's CRD lacks fields. They fire all the same.
func shortened(o *outcome) string {
	for _, l := range o.leftOut {
		if l.Kind == observe.PrometheusRuleKind && slices.Contains(l.Fields, "spec.groups.rules.keep_firing_for") {
			return "; each ends as soon as its expression no longer holds, because the CRD of PrometheusRule has no keep_firing_for: update it"
		}
	}
	return ""
}
