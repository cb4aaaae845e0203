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

// Receiver reads a receiver that a user has written as JSON, by the types of v1beta1. The error says which field does not exist, is of
// another type, or names no Secret, with its path within the receiver, and of a field that the other version has, which that is. What a
// kind of receiver needs is for the schema of the AlertmanagerConfig, and for prometheus-operator, whose own validation would cost 6 MiB
// of memory.
func Receiver(content []byte) (monitoringv1beta1.Receiver, error) {
	return read[monitoringv1beta1.Receiver, monitoringv1alpha1.Receiver](content, monitoringv1beta1.Version, monitoringv1alpha1.Version)
}

// OlderReceiver is Receiver by the types of v1alpha1.
func OlderReceiver(content []byte) (monitoringv1alpha1.Receiver, error) {
	return read[monitoringv1alpha1.Receiver, monitoringv1beta1.Receiver](content, monitoringv1alpha1.Version, monitoringv1beta1.Version)
}

// read reads a receiver by the types of the version in use, and knows the other.
func read[R, Other any](content []byte, used, other string) (R, error) {
	var r R
	strict, err := json.UnmarshalStrict(content, &r)
	if len(strict) > 0 {
		var o Other
		elsewhere, _ := json.UnmarshalStrict(content, &o)
		strict = hinted(strict, elsewhere, used, other)
	}
	if err := errors.Join(append(strict, err)...); err != nil {
		return r, errors.New(strings.ReplaceAll(err.Error(), "\n", ", "))
	}
	if path := unnamedSecret(reflect.ValueOf(r), "", false); path != "" {
		return r, fmt.Errorf("%s must name a Secret and a key in it, such as {name: oncall, key: token}", path)
	}
	return r, nil
}

// hinted are faults of the version in use, with the other version named in those that it does not have.
func hinted(faults, elsewhere []error, used, other string) []error {
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

// unnamedSecret is the path to the first reference to a Secret that lacks its name or its key; empty where there is none. The
// types of references demand both, but only the API server looks. given tells a reference that is written from one that is
// left out: both are the same in a field that is no pointer.
func unnamedSecret(value reflect.Value, path string, given bool) string {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return ""
		}
		return unnamedSecret(value.Elem(), path, true)
	case reflect.Slice:
		for i := range value.Len() {
			if found := unnamedSecret(value.Index(i), fmt.Sprintf("%s[%d]", path, i), false); found != "" {
				return found
			}
		}
	case reflect.Struct:
		return unnamedSecretIn(value, path, given)
	default: // nothing is within
	}
	return ""
}

func unnamedSecretIn(value reflect.Value, path string, given bool) string {
	var name, key string
	switch reference := value.Interface().(type) {
	case monitoringv1beta1.SecretKeySelector:
		name, key = reference.Name, reference.Key
	case corev1.SecretKeySelector:
		name, key = reference.Name, reference.Key
	default:
		for i := range value.NumField() {
			if found := unnamedSecret(value.Field(i), joined(path, value.Type().Field(i)), false); found != "" {
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

// joined is a path and a field as JSON names it. What is inlined has no name of its own.
func joined(path string, field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	switch {
	case name == "":
		return path
	case path == "":
		return name
	}
	return path + "." + name
}
