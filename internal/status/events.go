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
	// Related is the object that was changed; nil if the event is about the FluxMonitoring only.
	Related *corev1.ObjectReference
	// Type is Normal or Warning.
	Type string
	// Reason, Action and Note as events.k8s.io/v1 has them. A note has at most 1,024 bytes.
	Reason, Action, Note string
}

// maxNote is what the API allows in an event's note.
const maxNote = 1024

// ChangeEvents are the events of changes to a FluxMonitoring's objects, one for each change. Each is related to the object, because the API
// folds events of one object, action and reason into one, whatever their notes are. Record them even if the status cannot be written: a
// change is made once.
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
			Note: fmt.Sprintf("%s/%s %s", c.Kind.Kind, c.Name, c.Action) + cause(&c),
		})
	}
	return events
}

// cause says what a restore undoes, and who did it.
func cause(c *apply.Change) string {
	if c.Action != apply.Restored || c.Live == nil {
		return "" // and managedFields need not be decoded
	}
	if by := c.ChangedBy(); by != "" {
		return " after a change by " + by
	}
	return ", because another client removed a field"
}

// ConditionEvents are the events of the conditions that differ between two versions of a FluxMonitoring; none at rest. Record them after
// the status is written: if that fails, the conditions differ again in the next run. The API server accepts no event in a namespace that is
// being deleted.
func ConditionEvents(before, after *v1alpha1.FluxMonitoring) (events []Event) {
	for _, condition := range append([]string{fluxmeta.ReadyCondition}, evidence...) {
		is := meta.FindStatusCondition(after.Status.Conditions, condition)
		if is == nil || is.Status == metav1.ConditionUnknown || is.Reason == v1alpha1.ReasonNamespaceTerminating ||
			same(meta.FindStatusCondition(before.Status.Conditions, condition), is) {
			continue
		}
		kind := corev1.EventTypeNormal
		if is.Reason == v1alpha1.ReasonUnknownName || is.Status != metav1.ConditionTrue && is.Reason != v1alpha1.ReasonSuspended {
			kind = corev1.EventTypeWarning
		}
		events = append(events, Event{Type: kind, Reason: is.Reason, Action: condition, Note: truncate(is.Message, maxNote)})
	}
	return events
}

// same reports whether a condition reports what it did before.
func same(was, is *metav1.Condition) bool {
	return was != nil && was.Status == is.Status && was.Reason == is.Reason && was.Message == is.Message
}

// truncate shortens a text to the number of bytes that the API accepts.
func truncate(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "..."
}
