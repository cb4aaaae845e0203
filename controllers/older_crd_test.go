package controllers_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/rig"
)

const rulesCRD, monitorsCRD = "prometheusrules.monitoring.coreos.com", "podmonitors.monitoring.coreos.com"

// redefine changes the schema that a CRD has of spec.
func (c *testCluster) redefine(t *testing.T, crd string, change func(spec crdSchema)) {
	t.Helper()
	o := &apiextensionsv1.CustomResourceDefinition{}
	rig.Must(t, c.Get(t.Context(), client.ObjectKey{Name: crd}, o))
	change(o.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"])
	rig.Must(t, c.Update(t.Context(), o))
}

type crdSchema = apiextensionsv1.JSONSchemaProps

// ofRules are the fields of a rule in the schema of PrometheusRule.
func ofRules(spec crdSchema) map[string]crdSchema {
	return spec.Properties["groups"].Items.Schema.Properties["rules"].Items.Schema.Properties
}

// removeKeep removes a field of rules, as an older CRD does not have it.
func removeKeep(spec crdSchema) { delete(ofRules(spec), "keep_firing_for") }

const withoutKeep = ", without spec.groups.rules.keep_firing_for of PrometheusRule, which the CRDs installed here do not have: update them"

func TestFieldsThatAnOlderCRDLacksAreOmittedAndReported(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.redefine(t, rulesCRD, removeKeep)
	p.redefine(t, monitorsCRD, func(spec crdSchema) { delete(spec.Properties, "podTargetLabels") })
	stop := p.operator(t)
	fm := p.settled(p.create(), ready, "AlertsEffective=True/Effective", "Scraped=Unknown/Selected")

	p.Expect(message(fm, "Ready")).To(HaveSuffix(
		" applied, without spec.podTargetLabels of PodMonitor and spec.groups.rules.keep_firing_for of PrometheusRule, " +
			"which the CRDs installed here do not have: update them"))
	p.Expect(message(fm, "AlertsEffective")).To(HaveSuffix(
		"; each ends as soon as its expression no longer holds, because the CRD of PrometheusRule has no keep_firing_for: update it"))
	p.Expect(p.generated()).To(ConsistOf(usual))
	p.Expect(p.keeps()).To(BeFalse())

	// For the next operator too, the applied objects are the desired ones.
	versions := func() []string {
		return []string{p.get("PrometheusRule", "flux").GetResourceVersion(), p.get("PodMonitor", "flux").GetResourceVersion()}
	}
	before := versions()
	stop()
	p.operator(t)
	p.requested(fm, "now", ready)
	p.Expect(versions()).To(Equal(before))
	p.Expect(p.events(fm)).NotTo(ContainElement(ContainSubstring("Rejected")))
}

func TestAFieldThatACRDGainsOrLosesIsFollowed(t *testing.T) {
	p, fm := inOwnCluster(t).monitored()
	p.Expect(p.keeps()).To(BeTrue())

	var field crdSchema
	p.redefine(t, rulesCRD, func(spec crdSchema) {
		field = ofRules(spec)["keep_firing_for"]
		removeKeep(spec)
	})
	p.eventually("the field is missed", func() bool {
		return strings.HasSuffix(message(p.settled(fm, ready, "AlertsEffective=True/Effective"), "Ready"), " applied"+withoutKeep)
	})
	p.Expect(p.keeps()).To(BeFalse())

	p.redefine(t, rulesCRD, func(spec crdSchema) { ofRules(spec)["keep_firing_for"] = field })
	p.eventually("the field is back", p.keeps)
	p.eventually("and nothing is missed", func() bool {
		return strings.HasSuffix(message(p.settled(fm, ready), "Ready"), " applied")
	})
}

func TestAnUnknownFieldOfAPatchIsRejected(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.redefine(t, rulesCRD, removeKeep)
	p.operator(t)
	fm := p.settled(p.create(patched("PrometheusRule", `[{"op":"add","path":"/spec/groups/0/rules/0/colour","value":"red"},{"op":"add","path":"/spec/groups/1/rules/0/colour","value":"red"}]`)), "Ready=False/Rejected", "Stalled=True/Rejected", "AlertsEffective=False/ApplyFailed")
	p.Expect(message(fm, "Ready")).To(Equal("PrometheusRule flux: failed to create typed patch object: the CRD has no field spec.groups.rules.colour"))
}

func TestAlertsAreNotEffectiveWhileTheirRuleCannotBeUpdated(t *testing.T) {
	p, fm := inOwnCluster(t).monitored("AlertsEffective=True/Effective")
	p.change(fm, patched("PrometheusRule", `[{"op":"add","path":"/spec/colour","value":"blue"}]`))
	p.settled(fm, "Ready=False/Rejected", "AlertsEffective=False/ApplyFailed")
	p.Expect(message(fm, "AlertsEffective")).To(Equal("PrometheusRule flux is not up to date, because its update failed, see Ready"))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Warning ApplyFailed " + message(fm, "AlertsEffective")))
}

func TestAMissingFieldOfAdditionalRulesIsOmittedToo(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.redefine(t, rulesCRD, removeKeep)
	p.operator(t)
	fm := p.settled(p.create(additional(`[name="a"].colour: field not declared in schema`, monitoringv1.Rule{
		Alert: "Mine", Expr: intstr.FromString("up == 0"), KeepFiringFor: new(monitoringv1.NonEmptyDuration("5m")),
	}), func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Overrides = nil }), ready)
	p.Expect(message(fm, "Ready")).To(HaveSuffix(withoutKeep))
	p.Expect(p.keeps()).To(BeFalse())
}
