package alertmanager

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/json"
)

// Receiver parses a user's receiver, in JSON, by the types of v1beta1. The error names the field that does not exist, has another type, or
// references no Secret, by its path in the receiver; and the other version if the field exists there. It does not check which fields a kind
// of receiver requires: that is for the schema of the AlertmanagerConfig and for prometheus-operator, whose own validation would cost 6 MiB
// of memory.
func Receiver(content []byte) (monitoringv1beta1.Receiver, error) {
	return read[monitoringv1beta1.Receiver, monitoringv1alpha1.Receiver](content, monitoringv1beta1.Version, monitoringv1alpha1.Version)
}

// OlderReceiver is Receiver by the types of v1alpha1.
func OlderReceiver(content []byte) (monitoringv1alpha1.Receiver, error) {
	return read[monitoringv1alpha1.Receiver, monitoringv1beta1.Receiver](content, monitoringv1alpha1.Version, monitoringv1beta1.Version)
}

// read parses a receiver by the types of the version in use, and knows the other version.
func read[R, Other any](content []byte, used, other string) (R, error) {
	var r R
	strict, err := json.UnmarshalStrict(content, &r)
	if len(strict) > 0 {
		var o Other
		elsewhere, _ := json.UnmarshalStrict(content, &o)
		strict = withHints(strict, elsewhere, used, other)
	}
	if err := errors.Join(append(strict, err)...); err != nil {
		return r, errors.New(strings.ReplaceAll(err.Error(), "\n", ", "))
	}
	if path := incompleteSecretRef(reflect.ValueOf(r), "", false); path != "" {
		return r, fmt.Errorf("%s must name a Secret and a key in it, such as {name: oncall, key: token}", path)
	}
	return r, nil
}

// withHints adds the other version to the faults about fields that only the other version has.
func withHints(faults, elsewhere []error, used, other string) []error {
	result := make([]error, 0, len(faults))
	for _, f := range faults {
		same := func(e error) bool { return e.Error() == f.Error() }
		if !slices.ContainsFunc(elsewhere, same) {
			f = fmt.Errorf("%w (AlertmanagerConfig %s has it, %s, which is used here, has not)", f, other, used)
		}
		result = append(result, f)
	}
	return result
}

// incompleteSecretRef is the path to the first reference to a Secret without a name or a key; empty if there is none. The types require
// both, but only the API server checks it. given is true for a reference that is written: in a field that is no pointer, an omitted one is
// the same value.
func incompleteSecretRef(value reflect.Value, path string, given bool) string {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return ""
		}
		return incompleteSecretRef(value.Elem(), path, true)
	case reflect.Slice:
		for i := range value.Len() {
			if found := incompleteSecretRef(value.Index(i), fmt.Sprintf("%s[%d]", path, i), false); found != "" {
				return found
			}
		}
	case reflect.Struct:
		return incompleteSecretRefIn(value, path, given)
	default: // nothing is within
	}
	return ""
}

func incompleteSecretRefIn(value reflect.Value, path string, given bool) string {
	var name, key string
	switch reference := value.Interface().(type) {
	case monitoringv1beta1.SecretKeySelector:
		name, key = reference.Name, reference.Key
	case corev1.SecretKeySelector:
		name, key = reference.Name, reference.Key
	default:
		for i := range value.NumField() {
			if found := incompleteSecretRef(value.Field(i), joinPath(path, value.Type().Field(i)), false); found != "" {
				return found
			}
		}
		return ""
	}
	if (name == "") != (key == "") || given && name == "" {
		return path
	}
	return ""
}

// joinPath is a path and the JSON name of a field. An inlined field has no name.
func joinPath(path string, field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	switch {
	case name == "":
		return path
	case path == "":
		return name
	}
	return path + "." + name
}
