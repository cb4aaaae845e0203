package desired

import (
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestASpecThatCannotBeCarriedOutIsRefusedWithItsField(t *testing.T) {
	const identity = "a patch changes the kind, name or namespace of an object, adds one or removes one: " +
		"turn parts off by scrape.enabled, dashboards.enabled and alerts.enabled instead"
	const tooLarge = "all rules together are larger than the 524288 bytes that prometheus-operator accepts in one PrometheusRule: " +
		"move some of them to a PrometheusRule of your own"
	group := func(rules string) string {
		return "alerts: {additionalGroups: [{name: ok}, {name: mine, rules: [" + rules + "]}]}"
	}
	for name, c := range map[string]struct{ spec, field, message string }{
		"PromQL that does not parse": {
			group("{record: 'a:b', expr: up}, {alert: Mine, expr: 'sum(up) by (job'}"),
			"spec.alerts.additionalGroups[1].rules[1].expr", "1:16: unclosed left parenthesis",
		},
		"a scrape timeout of days above the interval": {
			"scrape: {timeout: 1d, interval: 1h}", "spec.scrape.timeout", "1d is above the interval 1h: lower timeout or raise interval",
		},
		"no PromQL": {
			group("{alert: Mine, expr: ''}"), "spec.alerts.additionalGroups[1].rules[0].expr", "1:1: the expression is empty",
		},
		"a rule that neither alerts nor records": {
			group("{expr: up}"), "spec.alerts.additionalGroups[1].rules[0]", "set exactly one of alert and record",
		},
		"a rule that alerts and records": {
			group("{alert: A, record: 'a:b', expr: up}"), "spec.alerts.additionalGroups[1].rules[0]", "set exactly one of alert and record",
		},
		"a recording rule with for": {
			group("{record: 'a:b', expr: up, for: 5m}"), "spec.alerts.additionalGroups[1].rules[0]",
			"a recording rule has no for, keep_firing_for or annotations: remove them",
		},
		"a recording rule with annotations": {
			group("{record: 'a:b', expr: up, annotations: {a: b}}"), "spec.alerts.additionalGroups[1].rules[0]",
			"a recording rule has no for, keep_firing_for or annotations: remove them",
		},
		"a group's name that a generated one has": {
			"alerts: {additionalGroups: [{name: GitOpsToolkit}]}", "spec.alerts.additionalGroups[0].name",
			`"GitOpsToolkit" is taken by another group, choose another name`,
		},
		"a group's name twice": {
			"alerts: {additionalGroups: [{name: mine}, {name: mine}]}", "spec.alerts.additionalGroups[1].name",
			`"mine" is taken by another group, choose another name`,
		},
		"a label whose name is none": {
			group("{alert: Mine, expr: up, labels: {my-label: a}}"), "spec.alerts.additionalGroups[1].rules[0]", "invalid label name: my-label",
		},
		"two labels whose names are none, the first by name": {
			group("{alert: Mine, expr: up, labels: {z-z: a, a-a: b}}"), "spec.alerts.additionalGroups[1].rules[0]", "invalid label name: a-a",
		},
		"the name of a metric as a label": {
			group("{record: 'a:b', expr: up}, {alert: Mine, expr: up, labels: {__name__: a}}"),
			"spec.alerts.additionalGroups[1].rules[1]", "invalid label name: __name__",
		},
		"an annotation whose name is none": {
			group("{alert: Mine, expr: up, annotations: {what to do: a}}"), "spec.alerts.additionalGroups[1].rules[0]",
			"invalid annotation name: what to do",
		},
		"a template that does not parse": {
			group("{alert: Mine, expr: up, annotations: {summary: '{{ $labels.kind }'}}"), "spec.alerts.additionalGroups[1].rules[0]",
			`annotation "summary": template: __alert_Mine:1: unexpected "}" in operand`,
		},
		"a template with a function that does not exist": {
			group("{alert: Mine, expr: up, labels: {team: '{{ owner . }}'}}"), "spec.alerts.additionalGroups[1].rules[0]",
			`label "team": template: __alert_Mine:1: function "owner" not defined`,
		},
		"a recording's name that is none": {
			group("{record: 'my-recording', expr: up}"), "spec.alerts.additionalGroups[1].rules[0]", "invalid recording rule name: my-recording",
		},
		"a recording's name with braces": {
			group(`{record: 'a{b="c"}', expr: up}`), "spec.alerts.additionalGroups[1].rules[0]",
			`braces present in the recording rule name; should it be in expr?: a{b="c"}`,
		},
		"a rule's time beyond all time": {
			group("{alert: Mine, expr: up, for: 99999999999y}"), "spec.alerts.additionalGroups[1].rules[0]", "duration out of range",
		},
		"a group's interval beyond all time": {
			"alerts: {additionalGroups: [{name: mine, interval: 99999999999y}]}", "spec.alerts.additionalGroups[0]", "duration out of range",
		},
		"a group's label whose name is none": {
			"alerts: {additionalGroups: [{name: mine, labels: {my-label: a}}]}", "spec.alerts.additionalGroups[0]", "invalid label name: my-label",
		},
		"rules larger than prometheus-operator takes up": {
			group("{alert: Mine, expr: up, annotations: {summary: " + strings.Repeat("x", 1<<19) + "}}"), "spec.alerts.additionalGroups", tooLarge,
		},
		"a label on every alert whose name is none": {
			"alerts: {labels: {my-label: a}}", "spec.alerts", "FluxManyResourcesNotReady: invalid label name: my-label",
		},
		"a cluster that is a broken template": {
			"clusterName: '{{ eu'", "spec.alerts", `FluxManyResourcesNotReady: label "cluster": template: __alert_FluxManyResourcesNotReady:1: function "eu" not defined`,
		},
		"runbooks at a broken template": {
			"alerts: {runbookURL: 'https://runbooks.example.com/{{ .Team'}", "spec.alerts",
			`FluxManyResourcesNotReady: annotation "runbook_url": template: __alert_FluxManyResourcesNotReady:1: bad character U+002F '/'`,
		},
		"an annotation of one alert that does not parse": {
			"alerts: {overrides: [{name: FluxControllerDown, annotations: {hint: '{{ .Nothing'}}]}", "spec.alerts",
			`FluxControllerDown: annotation "hint": template: __alert_FluxControllerDown:1: unclosed action`,
		},
		"a severity that is a broken template": {
			"alerts: {overrides: [{name: FluxControllerDown, severity: '{{ .Team'}]}", "spec.alerts",
			`FluxControllerDown: label "severity": template: __alert_FluxControllerDown:1: unclosed action`,
		},
		"a relabeling without a target": {
			"scrape: {relabelings: [{regex: a}]}", "spec.scrape.relabelings[0]",
			"relabel configuration for replace action requires 'target_label' value",
		},
		"a relabeling of samples with a regular expression that is none": {
			"scrape: {metricRelabelings: [{action: Drop, regex: a}, {action: Drop, regex: '('}]}", "spec.scrape.metricRelabelings[1]",
			"error parsing regexp: missing closing ): `^(?s:()$`",
		},
		"a patch that breaks a template": {
			patch("{kind: PrometheusRule}", `- {op: add, path: /spec/groups/2/rules/0/annotations/summary, value: "{{ .Team"}`), "spec.patches",
			"a patch leaves PrometheusRule flux with what prometheus-operator refuses: group GitOpsToolkit, rule FluxManyResourcesNotReady: " +
				`annotation "summary": template: __alert_FluxManyResourcesNotReady:1: unclosed action`,
		},
		"a patch that breaks an expression": {
			patch("{kind: PrometheusRule}", `- {op: replace, path: /spec/groups/0/rules/0/expr, value: "sum("}`), "spec.patches",
			"a patch leaves PrometheusRule flux with what prometheus-operator refuses: group FluxResources, rule flux:resource:observed: " +
				"1:5: unclosed left parenthesis",
		},
		"a patch that leaves a rule without a name": {
			patch("{kind: PrometheusRule}", `- {op: add, path: /spec/groups/0/rules/0, value: {expr: up}}`), "spec.patches",
			"a patch leaves PrometheusRule flux with what prometheus-operator refuses: group FluxResources, rule 0: " +
				"one of 'record' or 'alert' must be set",
		},
		"a patch that names two groups alike": {
			patch("{kind: PrometheusRule}", `- {op: replace, path: /spec/groups/1/name, value: FluxResources}`), "spec.patches",
			`a patch leaves PrometheusRule flux with what prometheus-operator refuses: two groups have the name "FluxResources"`,
		},
		"a patch that breaks a group": {
			patch("{kind: PrometheusRule}", `- {op: add, path: /spec/groups/1/labels, value: {my-team: a}}`), "spec.patches",
			"a patch leaves PrometheusRule flux with what prometheus-operator refuses: group FluxReconciliations: invalid label name: my-team",
		},
		"a patch that breaks a relabeling": {
			patch("{kind: PodMonitor, name: flux}",
				`- {op: add, path: /spec/podMetricsEndpoints/0/metricRelabelings/0, value: {action: drop, regex: "("}}`), "spec.patches",
			"a patch leaves PodMonitor flux with what prometheus-operator refuses: podMetricsEndpoints[0].metricRelabelings[0]: " +
				"error parsing regexp: missing closing ): `^(?s:()$`",
		},

		"a receiver with a field that does not exist": {
			"notifications: {receivers: [{name: a}, {name: b, slackConfigs: [{chanel: x}]}]}", "spec.notifications.receivers[1]",
			`unknown field "slackConfigs[0].chanel"`,
		},
		"a threshold where there is none": {
			"alerts: {overrides: [{name: FluxControllerDown, threshold: '2'}]}", "spec.alerts.overrides",
			"alert FluxControllerDown has no threshold to override",
		},
		"a time beyond all time": {
			"alerts: {overrides: [{name: FluxControllerDown, for: 99999999999y}]}", "spec.alerts.overrides",
			`for "99999999999y" of alert FluxControllerDown is not a duration such as 10m`,
		},
		"a patch that renames": {
			patch("{kind: PodMonitor}", "- {op: replace, path: /metadata/name, value: other}"), "spec.patches", identity,
		},
		"a patch that moves": {
			patch("{kind: PodMonitor}", "- {op: replace, path: /metadata/namespace, value: other}"), "spec.patches", identity,
		},
		"a patch that makes another kind": {
			patch("{kind: PodMonitor}", "- {op: replace, path: /kind, value: ServiceMonitor}"), "spec.patches", identity,
		},
		"a patch that makes another version": {
			patch("{kind: PodMonitor}", "- {op: replace, path: /apiVersion, value: monitoring.coreos.com/v2}"), "spec.patches", identity,
		},
		"a patch that removes an object": {
			patch("{kind: PodMonitor}", `{$patch: delete, apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: flux}}`), "spec.patches", identity,
		},
		"a patch with a version of the object": {
			patch("{kind: PodMonitor}", "- {op: add, path: /metadata/resourceVersion, value: 5}"), "spec.patches",
			"a patch sets metadata.resourceVersion of PodMonitor flux: patch labels, annotations or finalizers only",
		},
		"a patch with a label that is not text": {
			patch("{kind: PodMonitor}", "- {op: add, path: /metadata/labels/size, value: 5}"), "spec.patches",
			"a patch leaves metadata.labels of PodMonitor flux with what is no text: put numbers and booleans in quotes",
		},
		"a patch of which no labels are left": {
			patch("{kind: PodMonitor}", "- {op: replace, path: /metadata/labels, value: none}"), "spec.patches",
			"a patch leaves metadata.labels of PodMonitor flux with what is no text: put numbers and booleans in quotes",
		},
		"a patch that gives two objects one name": {
			patch("{kind: PodMonitor, name: flux-exporter}", "- {op: replace, path: /metadata/name, value: flux}"), "spec.patches", identity,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			objects, err := Objects(monitoring(t, c.spec), everything())
			g.Expect(objects).To(BeNil())
			var invalid *ConfigurationError
			g.Expect(errors.As(err, &invalid)).To(BeTrue(), "%v", err)
			g.Expect(invalid.Field).To(Equal(c.field))
			g.Expect(invalid.Err).To(MatchError(c.message))
			g.Expect(err).To(MatchError(c.field + ": " + c.message))
			g.Expect(errors.Unwrap(err)).To(Equal(invalid.Err))
		})
	}
}

func TestAPatchThatKustomizeRefusesIsTheSpecsFault(t *testing.T) {
	for name, c := range map[string]struct{ spec, says string }{
		"no patch":                     {patch("{kind: PodMonitor}", "anything"), "unable to parse SM or JSON patch"},
		"a path that is not there":     {patch("{kind: PodMonitor}", "- {op: remove, path: /spec/nothing}"), "/spec/nothing"},
		"an operation that is none":    {patch("{kind: PodMonitor}", "- {op: change, path: /spec}"), "Unexpected kind: change"},
		"a target that is no pattern":  {patch("{name: '('}", "- {op: remove, path: /spec}"), "missing closing )"},
		"no target and no such object": {"patches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: a}}'}]", "no matches for Id Secret"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := Objects(monitoring(t, c.spec), everything())
			var invalid *ConfigurationError
			g.Expect(errors.As(err, &invalid)).To(BeTrue(), "%v", err)
			g.Expect(invalid.Field).To(Equal("spec.patches"))
			g.Expect(invalid.Err).To(MatchError(ContainSubstring(c.says)))
		})
	}
}

func TestAPatchForNothingThatIsWantedChangesNothing(t *testing.T) {
	g := NewWithT(t)
	for _, spec := range []string{
		patch("{kind: ServiceMonitor}", "- {op: remove, path: /spec}"),
		"{scrape: {enabled: false}, dashboards: {enabled: false}, alerts: {enabled: false}, " + patch("{kind: PodMonitor}", "- {op: remove, path: /spec}") + "}",
	} {
		_, err := Objects(monitoring(t, spec), everything())
		g.Expect(err).NotTo(HaveOccurred())
	}
}
