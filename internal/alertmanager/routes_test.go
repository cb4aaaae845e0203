package alertmanager

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/alerts"
)

// receiverOf is the receiver that a route has Alertmanager notify of an alert: that of the first route that matches, and in it of the first
// that does; empty if it does not match.
func receiverOf(g Gomega, r monitoringv1beta1.Route, labels map[string]string) string {
	for _, m := range r.Matchers {
		pattern := regexp.QuoteMeta(m.Value)
		if m.MatchType == monitoringv1beta1.MatchRegexp {
			pattern = m.Value
		}
		if !regexp.MustCompile("^(?:" + pattern + ")$").MatchString(labels[m.Name]) {
			return ""
		}
	}
	for _, written := range r.Routes {
		var child monitoringv1beta1.Route
		g.Expect(json.Unmarshal(written.Raw, &child)).To(Succeed())
		if receiver := receiverOf(g, child, labels); receiver != "" {
			return receiver
		}
	}
	return r.Receiver
}

// anyParams are any with the heartbeat.
func anyParams() *rapid.Generator[Params] {
	return rapid.Custom(func(t *rapid.T) Params {
		severities := []string{"critical", "warning", "info", "none"}
		p := Params{Owner: "monitoring/flux", Heartbeat: &Heartbeat{"heartbeat", "url", 5 * time.Minute}, Global: rapid.Bool().Draw(t, "global")}
		if p.Receiver = rapid.SampledFrom([]string{"", "oncall"}).Draw(t, "receiver"); p.Receiver == "" {
			return p
		}
		p.Receivers = []monitoringv1beta1.Receiver{{Name: "oncall"}, {Name: "shop"}}
		p.Unsent = rapid.SliceOfDistinct(rapid.SampledFrom(severities[:3]), rapid.ID).Draw(t, "unsent")
		for range rapid.IntRange(0, 3).Draw(t, "routes") {
			p.Routes = append(p.Routes, Route{
				Receiver:   rapid.SampledFrom([]string{"oncall", "shop"}).Draw(t, "route"),
				Severities: rapid.SliceOfDistinct(rapid.SampledFrom(severities), rapid.ID).Draw(t, "severities"),
				Namespaces: rapid.SliceOf(rapid.SampledFrom([]string{"shop", ""})).Draw(t, "namespaces"),
			})
		}
		p.Inhibitions = alerts.Inhibitions()
		return p
	})
}

func TestTheHeartbeatIsSentWhateverElseIsAndNothingElseIsSentThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		p := anyParams().Draw(t, "params")
		spec, err := Spec(p)
		g.Expect(err).NotTo(HaveOccurred())
		firing := map[string]string{
			OwnerLabel: "monitoring/flux", "alertname": alerts.HeartbeatName, "exported_namespace": rapid.SampledFrom([]string{"", "shop"}).Draw(t, "namespace"),
			"severity": rapid.SampledFrom([]string{"none", "critical", "info"}).Draw(t, "severity"),
		}
		g.Expect(receiverOf(g, *spec.Route, firing)).To(Equal(HeartbeatReceiver))
		for _, other := range slices.Concat(alerts.Names(), []string{"Mine", alerts.HeartbeatName + "2"}) {
			if firing["alertname"] = other; other != alerts.HeartbeatName {
				g.Expect(receiverOf(g, *spec.Route, firing)).NotTo(Equal(HeartbeatReceiver), other)
			}
		}
		firing["alertname"], firing[OwnerLabel] = alerts.HeartbeatName, "shop/flux"
		g.Expect(receiverOf(g, *spec.Route, firing)).NotTo(Equal(HeartbeatReceiver), "that of another")
		for _, i := range spec.InhibitRules {
			g.Expect(i.TargetMatch).NotTo(ContainElement(HaveField("Value", ContainSubstring(alerts.HeartbeatName))), "nothing inhibits it")
		}
	})
}

// Without receivers, alerts go where they would go without the AlertmanagerConfig.
func TestAHeartbeatAloneTakesNoOtherAlert(t *testing.T) {
	g := NewWithT(t)
	spec, err := Spec(Params{Owner: "monitoring/flux", Heartbeat: &Heartbeat{"heartbeat", "url", time.Minute}})
	g.Expect(err).NotTo(HaveOccurred())
	for _, name := range alerts.Names() {
		if name != alerts.HeartbeatName {
			g.Expect(receiverOf(g, *spec.Route, map[string]string{OwnerLabel: "monitoring/flux", "alertname": name})).To(BeEmpty())
		}
	}
}
