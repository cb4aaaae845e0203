package alertmanager

import (
	"testing"

	. "github.com/onsi/gomega"
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
}

func TestAReceiverWithoutConfigurationsIsOneToo(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Receiver(written(g, "name: nobody-yet"))).To(HaveField("Name", "nobody-yet"))
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
