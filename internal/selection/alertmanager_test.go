package selection

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

func TestAnAlertmanagerReportsWhatItMisses(t *testing.T) {
	const field = "spec.alertmanagerConfig"
	for name, c := range map[string]struct {
		namespace           string
		objects, namespaces string
		missing             []string
	}{
		"everything":        {"monitoring", "{}", "{}", nil},
		"its own namespace": {"flux", "{}", "none", nil},
		"a label":           {"flux", "matchLabels: {release: kps}", "none", []string{field + "Selector requires label release=kps on the AlertmanagerConfig"}},
		"another namespace": {"monitoring", "{}", "none", []string{
			field + "NamespaceSelector is not set, so it does not select namespace flux"}},
		"no selector": {"flux", "none", "none", []string{
			field + "Selector is not set, so it selects no AlertmanagerConfig: set it, for example to {}"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := Alertmanager{Namespace: c.namespace, Configs: Selectors{Objects: selector(t, c.objects), Namespaces: selector(t, c.namespaces)}}
			NewWithT(t).Expect(messages(a.Missing(Candidate{Kind: "AlertmanagerConfig", Namespace: "flux"}))).To(Equal(c.missing))
		})
	}
}

func TestTheMatcherStrategyDecidesWhichAlertsAreRouted(t *testing.T) {
	for name, c := range map[string]struct {
		strategy       monitoringv1.AlertmanagerConfigMatcherStrategyType
		own, elsewhere bool
	}{
		"none set":    {"", false, false},
		"OnNamespace": {"OnNamespace", false, false},
		"OnNamespaceExceptForAlertmanagerNamespace": {"OnNamespaceExceptForAlertmanagerNamespace", true, false},
		"None": {"None", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			a := Alertmanager{Namespace: "monitoring", Strategy: c.strategy}
			g.Expect(a.MatchesAllAlerts("monitoring")).To(Equal(c.own))
			g.Expect(a.MatchesAllAlerts("flux")).To(Equal(c.elsewhere))
		})
	}
}

func TestAGlobalConfigurationIsSelectedByItsName(t *testing.T) {
	g := NewWithT(t)
	a := Alertmanager{Namespace: "monitoring", Configuration: "flux"}
	g.Expect(a.IsGlobalConfig("monitoring", "flux")).To(BeTrue())
	g.Expect(a.IsGlobalConfig("flux", "flux")).To(BeFalse())
	g.Expect(a.IsGlobalConfig("monitoring", "other")).To(BeFalse())
	g.Expect(Alertmanager{Namespace: "monitoring"}.IsGlobalConfig("monitoring", "")).To(BeFalse())
}
