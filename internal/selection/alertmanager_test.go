package selection

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestAnAlertmanagerSaysWhatItMisses(t *testing.T) {
	for name, c := range map[string]struct {
		alertmanager Alertmanager
		missing      []string
	}{
		"everything": {
			Alertmanager{Namespace: "monitoring", Configs: Selectors{Objects: &metav1.LabelSelector{}, Namespaces: &metav1.LabelSelector{}}}, nil,
		},
		"its own namespace": {
			Alertmanager{Namespace: "flux", Configs: Selectors{Objects: &metav1.LabelSelector{}}}, nil,
		},
		"a label": {
			Alertmanager{Namespace: "flux", Configs: Selectors{Objects: selector(t, "matchLabels: {release: kps}")}},
			[]string{"spec.alertmanagerConfigSelector requires label release=kps on the AlertmanagerConfig"},
		},
		"another namespace": {
			Alertmanager{Namespace: "monitoring", Configs: Selectors{Objects: &metav1.LabelSelector{}}},
			[]string{"spec.alertmanagerConfigNamespaceSelector is not set, so it only selects objects of its own namespace monitoring, not of flux"},
		},
		"no selector": {
			Alertmanager{Namespace: "flux"},
			[]string{"spec.alertmanagerConfigSelector is not set, so it selects no AlertmanagerConfig: set it, for example to {}"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(messages(c.alertmanager.Missing(Candidate{Kind: "AlertmanagerConfig", Namespace: "flux"}))).To(Equal(c.missing))
		})
	}
}

func TestWhichAlertsAnAlertmanagerConfigSeesFollowsTheStrategy(t *testing.T) {
	for name, c := range map[string]struct {
		strategy       monitoringv1.AlertmanagerConfigMatcherStrategyType
		own, elsewhere bool
	}{
		"none said":   {"", false, false},
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

func TestAnAlertmanagerTakesOneUpWhollyByItsName(t *testing.T) {
	g := NewWithT(t)
	a := Alertmanager{Namespace: "monitoring", Configuration: "flux"}
	g.Expect(a.IsGlobalConfig("monitoring", "flux")).To(BeTrue())
	g.Expect(a.IsGlobalConfig("flux", "flux")).To(BeFalse())
	g.Expect(a.IsGlobalConfig("monitoring", "other")).To(BeFalse())
	g.Expect(Alertmanager{Namespace: "monitoring"}.IsGlobalConfig("monitoring", "")).To(BeFalse())
}
