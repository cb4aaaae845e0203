package alertmanager

import (
	"fmt"
	"reflect"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
)

// fill sets every field within a value to something of its own, and every list to one item of it.
func fill(t *testing.T, value reflect.Value, next *int) {
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
		t.Fatalf("nothing is known of %s", value.Type())
	}
}

// back are receivers of v1alpha1 in v1beta1, by prometheus-operator's own conversion. That of v0.94.1 does not name a pushoverConfig's
// ttl in this direction either.
func back(g Gomega, older monitoringv1alpha1.AlertmanagerConfigSpec) []monitoringv1beta1.Receiver {
	var newer monitoringv1beta1.AlertmanagerConfig
	g.Expect(newer.ConvertFrom(&monitoringv1alpha1.AlertmanagerConfig{Spec: older})).To(Succeed())
	for i, r := range older.Receivers {
		for j, pushover := range r.PushoverConfigs {
			newer.Spec.Receivers[i].PushoverConfigs[j].TTL = pushover.TTL
		}
	}
	return newer.Spec.Receivers
}

func TestNoFieldOfAnyReceiverIsLostInTheOlderVersion(t *testing.T) {
	g := NewWithT(t)
	var receiver monitoringv1beta1.Receiver
	next := 0
	fill(t, reflect.ValueOf(&receiver).Elem(), &next)
	older, err := Older(monitoringv1beta1.AlertmanagerConfigSpec{Receivers: []monitoringv1beta1.Receiver{receiver}})
	g.Expect(err).NotTo(HaveOccurred())
	returned := back(g, older)
	g.Expect(returned).To(HaveLen(1))
	g.Expect(inYAML(g, returned[0])).To(Equal(inYAML(g, receiver)))
	g.Expect(returned[0]).To(Equal(receiver), "nor what JSON leaves out")
}

func TestWhatAReceiverDoesNotSayIsNotInTheOlderVersionEither(t *testing.T) {
	g := NewWithT(t)
	receiver := monitoringv1beta1.Receiver{
		Name: "oncall", EmailConfigs: []monitoringv1beta1.EmailConfig{{}}, PushoverConfigs: []monitoringv1beta1.PushoverConfig{{}},
	}
	older, err := Older(monitoringv1beta1.AlertmanagerConfigSpec{Receivers: []monitoringv1beta1.Receiver{receiver}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(inYAML(g, older.Receivers)).To(Equal("- emailConfigs:\n  - {}\n  name: oncall\n  pushoverConfigs:\n  - {}\n"))
	g.Expect(receiver.EmailConfigs[0].Threading).To(BeNil(), "what was given is not changed")
}
