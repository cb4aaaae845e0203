package v1alpha1_test

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestAReceiverIsKeptAsItWasWritten(t *testing.T) {
	g := NewWithT(t)
	o := create(t, "receivers", "spec: {notifications: {receivers: [{name: a, slackConfigs: [{channel: '#a', apiURL: {name: b, key: c}}], other: [1, 2.5, null]}]}}")
	fm := &v1alpha1.FluxMonitoring{}
	must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, fm))
	receiver := fm.Spec.Notifications.Receivers[0]
	g.Expect(receiver.Name).To(Equal(v1alpha1.ReceiverName("a")))
	const content = `{"name":"a","other":[1,2.5,null],"slackConfigs":[{"apiURL":{"key":"c","name":"b"},"channel":"#a"}]}`
	g.Expect(receiver.Content).To(MatchJSON(content))

	copied := fm.DeepCopy()
	copied.Spec.Notifications.Receivers[0].Content[0] = '!'
	again, err := json.Marshal(receiver)
	must(t, err)
	g.Expect(again).To(MatchJSON(content), "a copy is one of its own")
	back, err := runtime.DefaultUnstructuredConverter.ToUnstructured(fm)
	must(t, err)
	g.Expect(back["spec"].(map[string]any)["notifications"]).To(Equal(o.Object["spec"].(map[string]any)["notifications"]))
}

func TestAReceiverMadeInCodeIsItsName(t *testing.T) {
	g := NewWithT(t)
	content, err := json.Marshal(v1alpha1.Receiver{Name: "a"})
	must(t, err)
	g.Expect(content).To(MatchJSON(`{"name":"a"}`))
	g.Expect(json.Unmarshal([]byte(`{"name":1}`), &v1alpha1.Receiver{})).To(MatchError(HavePrefix("reading the name of a receiver: ")))
}
