package controllers_test

import (
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

func TestAnInvalidSpecIsStalledAndItsFieldReported(t *testing.T) {
	p, fm := shared.in(t).monitored()
	p.change(fm, additional("mine", monitoringv1.Rule{Alert: "Mine", Expr: intstr.FromString("sum(up) by (job")}))
	p.settled(fm, "Ready=False/InvalidSpec", "Stalled=True/InvalidSpec", "Scraped=Unknown/Selected")
	p.Expect(message(fm, "Ready")).To(Equal("spec.alerts.additionalGroups[0].rules[0].expr: 1:16: unclosed left parenthesis"))
	p.Expect(p.generated()).To(ConsistOf(usual), "what was applied stays")
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Warning InvalidSpec " + message(fm, "Ready")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts = v1alpha1.AlertsSpec{} })
	p.settled(fm, ready)
	p.Expect(operator.Conditions(fm)).NotTo(ContainElement(HavePrefix("Stalled")))
}

func TestAnUnknownAlertNameIsReportedAndAllElseApplied(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Alerts.Overrides = []v1alpha1.AlertOverride{{Name: "FluxControllerDown", Severity: "warning"}, {Name: "FluxSourceNotRedy", Threshold: "2"}}
	}), "Ready=True/UnknownName", "Scraped=Unknown/Selected")
	p.Expect(message(fm, "Ready")).To(HavePrefix("spec.alerts.overrides[1]: no alert FluxSourceNotRedy; did you mean FluxSourceNotReady?; all else is applied: Flux "))
	p.Expect(p.generated()).To(ConsistOf(usual))
	p.Expect(p.rules("FluxControllerDown")).To(HaveEach(HaveField("Labels", HaveKeyWithValue("severity", "warning"))))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Warning UnknownName " + message(fm, "Ready")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts = v1alpha1.AlertsSpec{} })
	p.settled(fm, ready)
}

func TestARejectedObjectIsStalledAndBlocksNoOther(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(patched("PodMonitor", `[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"soon"}]`)),
		"Ready=False/Rejected", "Stalled=True/Rejected")
	const rejected = `PodMonitor.monitoring.coreos.com "flux" is invalid: spec.podMetricsEndpoints[0].interval: Invalid value: "soon"`
	p.Expect(message(fm, "Ready")).To(ContainSubstring("PodMonitor flux: " + rejected))
	p.Expect(p.generated()).To(ConsistOf(but(usual, monitors...)))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement(ContainSubstring("Warning Rejected PodMonitor flux: " + rejected)))
}

func additional(name string, rules ...monitoringv1.Rule) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Alerts.AdditionalGroups = []monitoringv1.RuleGroup{{Name: name, Rules: rules}}
	}
}

func patches(all ...kustomize.Patch) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Patches = all }
}
