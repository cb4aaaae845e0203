package pipeline

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ListIn is a list in plain data; empty if there is none. It is not a copy.
func ListIn(in map[string]any, path ...string) []any {
	found, _, _ := unstructured.NestedFieldNoCopy(in, path...)
	list, _ := found.([]any)
	return list
}

// FirstOfKind is the first object of a kind; nil if there is none.
func FirstOfKind(objects []*unstructured.Unstructured, kind string) *unstructured.Unstructured {
	for _, o := range objects {
		if o.GetKind() == kind {
			return o
		}
	}
	return nil
}

// Listed joins names: one, two and three.
func Listed(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
