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
	"sigs.k8s.io/yaml"
)

// written is a receiver as a user writes it, as JSON.
func written(g Gomega, content string) []byte {
	converted, err := yaml.YAMLToJSON([]byte(content))
	g.Expect(err).NotTo(HaveOccurred())
	return converted
}

func TestAReceiverIsReadWithItsSecretsByName(t *testing.T) {
	g := NewWithT(t)
	const content = `name: oncall
pagerdutyConfigs:
- routingKey:
    key: routingKey
    name: pagerduty
webhookConfigs:
- httpConfig:
    authorization:
      credentials:
        key: token
        name: webhook
      type: Bearer
  urlSecret:
    key: url
    name: webhook
`
	r, err := Receiver(written(g, content))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(inYAML(g, r)).To(Equal(content))
	g.Expect(Receiver(written(g, "name: nobody-yet"))).To(HaveField("Name", "nobody-yet"), "without configurations")
}

func TestAnUnreadableReceiverIsRefusedWithItsFault(t *testing.T) {
	const secret = " must name a Secret and a key in it, such as {name: oncall, key: token}"
	for name, c := range map[string]struct{ written, message string }{
		"a field that does not exist":            {"{name: a, slackConfigs: [{chanel: '#a'}]}", `unknown field "slackConfigs[0].chanel"`},
		"a kind of receiver that does not exist": {"{name: a, slack_configs: []}", `unknown field "slack_configs"`},
		"a field in another case":                {"{name: a, SlackConfigs: []}", `unknown field "SlackConfigs"`},
		"two fields that do not exist":           {"{name: a, one: 1, two: 2}", `unknown field "one", unknown field "two"`},
		"a secret in clear text": {
			"{name: a, pagerdutyConfigs: [{routingKey: s3cret}]}",
			"json: cannot unmarshal string into Go struct field PagerDutyConfig.pagerdutyConfigs.routingKey of type v1beta1.SecretKeySelector",
		},
		"a Secret without a key": {"{name: a, pagerdutyConfigs: [{routingKey: {name: pagerduty}}]}", "pagerdutyConfigs[0].routingKey" + secret},
		"a reference to nothing": {"{name: a, slackConfigs: [{apiURL: {}}]}", "slackConfigs[0].apiURL" + secret},
		"a Secret without a name, further down": {
			"{name: a, slackConfigs: [{channel: a}, {httpConfig: {authorization: {credentials: {key: token}}}}]}",
			"slackConfigs[1].httpConfig.authorization.credentials" + secret,
		},
		"a Secret without a name, which is no pointer": {"{name: a, discordConfigs: [{apiURL: {key: url}}]}", "discordConfigs[0].apiURL" + secret},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := Receiver(written(g, c.written))
			g.Expect(err).To(MatchError(c.message))
		})
	}
}

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
	g.Expect(err).To(HaveOccurred())
	fields := strings.Split(err.Error(), ", unknown")
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
