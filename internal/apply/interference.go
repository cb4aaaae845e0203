package apply

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// ChangedBy is who made the change that a restore undoes: the manager that took desired fields most recently. It is empty if no manager has
// them, because a client that only removes fields leaves no trace.
func (c *Change) ChangedBy() string {
	if c.Desired == nil || c.Live == nil {
		return ""
	}
	owned := ownedFields(c.Live)
	var latest *metav1.ManagedFieldsEntry
	for i := range c.Live.ManagedFields {
		e := &c.Live.ManagedFields[i]
		if isOther(e) && takes(c.Desired.Object, fieldsOf(e), owned) && (latest == nil || unix(e.Time) >= unix(latest.Time)) {
			latest = e
		}
	}
	if latest == nil {
		return ""
	}
	return latest.Manager
}

// laterEntries are the managedFields entries of other managers that are not older than the operator's.
func laterEntries(entries []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	own := appliedEntry(entries)
	var later []metav1.ManagedFieldsEntry
	for i := range entries {
		if isOther(&entries[i]) && (own == nil || unix(entries[i].Time) >= unix(own.Time)) {
			later = append(later, entries[i])
		}
	}
	return later
}

// isOther reports whether an entry is of another manager, of the object itself.
func isOther(e *metav1.ManagedFieldsEntry) bool {
	return e.Manager != mark.FieldManager && e.Subresource == ""
}

// fieldsOf is the set of fields of an entry; nil if it is not known.
func fieldsOf(e *metav1.ManagedFieldsEntry) map[string]any {
	if e.FieldsV1 == nil {
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal(e.FieldsV1.GetRawBytes(), &fields); err != nil {
		return nil
	}
	return fields
}

// takes reports whether a set of fields has a field of a desired value that the operator does not own. A set without members has the
// whole value.
func takes(desired any, fields, owned map[string]any) bool {
	for path, members := range fields {
		member, is := memberAt(desired, path)
		theirs, _ := members.(map[string]any)
		ours, shared := owned[path].(map[string]any)
		switch {
		case !is, shared && len(ours) == 0:
		case len(theirs) == 0 && !shared, takes(member, theirs, ours):
			return true
		}
	}
	return false
}

// memberAt is the part of a value that a path of managedFields names.
func memberAt(value any, path string) (any, bool) {
	if key, ok := strings.CutPrefix(path, "f:"); ok {
		members, _ := value.(map[string]any)
		member, is := members[key]
		return member, is
	}
	items, _ := value.([]any)
	for _, item := range items {
		if encoded, ok := strings.CutPrefix(path, "v:"); ok && sameJSON(item, encoded) {
			return item, true
		}
		if encoded, ok := strings.CutPrefix(path, "k:"); ok && hasKeys(item, encoded) {
			return item, true
		}
	}
	return nil, false
}
