package alertmanager

import (
	"testing"

	. "github.com/onsi/gomega"
	validation "github.com/prometheus-operator/prometheus-operator/pkg/alertmanager/validation/v1beta1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/alerts"
)

// told are two receivers, the first of which is told of what no route takes.
func told(change func(*Params)) Params {
	p := Params{
		Owner: "monitoring/flux", Receivers: []monitoringv1beta1.Receiver{{Name: "oncall"}, {Name: "shop"}}, Receiver: "oncall",
		GroupWait: "30s", GroupInterval: "5m", RepeatInterval: "12h",
	}
	change(&p)
	return p
}

// inYAML is what is nested of a spec, as one reads it.
func inYAML(g Gomega, value any) string {
	content, err := yaml.Marshal(value)
	g.Expect(err).NotTo(HaveOccurred())
	return string(content)
}

const everything = `groupBy:
- cluster
- alertname
- kind
- exported_namespace
groupInterval: 5m
groupWait: 30s
matchers:
- matchType: =
  name: fluxmonitoring
  value: monitoring/flux
receiver: oncall
repeatInterval: 12h
`

func TestTheRouteTakesTheOwnersAlertsAlone(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Params)
		route  string
	}{
		"to one receiver": {func(*Params) {}, everything},
		"but for severities that nobody is told of, before all else": {func(p *Params) {
			p.Unsent = []string{"warning", "info"}
			p.Routes = []Route{{Receiver: "shop", Severities: []string{"critical"}}}
		}, everything + `routes:
- matchers:
  - matchType: =~
    name: severity
    value: warning|info
  receiver: "null"
- matchers:
  - matchType: =
    name: severity
    value: critical
  receiver: shop
`},
		"by severity and by the object's namespace": {func(p *Params) {
			p.Routes = []Route{{Receiver: "shop", Severities: []string{"critical", "warning"}, Namespaces: []string{"shop", "a.b"}}}
		}, everything + `routes:
- matchers:
  - matchType: =~
    name: severity
    value: critical|warning
  - matchType: =~
    name: exported_namespace
    value: shop|a\.b
  receiver: shop
`},
		"beneath one that takes all, where it is the whole configuration": {func(p *Params) { p.Global = true }, `receiver: "null"
routes:
- groupBy:
  - cluster
  - alertname
  - kind
  - exported_namespace
  groupInterval: 5m
  groupWait: 30s
  matchers:
  - matchType: =
    name: fluxmonitoring
    value: monitoring/flux
  receiver: oncall
  repeatInterval: 12h
`},
		"with no times, where none are said": {func(p *Params) { p.GroupWait, p.GroupInterval, p.RepeatInterval = "", "", "" }, `groupBy:
- cluster
- alertname
- kind
- exported_namespace
matchers:
- matchType: =
  name: fluxmonitoring
  value: monitoring/flux
receiver: oncall
`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := told(c.change)
			spec, err := Spec(p)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(inYAML(g, spec.Route)).To(Equal(c.route))
			g.Expect(validation.ValidateAlertmanagerConfig(&monitoringv1beta1.AlertmanagerConfig{Spec: spec})).To(Succeed(),
				"prometheus-operator accepts it")
			older, err := Older(spec, nil)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(inYAML(g, older.Route)).To(Equal(c.route), "in the older version too")
		})
	}
}

func TestNobodyIsAReceiverOnlyWhereItIsNeeded(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Params)
		names  []string
	}{
		"everything is sent":         {func(*Params) {}, []string{"oncall", "shop"}},
		"something is not":           {func(p *Params) { p.Unsent = []string{"info"} }, []string{"oncall", "shop", "null"}},
		"it is the whole of it":      {func(p *Params) { p.Global = true }, []string{"oncall", "shop", "null"}},
		"both, and it is there once": {func(p *Params) { p.Global, p.Unsent = true, []string{"info"} }, []string{"oncall", "shop", "null"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := told(c.change)
			spec, err := Spec(p)
			g.Expect(err).NotTo(HaveOccurred())
			var names []string
			for _, r := range spec.Receivers {
				names = append(names, r.Name)
			}
			g.Expect(names).To(Equal(c.names))
			g.Expect(p.Receivers).To(HaveLen(2), "what was given is not changed")
		})
	}
}

func TestInhibitionsKeepToTheOwnersAlerts(t *testing.T) {
	g := NewWithT(t)
	spec, err := Spec(told(func(p *Params) {
		p.Inhibitions = []alerts.Inhibition{{
			Source: []alerts.Matcher{{Label: "alertname", Value: "FluxControllerDown"}, {Label: "app", Value: "source-controller"}},
			Target: []alerts.Matcher{{Label: "alertname", Value: "A|B", Regexp: true}}, Equal: []string{"cluster"},
		}}
	}))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(inYAML(g, spec.InhibitRules)).To(Equal(`- equal:
  - cluster
  sourceMatch:
  - matchType: =
    name: fluxmonitoring
    value: monitoring/flux
  - matchType: =
    name: alertname
    value: FluxControllerDown
  - matchType: =
    name: app
    value: source-controller
  targetMatch:
  - matchType: =
    name: fluxmonitoring
    value: monitoring/flux
  - matchType: =~
    name: alertname
    value: A|B
`))
}

func TestAnAlertThatNobodyIsToldOfKeepsNothingBack(t *testing.T) {
	for name, c := range map[string]struct {
		unsent []string
		want   []monitoringv1beta1.Matcher
	}{
		"everything is sent":     {nil, nil},
		"one severity is not":    {[]string{"info"}, []monitoringv1beta1.Matcher{{Name: "severity", Value: "info", MatchType: "!="}}},
		"two severities are not": {[]string{"info", "warning"}, []monitoringv1beta1.Matcher{{Name: "severity", Value: "info|warning", MatchType: "!~"}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			spec, err := Spec(told(func(p *Params) {
				p.Unsent = c.unsent
				p.Inhibitions = []alerts.Inhibition{{Source: []alerts.Matcher{{Label: "alertname", Value: "A"}}, Target: []alerts.Matcher{{Label: "alertname", Value: "B"}}}}
			}))
			g.Expect(err).NotTo(HaveOccurred())
			own := monitoringv1beta1.Matcher{Name: "fluxmonitoring", Value: "monitoring/flux", MatchType: "="}
			source := append([]monitoringv1beta1.Matcher{own, {Name: "alertname", Value: "A", MatchType: "="}}, c.want...)
			g.Expect(spec.InhibitRules).To(Equal([]monitoringv1beta1.InhibitRule{{
				SourceMatch: source, TargetMatch: []monitoringv1beta1.Matcher{own, {Name: "alertname", Value: "B", MatchType: "="}},
			}}))
			g.Expect(validation.ValidateAlertmanagerConfig(&monitoringv1beta1.AlertmanagerConfig{Spec: spec})).To(Succeed(),
				"prometheus-operator accepts it")
		})
	}
}
