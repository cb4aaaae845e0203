package controllers

import (
	"fmt"
	"strings"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
)

// maxNote is what the API allows in an event's note.
const maxNote = 1024

// announce records events of what was changed, and of conditions that turned. At rest there is neither.
func (r *FluxMonitoringReconciler) announce(before, after *v1alpha1.FluxMonitoring, changes []apply.Change) {
	if note := told(changes); note != "" {
		r.event(after, corev1.EventTypeNormal, v1alpha1.ReasonApplied, "Apply", note)
	}
	for _, condition := range []string{fluxmeta.ReadyCondition, v1alpha1.ConditionScraped} {
		is := meta.FindStatusCondition(after.Status.Conditions, condition)
		if is == nil || same(meta.FindStatusCondition(before.Status.Conditions, condition), is) {
			continue
		}
		kind := corev1.EventTypeNormal
		if is.Status != metav1.ConditionTrue && is.Reason != v1alpha1.ReasonSuspended && is.Reason != v1alpha1.ReasonDisabled {
			kind = corev1.EventTypeWarning
		}
		r.event(after, kind, is.Reason, condition, is.Message)
	}
}

// same reports whether a condition says what it said before.
func same(was, is *metav1.Condition) bool {
	return was != nil && was.Status == is.Status && was.Reason == is.Reason && was.Message == is.Message
}

// told is a sentence on the changes, such as "PodMonitor/flux created, ConfigMap/flux-dashboard-cluster restored".
func told(changes []apply.Change) string {
	parts := make([]string, 0, len(changes))
	for _, c := range changes {
		parts = append(parts, fmt.Sprintf("%s/%s %s", c.Kind.Kind, c.Name, c.Action))
	}
	return strings.Join(parts, ", ")
}

func (r *FluxMonitoringReconciler) event(fm *v1alpha1.FluxMonitoring, kind, reason, action, note string) {
	if len(note) > maxNote {
		note = strings.ToValidUTF8(note[:maxNote-3], "") + "..."
	}
	r.Events.Eventf(fm, nil, kind, reason, action, "%s", note)
}
