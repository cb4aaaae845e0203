package apply

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// InSync reports whether the live object is as desired: its digest matches, and the operator owns every desired
// field. It needs neither a schema nor the object's content.
func InSync(desired *unstructured.Unstructured, live *metav1.PartialObjectMetadata) bool {
	return sameDigest(desired, live) && live.Labels[mark.OwnerLabel] == desired.GetLabels()[mark.OwnerLabel] && covered(desired, live)
}

func sameDigest(desired *unstructured.Unstructured, live *metav1.PartialObjectMetadata) bool {
	return live.Annotations[mark.DigestAnnotation] == desired.GetAnnotations()[mark.DigestAnnotation]
}

// covered reports whether the operator owns all desired fields of the live object.
func covered(desired *unstructured.Unstructured, live *metav1.PartialObjectMetadata) bool {
	owned := ownedFields(live)
	if owned == nil {
		return false
	}
	for key, value := range desired.Object {
		switch key {
		case "apiVersion", "kind":
		case "metadata":
			if !coveredMetadata(value, owned) {
				return false
			}
		default:
			if !coveredField(key, value, owned) {
				return false
			}
		}
	}
	return true
}

// ownsDigest reports whether the operator wrote the live digest, whatever its value.
func ownsDigest(live *metav1.PartialObjectMetadata) bool {
	digest := map[string]any{"annotations": map[string]any{mark.DigestAnnotation: ""}}
	return coveredMetadata(digest, ownedFields(live))
}

// ownedFields is the set of live fields that the operator owns; nil if there is none.
func ownedFields(live *metav1.PartialObjectMetadata) map[string]any {
	entry := appliedEntry(live.ManagedFields)
	if entry == nil {
		return nil
	}
	return fieldsOf(entry)
}

// coveredMetadata skips name and namespace, which no manager owns.
func coveredMetadata(value any, owned map[string]any) bool {
	metadata, _ := value.(map[string]any)
	fields, _ := owned["f:metadata"].(map[string]any)
	for key, v := range metadata {
		if key != "name" && key != "namespace" && !coveredField(key, v, fields) {
			return false
		}
	}
	return true
}

func coveredField(key string, value any, owned map[string]any) bool {
	fields, ok := owned["f:"+key].(map[string]any)
	return ok && coveredValue(value, fields)
}

// coveredValue walks a value along the set of owned fields. A set without members owns the whole value: a scalar, or
// an atomic list or map.
func coveredValue(value any, owned map[string]any) bool {
	if len(owned) == 0 {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			if !coveredField(key, member, owned) {
				return false
			}
		}
	case []any:
		for _, item := range v {
			if !coveredItem(item, owned) {
				return false
			}
		}
	}
	return true
}

// coveredItem finds a list item among the owned ones: by value ("v:") in a set, by keys ("k:") in a map.
func coveredItem(item any, owned map[string]any) bool {
	for path, fields := range owned {
		if encoded, ok := strings.CutPrefix(path, "v:"); ok && sameJSON(item, encoded) {
			return true
		}
		members, _ := fields.(map[string]any)
		if encoded, ok := strings.CutPrefix(path, "k:"); ok && hasKeys(item, encoded) && coveredValue(item, members) {
			return true
		}
	}
	return false
}

func sameJSON(value any, encoded string) bool {
	content, err := json.Marshal(value)
	return err == nil && string(content) == encoded
}

// hasKeys reports whether a list item has these keys. A key that the item omits has a default in the schema, which is
// not known here.
func hasKeys(item any, encoded string) bool {
	members, ok := item.(map[string]any)
	var keys map[string]json.RawMessage
	if !ok || json.Unmarshal([]byte(encoded), &keys) != nil {
		return false
	}
	for key, want := range keys {
		if value, ok := members[key]; ok && !sameJSON(value, string(want)) {
			return false
		}
	}
	return true
}
