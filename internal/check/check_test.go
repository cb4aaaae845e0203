package check

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/mark"
)

func monitoring(conditions ...metav1.Condition) *v1alpha1.FluxMonitoring {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "flux", Generation: 2}}
	fm.Status.Conditions = conditions
	return fm
}

func condition(name string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: name, Status: status, Reason: reason, Message: message, ObservedGeneration: 2}
}

func TestLinksAreTheConditionsFromFluxToPeople(t *testing.T) {
	fm := monitoring(
		condition("AlertsEffective", metav1.ConditionUnknown, "NotSeen", "a"), condition("Scraped", metav1.ConditionFalse, "NotSelected", "b"),
		condition("Stalled", metav1.ConditionTrue, "Conflict", "c"), condition("Ready", metav1.ConditionTrue, "Applied", "d"),
	)
	NewWithT(t).Expect(FluxMonitoring(fm)).To(Equal(Subject{Kind: "FluxMonitoring", Namespace: "monitoring", Name: "flux", Links: []Link{
		{"Ready", Holds, "Applied: d"}, {"Scraped", Broken, "NotSelected: b"}, {"AlertsEffective", Unknown, "NotSeen: a"},
	}}))
}

func TestConditionsOfAnOlderSpecAreNotKnown(t *testing.T) {
	old := condition("Ready", metav1.ConditionTrue, "Applied", "")
	old.ObservedGeneration = 1
	for name, fm := range map[string]*v1alpha1.FluxMonitoring{"older": monitoring(old), "none": monitoring()} {
		subject := FluxMonitoring(fm)
		NewWithT(t).Expect(subject.Links).To(ConsistOf(And(HaveField("Name", "Ready"), HaveField("Verdict", Unknown))), name)
	}
}

// known is an ordinary Flux, and a FluxMonitoring with this spec.
func known(t *testing.T, change func(*v1alpha1.FluxMonitoring)) []Flux {
	t.Helper()
	fm := monitoring()
	change(fm)
	of, err := facts.OrdinaryCluster("flux-system", "fluxmonitoring-system").Facts(fm)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return []Flux{{fm, of}}
}

func ruleOf(name string, rules ...monitoringv1.Rule) monitoringv1.PrometheusRule {
	return monitoringv1.PrometheusRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: name},
		Spec:       monitoringv1.PrometheusRuleSpec{Groups: []monitoringv1.RuleGroup{{Name: "a", Rules: rules}}},
	}
}

func TestAlertsOnMetricsOfFlux(t *testing.T) {
	exporter := known(t, func(*v1alpha1.FluxMonitoring) {})
	withoutLegacy := known(t, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.LegacyMetrics = v1alpha1.LegacyMetricsDisabled
	})
	controllers := known(t, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceControllers
	})
	instead := " The alert ReconciliationFailure of a FluxMonitoring replaces it."
	recording := monitoringv1.Rule{Record: "flux:resource:ready", Expr: intstr.FromString("gotk_resource_info")}
	for _, c := range []struct {
		expr  string
		of    []Flux
		links []Link
	}{
		{"up == 0", exporter, nil},
		{"gotk_resource_info ==", exporter, nil},
		{`gotk_reconcile_condition{status="False"} == 1`, exporter, []Link{{"Mine", Holds, "Its metrics exist."}}},
		{`gotk_reconcile_condition{status="False"} == 1`, controllers,
			[]Link{{"Mine", Broken, "It uses gotk_reconcile_condition, which nothing here exports." + instead}}},
		{`gotk_reconcile_condition{status="False"} == 1`, append(withoutLegacy, exporter...), []Link{{"Mine", Holds, "Its metrics exist."}}},
		{`gotk_reconcile_condition{status="Deleted"} == 1`, exporter,
			[]Link{{"Mine", Broken, `It selects gotk_reconcile_condition{status="Deleted"}, which no series of Flux has.` + instead}}},
		{"gotk_suspend_status == 1", withoutLegacy,
			[]Link{{"Mine", Broken, "It uses gotk_suspend_status, which nothing here exports. The alert FluxResourceSuspended of a FluxMonitoring replaces it."}}},
		{"gotk_resource_info == 1", controllers,
			[]Link{{"Mine", Unknown, "It uses gotk_resource_info. No metrics source that the operator knows exports it here."}}},
		{"flux:resource:ready == 1", controllers, []Link{{"Mine", Holds, "Its metrics exist."}}},
		{"flux:resource:stalled == 1", controllers, []Link{{"Mine", Broken, "It uses flux:resource:stalled, which no rule records."}}},
		{"gotk_resource_info == 1", nil, []Link{{"Mine", Unknown, "There is no Flux to judge it by."}}},
	} {
		subjects := PrometheusRules([]monitoringv1.PrometheusRule{
			ruleOf("recordings", recording), ruleOf("mine", monitoringv1.Rule{Alert: "Mine", Expr: intstr.FromString(c.expr)}),
		}, c.of)
		if c.links == nil {
			NewWithT(t).Expect(subjects).To(BeEmpty(), c.expr)
			continue
		}
		NewWithT(t).Expect(subjects).To(Equal([]Subject{{Kind: "PrometheusRule", Namespace: "monitoring", Name: "mine", Links: c.links}}), c.expr)
	}
}

func TestGeneratedRulesAreNotJudged(t *testing.T) {
	rule := ruleOf("flux", monitoringv1.Rule{Alert: "Ours", Expr: intstr.FromString("gotk_suspend_status")})
	rule.Labels = map[string]string{mark.OwnerLabel: "flux"}
	NewWithT(t).Expect(PrometheusRules([]monitoringv1.PrometheusRule{rule}, nil)).To(BeEmpty())
}
