package alertmanager

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
)

// fill sets every field within a value to something of its own, and every list to one item of it.
func fill(t testing.TB, value reflect.Value, next *int) {
	t.Helper()
	*next++
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fill(t, value.Elem(), next)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(t, value.Index(0), next)
	case reflect.Map:
		key, item := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
		fill(t, key, next)
		fill(t, item, next)
		value.Set(reflect.MakeMap(value.Type()))
		value.SetMapIndex(key, item)
	case reflect.Struct:
		for i := range value.NumField() {
			fill(t, value.Field(i), next)
		}
	case reflect.String:
		value.SetString(fmt.Sprint("text-", *next))
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		value.SetInt(int64(*next))
	case reflect.Uint8:
		value.SetUint(uint64(*next % 256))
	default:
		t.Fatalf("cannot fill a %s", value.Type())
	}
}

// filled is a receiver with every field set is as JSON.
func filled[R any](t testing.TB) []byte {
	t.Helper()
	var receiver R
	next := 0
	fill(t, reflect.ValueOf(&receiver).Elem(), &next)
	content, err := json.Marshal(receiver)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return content
}

// refused are the fields in a message, each with the rest of its sentence.
func refused(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), ", unknown")
}

func TestEveryFieldOfTheVersionInUseIsAccepted(t *testing.T) {
	g := NewWithT(t)
	content := filled[monitoringv1alpha1.Receiver](t)
	older, err := OlderReceiver(content)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(json.Marshal(older)).To(MatchJSON(content))

	content = filled[monitoringv1beta1.Receiver](t)
	newer, err := Receiver(content)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(json.Marshal(newer)).To(MatchJSON(content))
	older, err = OlderReceiver(content)
	g.Expect(err).NotTo(HaveOccurred(), "v1alpha1 has all that v1beta1 has, under the same names")
	g.Expect(json.Marshal(older)).To(MatchJSON(content))
}

func TestAFieldOfTheOtherVersionIsRefusedWithThatVersion(t *testing.T) {
	g := NewWithT(t)
	_, err := Receiver(filled[monitoringv1alpha1.Receiver](t))
	fields := refused(err)
	g.Expect(len(fields)).To(BeNumerically(">", 20))
	for _, f := range fields {
		g.Expect(f).To(MatchRegexp(`field "[a-zA-Z0-9.\[\]]+\.(updateAlerts|optional)" ` +
			`\(AlertmanagerConfig v1alpha1 has it, v1beta1, which is used here, has not\)$`))
	}
}

func TestReceiversOfTheOlderVersionComeFirst(t *testing.T) {
	g := NewWithT(t)
	given := make([]monitoringv1alpha1.Receiver, 1, 2)
	given[0].Name = "oncall"
	older, err := Older(monitoringv1beta1.AlertmanagerConfigSpec{Receivers: []monitoringv1beta1.Receiver{{Name: Nobody}}}, given)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(older.Receivers).To(HaveLen(2))
	g.Expect(older.Receivers[0].Name).To(Equal("oncall"))
	g.Expect(older.Receivers[1].Name).To(Equal(Nobody))
	g.Expect(given[:2][1].Name).To(BeEmpty(), "what was given is not changed")
}
