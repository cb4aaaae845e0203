package alerts

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestAnAlertThatIsDisabledIsNotShipped(t *testing.T) {
	g := NewWithT(t)
	p := overridden(Override{Name: "FluxControllerDown", Enabled: new(false)})
	g.Expect(shipped(g, p)).NotTo(ContainElement("FluxControllerDown"))
	g.Expect(shipped(g, overridden(Override{Name: "FluxControllerDown", Enabled: new(true)}))).
		To(Equal(shipped(g, params("v2.9.4"))))
}

func TestAGroupWithoutAlertsIsNotShipped(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	for _, name := range []string{"FluxManyResourcesNotReady", "FluxSourceBlocksDependents", "ReconciliationFailure"} {
		p.Overrides = append(p.Overrides, Override{Name: name, Enabled: new(false)})
	}
	g.Expect(groups(g, p)).To(HaveEach(HaveField("Name", Not(Equal(GuideGroup)))))
	g.Expect(groups(g, p)).To(HaveLen(len(groups(g, params("v2.9.4"))) - 1))
}

func TestAnOverrideChangesWhatItNames(t *testing.T) {
	g := NewWithT(t)
	const name = "FluxControllerMemoryHigh"
	before := theRule(g, params("v2.9.4"), name)
	after := theRule(g, overridden(Override{
		Name: name, For: duration("1h"), KeepFiringFor: duration("30m"), Severity: "page", Threshold: "0.75",
		Labels:      map[string]string{"team": "storage"},
		Annotations: map[string]string{"summary": "Buy memory."},
	}), name)

	g.Expect(string(*after.For)).To(Equal("1h"))
	g.Expect(string(*after.KeepFiringFor)).To(Equal("30m"))
	g.Expect(after.Labels).To(Equal(map[string]string{"severity": "page", "team": "storage"}))
	g.Expect(after.Expr.StrVal).To(Equal(`max by (cluster, namespace, app, pod) ` +
		`(process_resident_memory_bytes{job="monitoring/flux"} / (go_gc_gomemlimit_bytes{job="monitoring/flux"} > 0)) > 0.75`))
	g.Expect(after.Annotations).To(Equal(map[string]string{
		"summary": "Buy memory.", "description": before.Annotations["description"],
		"runbook_url": before.Annotations["runbook_url"]}))
}

func TestAnOverrideLeavesWhatItDoesNotName(t *testing.T) {
	g := NewWithT(t)
	p := overridden(Override{Name: "FluxSourceBlocksDependents", Threshold: "0.5"})
	before, after := theRule(g, params("v2.9.4"), "FluxSourceBlocksDependents"), theRule(g, p, "FluxSourceBlocksDependents")
	g.Expect(after.Expr.StrVal).To(ContainSubstring(">= 0.5"), "the comparison stays")
	after.Expr = before.Expr
	g.Expect(after).To(Equal(before))
	g.Expect(theRule(g, p, "FluxReconcileStuck")).To(Equal(theRule(g, params("v2.9.4"), "FluxReconcileStuck")))
}

func TestAnOverrideCountsForEveryRuleOfItsAlert(t *testing.T) {
	g := NewWithT(t)
	changed := rules(g, overridden(Override{Name: "FluxControllerDown", For: duration("2m")}), "FluxControllerDown")
	g.Expect(changed).To(HaveLen(4))
	g.Expect(changed).To(HaveEach(HaveField("For", HaveValue(BeEquivalentTo("2m")))))
}

func TestAnOverrideOfOneAlertWinsOverLabelsForAll(t *testing.T) {
	g := NewWithT(t)
	p := overridden(Override{Name: "FluxReconcileStuck", Severity: "info"})
	p.Labels = map[string]string{"severity": "page"}
	g.Expect(theRule(g, p, "FluxReconcileStuck").Labels).To(HaveKeyWithValue("severity", "info"))
	g.Expect(theRule(g, p, "FluxReconcilePanic").Labels).To(HaveKeyWithValue("severity", "page"))
}

func TestInvalidOverridesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		overrides []Override
		message   string
	}{
		"a threshold that is no number": {
			[]Override{{Name: "FluxControllerMemoryHigh", Threshold: "90%"}}, `threshold "90%" of alert FluxControllerMemoryHigh is not a number`,
		},
		"an infinite threshold": {
			[]Override{{Name: "FluxControllerMemoryHigh", Threshold: "Inf"}}, `threshold "Inf" of alert FluxControllerMemoryHigh is not a number`,
		},
		"two durations that are none": {
			[]Override{{Name: "FluxReconcileStuck", For: duration("soon"), KeepFiringFor: duration("1.5h")}},
			`for "soon" of alert FluxReconcileStuck is not a duration such as 10m; ` +
				`keepFiringFor "1.5h" of alert FluxReconcileStuck is not a duration such as 10m`,
		},
		"two alerts, of which one has no threshold": {
			[]Override{{Name: "ReconciliationFailure", Threshold: "3"}, {Name: "FluxReconcileStuck", Threshold: "x"}},
			`alert ReconciliationFailure has no threshold to override; threshold "x" of alert FluxReconcileStuck is not a number`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := params("v2.9.4")
			p.Overrides = c.overrides
			rendered, err := Groups(p)
			g.Expect(err).To(MatchError(c.message))
			g.Expect(err).To(BeAssignableToTypeOf(&ConfigurationError{}))
			g.Expect(rendered).To(BeEmpty())
		})
	}
}

func TestAnOverrideOfAnUnknownAlertChangesNothing(t *testing.T) {
	g := NewWithT(t)
	g.Expect(groups(g, overridden(Override{Name: "FluxDown", Threshold: "x", For: duration("soon")}))).To(Equal(groups(g, params("v2.9.4"))))
}
