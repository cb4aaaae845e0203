package desired

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

func TestNoAlertOfASpecPassesForAnothers(t *testing.T) {
	const others = `the label fluxmonitoring is "platform/flux", and alerts of this FluxMonitoring can have no other than "monitoring/flux" there: leave it out`
	for name, c := range map[string]struct{ spec, refused string }{
		"the name of an alert that mutes others": {
			"alerts: {additionalGroups: [{name: mine, rules: [{alert: FluxControllerDown, expr: up}]}]}",
			"spec.alerts.additionalGroups[0].rules[0].alert: FluxControllerDown is the name of a generated alert, which may mute others: " +
				"choose another name, or change the generated one by spec.alerts.overrides",
		},
		"the owner label of another on an alert": {
			"alerts: {additionalGroups: [{name: mine, rules: [{alert: Mine, expr: up, labels: {fluxmonitoring: platform/flux}}]}]}",
			"spec.alerts.additionalGroups[0].rules[0].labels: " + others,
		},
		"the owner label of another on a group": {
			"alerts: {additionalGroups: [{name: mine, labels: {fluxmonitoring: platform/flux}, rules: [{alert: Mine, expr: up}]}]}",
			"spec.alerts.additionalGroups[0].labels: " + others,
		},
		"the owner label as a template": {
			"alerts: {additionalGroups: [{name: mine, rules: [{alert: Mine, expr: up, labels: {fluxmonitoring: '{{ $value }}'}}]}]}",
			`spec.alerts.additionalGroups[0].rules[0].labels: the label fluxmonitoring is "{{ $value }}", and alerts of this FluxMonitoring can have no ` +
				`other than "monitoring/flux" there: leave it out`,
		},
		"the owner label of another on every alert": {
			"alerts: {labels: {fluxmonitoring: platform/flux}}", "spec.alerts: group GitOpsToolkit, rule FluxManyResourcesNotReady: " + others,
		},
		"the owner label of another by a patch": {
			`patches: [{target: {kind: PrometheusRule}, patch: '[{"op": "add", "path": "/spec/groups/0/labels", "value": {"fluxmonitoring": "platform/flux"}}]'}]`,
			"spec.patches: a patch changes who an alert belongs to: group FluxResources: " + others,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Objects(monitoring(t, c.spec), everything())
			NewWithT(t).Expect(err).To(MatchError(c.refused))
		})
	}
}

func TestAnAlertOfASpecAlwaysHasItsOwnersLabel(t *testing.T) {
	const spec = `alerts: {additionalGroups: [{name: mine, rules: [{alert: Mine, expr: 'label_replace(up, "fluxmonitoring", "platform/flux", "", "")'}]}]}`
	objects, err := Objects(monitoring(t, spec), everything())
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	var rule monitoringv1.PrometheusRule
	g.Expect(typed(pipeline.FirstOfKind(objects, kinds.PrometheusRule.Kind), &rule)).To(Succeed())
	last := rule.Spec.Groups[len(rule.Spec.Groups)-1]
	g.Expect(last.Rules[0].Labels).To(Equal(map[string]string{"fluxmonitoring": "monitoring/flux"}))
}
