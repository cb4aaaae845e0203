package controllers

import (
	"fmt"
	"strings"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
)

// maxNote is what the API allows in an event's note.
const maxNote = 1024

// announceChanges records an event of each change. It is related to the object changed: the API folds events of one object, action and
// reason into one, whatever their notes. Whether the status can be written does not matter: a change is made once.
func (r *FluxMonitoringReconciler) announceChanges(fm *v1alpha1.FluxMonitoring, changes []apply.Change) {
	for _, c := range changes {
		if c.Action == apply.Gone || c.Action == apply.Unchanged {
			continue
		}
		related := &corev1.ObjectReference{
			APIVersion: c.Kind.GroupVersion().String(), Kind: c.Kind.Kind, Namespace: fm.Namespace, Name: c.Name,
		}
		reason := strings.ToUpper(string(c.Action[:1])) + string(c.Action[1:])
		r.event(fm, related, corev1.EventTypeNormal, reason, "Apply", fmt.Sprintf("%s/%s %s", c.Kind.Kind, c.Name, c.Action))
	}
}

// announceConditions records an event of each condition that turned. At rest there is none. It comes after the status is written: where
// that fails, the conditions turn again in the next run. A namespace that is being deleted takes no event.
func (r *FluxMonitoringReconciler) announceConditions(before, after *v1alpha1.FluxMonitoring) {
	for _, condition := range append([]string{fluxmeta.ReadyCondition}, evidence...) {
		is := meta.FindStatusCondition(after.Status.Conditions, condition)
		if is == nil || is.Status == metav1.ConditionUnknown || is.Reason == v1alpha1.ReasonNamespaceTerminating ||
			same(meta.FindStatusCondition(before.Status.Conditions, condition), is) {
			continue
		}
		kind := corev1.EventTypeNormal
		if is.Status != metav1.ConditionTrue && is.Reason != v1alpha1.ReasonSuspended && is.Reason != v1alpha1.ReasonDisabled {
			kind = corev1.EventTypeWarning
		}
		r.event(after, nil, kind, is.Reason, condition, is.Message)
	}
}

// same reports whether a condition says what it said before.
func same(was, is *metav1.Condition) bool {
	return was != nil && was.Status == is.Status && was.Reason == is.Reason && was.Message == is.Message
}

func (r *FluxMonitoringReconciler) event(
	fm *v1alpha1.FluxMonitoring, related runtime.Object, kind, reason, action, note string,
) {
	if len(note) > maxNote {
		note = strings.ToValidUTF8(note[:maxNote-3], "") + "..."
	}
	r.Events.Eventf(fm, related, kind, reason, action, "%s", note)
}
