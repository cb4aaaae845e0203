package desired

import (
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cost"
	"github.com/fluxmonitoring/operator/test/golden"
)

// mine is the field of a spec with a group of these rules.
func mine(rules string) string {
	return "alerts: {additionalGroups: [{name: ok}, {name: mine, rules: [" + rules + "]}]}"
}

// rulePatch and monitorPatch are the fields of a spec with one operation on the PrometheusRule and on every PodMonitor.
func rulePatch(operation string) string {
	return patch("{kind: PrometheusRule}", "- {op: "+operation+"}")
}
func monitorPatch(operation string) string {
	return patch("{kind: PodMonitor}", "- {op: "+operation+"}")
}

func TestRefusedSpecsMatchTheGoldenFile(t *testing.T) {
	given := map[string]*v1alpha1.FluxMonitoring{}
	for name, spec := range map[string]string{
		"PromQL that does not parse":                         mine("{record: 'a:b', expr: up}, {alert: Mine, expr: 'sum(up) by (job'}"),
		"no PromQL":                                          mine("{alert: Mine, expr: ''}"),
		"a rule that neither alerts nor records":             mine("{expr: up}"),
		"a rule that alerts and records":                     mine("{alert: A, record: 'a:b', expr: up}"),
		"a recording rule with for":                          mine("{record: 'a:b', expr: up, for: 5m}"),
		"a recording rule with annotations":                  mine("{record: 'a:b', expr: up, annotations: {a: b}}"),
		"a label whose name is none":                         mine("{alert: Mine, expr: up, labels: {my-label: a}}"),
		"two labels whose names are none, the first by name": mine("{alert: Mine, expr: up, labels: {z-z: a, a-a: b}}"),
		"the name of a metric as a label":                    mine("{record: 'a:b', expr: up}, {alert: Mine, expr: up, labels: {__name__: a}}"),
		"an annotation whose name is none":                   mine("{alert: Mine, expr: up, annotations: {what to do: a}}"),
		"a template that does not parse":                     mine("{alert: Mine, expr: up, annotations: {summary: '{{ $labels.kind }'}}"),
		"a template with a function that does not exist":     mine("{alert: Mine, expr: up, labels: {team: '{{ owner . }}'}}"),
		"a recording's name that is none":                    mine("{record: 'my-recording', expr: up}"),
		"a recording's name with braces":                     mine(`{record: 'a{b="c"}', expr: up}`),
		"a rule's time beyond all time":                      mine("{alert: Mine, expr: up, for: 99999999999y}"),
		"rules larger than prometheus-operator accepts":      mine("{alert: Mine, expr: up, annotations: {summary: " + strings.Repeat("x", 1<<19) + "}}"),
		"a group's name that a generated one has":            "alerts: {additionalGroups: [{name: GitOpsToolkit}]}",
		"a group's name twice":                               "alerts: {additionalGroups: [{name: mine}, {name: mine}]}",
		"a group's interval beyond all time":                 "alerts: {additionalGroups: [{name: mine, interval: 99999999999y}]}",
		"a group's label whose name is none":                 "alerts: {additionalGroups: [{name: mine, labels: {my-label: a}}]}",

		"a label on every alert whose name is none":      "alerts: {labels: {my-label: a}}",
		"a cluster that is a broken template":            "clusterName: '{{ eu'",
		"runbooks at a broken template":                  "alerts: {runbookURL: 'https://runbooks.example.com/{{ .Team'}",
		"an annotation of one alert that does not parse": "alerts: {overrides: [{name: FluxControllerDown, annotations: {hint: '{{ .Nothing'}}]}",
		"a severity that is a broken template":           "alerts: {overrides: [{name: FluxControllerDown, severity: '{{ .Team'}]}",
		"a threshold where there is none":                "alerts: {overrides: [{name: FluxControllerDown, threshold: '2'}]}",
		"an override of the heartbeat":                   "alerts: {overrides: [{name: FluxMonitoringHeartbeat, enabled: false}]}",
		"a time beyond all time":                         "alerts: {overrides: [{name: FluxControllerDown, for: 99999999999y}]}",

		// The name of a generated alert may mute others, and the owner label leads an alert to the receivers of its owner.
		"the name of an alert that mutes others": mine("{alert: FluxControllerDown, expr: up}"),
		"the owner label of another on an alert": mine("{alert: Mine, expr: up, labels: {fluxmonitoring: platform/flux}}"),
		"the owner label as a template":          mine("{alert: Mine, expr: up, labels: {fluxmonitoring: '{{ $value }}'}}"),
		"the owner label of another on a group": "alerts: {additionalGroups: [{name: mine, labels: {fluxmonitoring: platform/flux}, " +
			"rules: [{alert: Mine, expr: up}]}]}",
		"the owner label of another on every alert": "alerts: {labels: {fluxmonitoring: platform/flux}}",
		"the owner label of another by a patch":     rulePatch("add, path: /spec/groups/0/labels, value: {fluxmonitoring: platform/flux}"),

		"a scrape timeout of days above the interval": "scrape: {timeout: 1d, interval: 1h}",
		"a relabeling without a target":               "scrape: {relabelings: [{regex: a}]}",
		"a relabeling of samples with a regular expression that is none": "scrape: {metricRelabelings: [" +
			"{action: Drop, regex: a}, {action: Drop, regex: '('}]}",
		"a receiver with a field that does not exist": "notifications: {receivers: [{name: a}, {name: b, slackConfigs: [{chanel: x}]}]}",

		"a patch that breaks a template":            rulePatch(`add, path: /spec/groups/2/rules/0/annotations/summary, value: "{{ .Team"`),
		"a patch that breaks an expression":         rulePatch(`replace, path: /spec/groups/0/rules/0/expr, value: "sum("`),
		"a patch that leaves a rule without a name": rulePatch("add, path: /spec/groups/0/rules/0, value: {expr: up}"),
		"a patch that names two groups alike":       rulePatch("replace, path: /spec/groups/1/name, value: FluxResources"),
		"a patch that breaks a group":               rulePatch("add, path: /spec/groups/1/labels, value: {my-team: a}"),
		"a patch that breaks a relabeling": patch("{kind: PodMonitor, name: flux}",
			`- {op: add, path: /spec/podMetricsEndpoints/0/metricRelabelings/0, value: {action: drop, regex: "("}}`),
		"a patch that renames":               monitorPatch("replace, path: /metadata/name, value: other"),
		"a patch that moves":                 monitorPatch("replace, path: /metadata/namespace, value: other"),
		"a patch that makes another kind":    monitorPatch("replace, path: /kind, value: ServiceMonitor"),
		"a patch that makes another version": monitorPatch("replace, path: /apiVersion, value: monitoring.coreos.com/v2"),
		"a patch that removes an object": patch("{kind: PodMonitor}",
			"{$patch: delete, apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: flux}}"),
		"a patch that gives two objects one name": patch("{kind: PodMonitor, name: flux-exporter}", "- {op: replace, path: /metadata/name, value: flux}"),
		"a patch with a version of the object":    monitorPatch("add, path: /metadata/resourceVersion, value: 5"),
		"a patch with a label that is not text":   monitorPatch("add, path: /metadata/labels/size, value: 5"),
		"a patch of which no labels are left":     monitorPatch("replace, path: /metadata/labels, value: none"),
		"a patch that is none":                    patch("{kind: PodMonitor}", "anything"),
		"a patch of a path that is not there":     monitorPatch("remove, path: /spec/nothing"),
		"a patch of an operation that is none":    monitorPatch("change, path: /spec"),
		"a target that is no pattern":             patch("{name: '('}", "- {op: remove, path: /spec}"),
		"no target and no such object":            "patches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: a}}'}]",
	} {
		given[name] = monitoring(t, spec)
	}
	expectRefused(t, "refused.yaml", given, 500*mebibyte)
}

// expectRefused expects that each spec is refused at no higher cost, with the field and the message that a golden file has.
func expectRefused(t *testing.T, file string, given map[string]*v1alpha1.FluxMonitoring, allocated uint64) {
	t.Helper()
	messages := map[string]map[string]string{}
	cluster := everything()
	_, err := Objects(monitoring(t, "{}"), cluster) // what is made once is made
	must(t, err)
	for name, fm := range given {
		var objects []*unstructured.Unstructured
		if cost := cost.Allocated(func() { objects, err = Objects(fm, cluster) }); cost > allocated {
			t.Errorf("%s: it allocates %d bytes", name, cost)
		}
		var invalid *ConfigurationError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		NewWithT(t).Expect(err).To(BeIdenticalTo(invalid), name)
		NewWithT(t).Expect(objects).To(BeNil(), name)
		if messages[invalid.Field] == nil {
			messages[invalid.Field] = map[string]string{}
		}
		messages[invalid.Field][name] = errors.Unwrap(err).Error()
	}
	golden.YAML(t, "testdata/"+file, messages)
}
