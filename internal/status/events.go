package status

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

// Event is a Kubernetes event about a FluxMonitoring.
type Event struct {
	// Related is the object that was changed; nil where the event is about the FluxMonitoring alone.
	Related *corev1.ObjectReference
	// Type is Normal or Warning.
	Type string
	// Reason, Action and Note as events.k8s.io/v1 has them. A note has at most 1,024 bytes.
	Reason, Action, Note string
}

// maxNote is what the API allows in an event's note.
const maxNote = 1024

// ChangeEvents are the events of changes to a FluxMonitoring's objects, one a change. Each is related to the object changed: the API folds
// events of one object, action and reason into one, whatever their notes. Whether the status can be written does not matter: a change is
// made once.
func ChangeEvents(fm *v1alpha1.FluxMonitoring, changes []apply.Change) (events []Event) {
	for _, c := range changes {
		if c.Action == apply.Gone || c.Action == apply.Unchanged {
			continue
		}
		events = append(events, Event{
			Related: &corev1.ObjectReference{
				APIVersion: c.Kind.GroupVersion().String(), Kind: c.Kind.Kind, Namespace: fm.Namespace, Name: c.Name,
			},
			Type: corev1.EventTypeNormal, Reason: strings.ToUpper(string(c.Action[:1])) + string(c.Action[1:]), Action: "Apply",
			Note: fmt.Sprintf("%s/%s %s", c.Kind.Kind, c.Name, c.Action),
		})
	}
	return events
}

// ConditionEvents are the events of the conditions that differ between two versions of a FluxMonitoring. At rest there is none. Record them
// after the status is written: where that fails, the conditions differ again in the next run. A namespace that is being deleted takes no
// event.
func ConditionEvents(before, after *v1alpha1.FluxMonitoring) (events []Event) {
	for _, condition := range append([]string{fluxmeta.ReadyCondition}, evidence...) {
		is := meta.FindStatusCondition(after.Status.Conditions, condition)
		if is == nil || is.Status == metav1.ConditionUnknown || is.Reason == v1alpha1.ReasonNamespaceTerminating ||
			same(meta.FindStatusCondition(before.Status.Conditions, condition), is) {
			continue
		}
		kind := corev1.EventTypeNormal
		if is.Status != metav1.ConditionTrue && is.Reason != v1alpha1.ReasonSuspended {
			kind = corev1.EventTypeWarning
		}
		events = append(events, Event{Type: kind, Reason: is.Reason, Action: condition, Note: cut(is.Message, maxNote)})
	}
	return events
}

// same reports whether a condition says what it said before.
func same(was, is *metav1.Condition) bool {
	return was != nil && was.Status == is.Status && was.Reason == is.Reason && was.Message == is.Message
}

// cut is a text of at most so many bytes, which is what the API accepts.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "..."
}
