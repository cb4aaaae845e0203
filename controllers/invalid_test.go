package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestASpecThatCannotBeCarriedOutIsStalledWithItsFieldNamed(t *testing.T) {
	for name, c := range map[string]struct {
		spec    func(*v1alpha1.FluxMonitoring)
		message string
	}{
		"PromQL that does not parse": {
			additional("mine", monitoringv1.Rule{Alert: "Mine", Expr: intstr.FromString("sum(up) by (job")}),
			"spec.alerts.additionalGroups[0].rules[0].expr: 1:16: unclosed left parenthesis",
		},
		"a rule that neither alerts nor records": {
			additional("mine", monitoringv1.Rule{Expr: intstr.FromString("up")}),
			"spec.alerts.additionalGroups[0].rules[0]: set exactly one of alert and record",
		},
		"a recording rule with for": {
			additional("mine", monitoringv1.Rule{Record: "a:b", Expr: intstr.FromString("up"), For: ptrTo(monitoringv1.Duration("5m"))}),
			"spec.alerts.additionalGroups[0].rules[0]: a recording rule has no for, keep_firing_for or annotations: remove them",
		},
		"a group name that is taken": {
			additional("GitOpsToolkit", monitoringv1.Rule{Record: "a:b", Expr: intstr.FromString("up")}),
			`spec.alerts.additionalGroups[0].name: "GitOpsToolkit" is taken by another group, choose another name`,
		},
		"a patch that is not one": {
			patches(kustomize.Patch{Patch: "not a patch", Target: &kustomize.Selector{Kind: "PodMonitor"}}),
			"spec.patches: ",
		},
		"a patch that removes an object": {
			patches(kustomize.Patch{Patch: "$patch: delete\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flux-dashboard-cluster\n",
				Target: &kustomize.Selector{Kind: "ConfigMap"}}),
			"spec.patches: a patch changes the kind, name or namespace of an object, adds one or removes one: " +
				"turn parts off by scrape.enabled, dashboards.enabled and alerts.enabled instead",
		},
		"a patch that would expand to gigabytes": {
			patches(kustomize.Patch{Target: &kustomize.Selector{Kind: "PodMonitor"}, Patch: laughs()}),
			"spec.patches[0]: line 1: the anchor &a0 is not allowed",
		},
		"an expression that would be parsed for minutes": {
			additional("mine", monitoringv1.Rule{Alert: "Mine", Expr: intstr.FromString(strings.Repeat("(", 30000) + "1" + strings.Repeat(")", 30000))}),
			"spec.alerts.additionalGroups[0].rules[0].expr: the expression nests deeper than 100 levels",
		},
		"a threshold for an alert that has none": {
			func(fm *v1alpha1.FluxMonitoring) {
				fm.Spec.Alerts.Overrides = []v1alpha1.AlertOverride{{Name: "FluxControllerDown", Threshold: "2"}}
			},
			"spec.alerts.overrides: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := shared.in(t).withFlux().withPrometheus()
			fm := p.settled(p.create(), ready)
			p.change(fm, c.spec)
			p.settled(fm, "Ready=False/InvalidSpec", "Stalled=True/InvalidSpec", "Scraped=True/Selected")
			g.Expect(message(fm, "Ready")).To(HavePrefix(c.message))
			g.Expect(p.generated()).To(ConsistOf(usual), "what was applied stays")
			g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(ContainElement("Warning InvalidSpec " + message(fm, "Ready")))

			p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Patches, fm.Spec.Alerts = nil, v1alpha1.AlertsSpec{} })
			p.settled(fm, ready)
			g.Expect(said(fm)).NotTo(ContainElement(HavePrefix("Stalled")))
		})
	}
}

func TestAnUnknownNameIsReportedAndAllElseIsApplied(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Alerts.Overrides = []v1alpha1.AlertOverride{{Name: "FluxControllerDown", Severity: "warning"}, {Name: "FluxSourceNotRedy", Threshold: "2"}}
	}), "Ready=True/UnknownName", "Scraped=True/Selected")
	g.Expect(message(fm, "Ready")).To(HavePrefix("spec.alerts.overrides[1]: no alert FluxSourceNotRedy; did you mean FluxSourceNotReady?; all else is applied: Flux "))
	g.Expect(p.generated()).To(ConsistOf(usual))
	g.Expect(p.rulesOf("FluxControllerDown")).To(HaveEach(HaveKeyWithValue("labels", HaveKeyWithValue("severity", "warning"))))
	g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(ContainElement("Warning UnknownName " + message(fm, "Ready")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts = v1alpha1.AlertsSpec{} })
	p.settled(fm, ready)
}

func TestAnObjectThatTheAPIServerRejectsIsStalledAndHoldsNoOtherBack(t *testing.T) {
	for name, c := range map[string]struct {
		spec    func(*v1alpha1.FluxMonitoring)
		message string
	}{
		"a field that does not exist": {
			patches(kustomize.Patch{
				Target: &kustomize.Selector{Kind: "PodMonitor", Name: "flux"}, Patch: `[{"op":"add","path":"/spec/colour","value":"blue"}]`,
			}),
			"PodMonitor flux: failed to create typed patch object",
		},
		"an invalid value": {
			patches(kustomize.Patch{
				Target: &kustomize.Selector{Kind: "PodMonitor", Name: "flux"},
				Patch:  `[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"soon"}]`,
			}),
			`PodMonitor flux: PodMonitor.monitoring.coreos.com "flux" is invalid: spec.podMetricsEndpoints[0].interval: Invalid value: "soon"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := shared.in(t).withFlux().withPrometheus()
			fm := p.settled(p.create(c.spec), "Ready=False/Rejected", "Stalled=True/Rejected")
			g.Expect(message(fm, "Ready")).To(HavePrefix(c.message))
			g.Expect(p.generated()).To(ConsistOf(but(usual, "PodMonitor/flux")))
			g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(ContainElement(ContainSubstring("Warning Rejected " + c.message)))
		})
	}
}

// laughs is a patch of some hundred bytes with aliases of aliases.
func laughs() string {
	text := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 8; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), i-1)
	}
	return text
}

func additional(name string, rules ...monitoringv1.Rule) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Alerts.AdditionalGroups = []monitoringv1.RuleGroup{{Name: name, Rules: rules}}
	}
}

func patches(all ...kustomize.Patch) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Patches = all }
}

func ptrTo[T any](v T) *T { return &v }
