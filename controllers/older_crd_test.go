package controllers_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

const rulesCRD, monitorsCRD = "prometheusrules.monitoring.coreos.com", "podmonitors.monitoring.coreos.com"

// lacking takes fields from a CRD, as an older version of it has none of them, and waits until the API server does not know them either.
func (c *testCluster) lacking(t *testing.T, crd string, paths ...[]string) {
	t.Helper()
	c.redefine(t, crd, func(schema map[string]any) {
		for _, path := range paths {
			unstructured.RemoveNestedField(schema, path...)
		}
	})
}

// redefine changes the schema of a CRD.
func (c *testCluster) redefine(t *testing.T, crd string, change func(schema map[string]any)) {
	t.Helper()
	g := NewWithT(t)
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(kinds.CustomResourceDefinition)
	g.Expect(c.Get(t.Context(), client.ObjectKey{Name: crd}, o)).To(Succeed())
	versions, _, err := unstructured.NestedSlice(o.Object, "spec", "versions")
	g.Expect(err).NotTo(HaveOccurred())
	schema, _, err := unstructured.NestedMap(versions[0].(map[string]any), "schema", "openAPIV3Schema")
	g.Expect(err).NotTo(HaveOccurred())
	change(schema)
	g.Expect(unstructured.SetNestedMap(versions[0].(map[string]any), schema, "schema", "openAPIV3Schema")).To(Succeed())
	g.Expect(unstructured.SetNestedSlice(o.Object, versions, "spec", "versions")).To(Succeed())
	g.Expect(c.Update(t.Context(), o)).To(Succeed())
}

// fieldOfRules is where the schema of PrometheusRule has a field of a rule.
func fieldOfRules(name string) []string {
	return []string{"properties", "spec", "properties", "groups", "items", "properties", "rules", "items", "properties", name}
}

// fieldOfMonitors is where the schema of PodMonitor has a field of its spec.
func fieldOfMonitors(name string) []string { return []string{"properties", "spec", "properties", name} }

const withoutKeep = ", without spec.groups.rules.keep_firing_for of PrometheusRule, which the CRDs installed here do not have: update them"

func TestFieldsThatAnOlderCRDLacksAreOmittedAndReported(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.lacking(t, rulesCRD, fieldOfRules("keep_firing_for"))
	p.lacking(t, monitorsCRD, fieldOfMonitors("podTargetLabels"))
	stop := p.operator(t)
	fm := p.settled(p.create(), ready, "AlertsEffective=True/Effective", "Scraped=True/Selected")

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

	var field any
	p.redefine(t, rulesCRD, func(schema map[string]any) {
		field, _, _ = unstructured.NestedFieldCopy(schema, fieldOfRules("keep_firing_for")...)
		unstructured.RemoveNestedField(schema, fieldOfRules("keep_firing_for")...)
	})
	p.eventually("the field is missed", func() bool {
		return strings.HasSuffix(message(p.settled(fm, ready, "AlertsEffective=True/Effective"), "Ready"), " applied"+withoutKeep)
	})
	p.Expect(p.keeps()).To(BeFalse())

	p.redefine(t, rulesCRD, func(schema map[string]any) {
		p.Expect(unstructured.SetNestedField(schema, field, fieldOfRules("keep_firing_for")...)).To(Succeed())
	})
	p.eventually("the field is back", p.keeps)
	p.eventually("and nothing is missed", func() bool {
		return strings.HasSuffix(message(p.settled(fm, ready), "Ready"), " applied")
	})
}

func TestAnUnknownFieldOfAPatchIsRejected(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.lacking(t, rulesCRD, fieldOfRules("keep_firing_for"))
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
	p.lacking(t, rulesCRD, fieldOfRules("keep_firing_for"))
	p.operator(t)
	fm := p.settled(p.create(additional(`[name="a"].colour: field not declared in schema`, monitoringv1.Rule{
		Alert: "Mine", Expr: intstr.FromString("up == 0"), KeepFiringFor: new(monitoringv1.NonEmptyDuration("5m")),
	}), func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Overrides = nil }), ready)
	p.Expect(message(fm, "Ready")).To(HaveSuffix(withoutKeep))
	p.Expect(p.keeps()).To(BeFalse())
}
