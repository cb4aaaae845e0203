package stack_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/stack"
	"github.com/fluxmonitoring/operator/test/golden"
)

// with is a FluxMonitoring with these fields of kubePrometheusStack, and more of its spec.
func with(t *testing.T, fields string, more ...string) *v1alpha1.FluxMonitoring {
	t.Helper()
	fm := &v1alpha1.FluxMonitoring{}
	fm.Namespace, fm.Name = "monitoring", "flux"
	spec := append([]string{"stack: {kubePrometheusStack: " + fields + "}"}, more...)
	NewWithT(t).Expect(yaml.UnmarshalStrict([]byte("{"+strings.Join(spec, ", ")+"}"), &fm.Spec)).To(Succeed())
	return fm
}

func TestAStackNeedsAnAllowedNamespaceOrAnAccount(t *testing.T) {
	g := NewWithT(t)
	g.Expect(stack.Refused(with(t, "{}"), false)).To(Equal(
		"spec.stack is not allowed in namespace monitoring: set spec.serviceAccountName, or add it to --stack-namespaces"))
	g.Expect(stack.Refused(with(t, "{serviceAccountName: stack}"), false)).NotTo(BeEmpty(), "the HelmRelease would be created with the operator's permissions")
	g.Expect(stack.Refused(with(t, "{}"), true)).To(BeEmpty())
	g.Expect(stack.Refused(with(t, "{}", "serviceAccountName: tenant"), false)).To(BeEmpty())
	g.Expect(stack.Refused(&v1alpha1.FluxMonitoring{}, false)).To(BeEmpty())
}

func TestTheNamesAreThoseOfTheChart(t *testing.T) {
	long := strings.Repeat("a", 63)
	for name, c := range map[string]struct {
		fields string
		want   stack.Names
	}{
		"by default": {"{}", stack.Names{
			Operator: "flux-stack-kube-prometheus-operator", PrometheusObject: "flux-stack-kube-prometheus", AlertmanagerObject: "flux-stack-kube-prometheus",
			GrafanaDeployment: "flux-stack-grafana", Grafana: stack.Server{Service: "flux-stack-grafana", Port: 80},
			Prometheus:   stack.Server{Service: "flux-stack-kube-prometheus-prometheus", Port: 9090},
			Alertmanager: stack.Server{Service: "flux-stack-kube-prometheus-alertmanager", Port: 9093},
		}},
		"of a release with the name of the chart": {"{releaseName: my-kube-prometheus-stack, values: 'alertmanager: {enabled: false}'}", stack.Names{
			Operator: "my-kube-prometheus-stack-operator", PrometheusObject: "my-kube-prometheus-stack",
			GrafanaDeployment: "my-kube-prometheus-stack-grafana", Grafana: stack.Server{Service: "my-kube-prometheus-stack-grafana", Port: 80},
			Prometheus: stack.Server{Service: "my-kube-prometheus-stack-prometheus", Port: 9090},
		}},
		"that the values set": {"{values: '{fullnameOverride: kps, grafana: {fullnameOverride: g}, cleanPrometheusOperatorObjectNames: false}'}", stack.Names{
			Operator: "kps-operator", PrometheusObject: "kps-prometheus", AlertmanagerObject: "kps-alertmanager",
			GrafanaDeployment: "g", Grafana: stack.Server{Service: "g", Port: 80},
			Prometheus: stack.Server{Service: "kps-prometheus", Port: 9090}, Alertmanager: stack.Server{Service: "kps-alertmanager", Port: 9093},
		}},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(stack.NamesOf(with(t, c.fields))).To(Equal(c.want)) })
	}
	fm := with(t, "{}")
	fm.Name = long
	NewWithT(t).Expect(stack.ReleaseName(fm)).To(MatchRegexp("^a{40}-[0-9a-f]{12}$"))
}

func TestValuesThatCannotBeReadAreRefused(t *testing.T) {
	for text, says := range map[string]string{
		`a: [`:                        "yaml: line 1: did not find expected node content",
		"a: &b {}\\nc: *b":            "line 1: the anchor &b is not allowed: write the value out wherever it is needed",
		"- a":                         "cannot unmarshal array into Go value of type map[string]interface {}",
		"a: 1\\na: 2":                 `key "a" already set in map`,
		"a: 1\\n---\\nb: 2":           "it has several YAML documents: write one",
		strings.Repeat("a", 64<<10+1): "more than the 65536 allowed",
	} {
		_, err := stack.UserValues(with(t, `{values: "`+text+`"}`))
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(says)))
	}
}

// The keys are those of the values that something else needs. A value of the chart that nothing needs is the user's own matter.
func TestAValueThatContradictsTheOthersIsNamed(t *testing.T) {
	kubeStateMetrics, manual := "resourceMetrics: {source: KubeStateMetrics}", "prometheus: {labelPolicy: Manual}"
	receivers := "notifications: {receivers: [{name: a}]}"
	for name, c := range map[string]struct {
		values, more string
		keys         []string
	}{
		"nothing": {"", "", nil},
		"what is nobody's matter": {"grafana: {replicas: 2}, prometheus: {prometheusSpec: {podMonitorSelectorNilUsesHelmValues: true}}, " +
			"kubeStateMetrics: {enabled: false}, prometheusOperator: {tls: {enabled: false}}", "", nil},
		"everything off": {"prometheusOperator: {enabled: false}, prometheus: {enabled: false}, alertmanager: {enabled: false}, grafana: {enabled: false}", "",
			[]string{"prometheusOperator.enabled", "prometheus.enabled", "alertmanager.enabled", "grafana.enabled"}},
		"off without alerts and dashboards": {"alertmanager: {enabled: false}, grafana: {enabled: false}", "alerts: {enabled: false}, dashboards: {enabled: false}", nil},
		"no state of objects":               {"kubeStateMetrics: {enabled: false}", kubeStateMetrics, []string{"kubeStateMetrics.enabled"}},
		"labels that nobody adds": {"prometheus: {prometheusSpec: {podMonitorSelectorNilUsesHelmValues: true, ruleSelectorNilUsesHelmValues: true}}", manual,
			[]string{"prometheus.prometheusSpec.podMonitorSelectorNilUsesHelmValues", "prometheus.prometheusSpec.ruleSelectorNilUsesHelmValues"}},
		"an agent, and alerts of one namespace": {"prometheus: {agentMode: true}, alertmanager: {alertmanagerSpec: {alertmanagerConfigMatcherStrategy: {type: OnNamespace}}}", receivers,
			[]string{"prometheus.agentMode", "alertmanager.alertmanagerSpec.alertmanagerConfigMatcherStrategy.type"}},
		"a Grafana that loads nothing": {"grafana: {admin: {existingSecret: own}, sidecar: {dashboards: {enabled: false, searchNamespace: [a]}}}", "",
			[]string{"grafana.admin.existingSecret", "grafana.sidecar.dashboards.enabled", "grafana.sidecar.dashboards.searchNamespace"}},
		"two that upgrade the CRDs":    {"crds: {upgradeJob: {enabled: true}}, namespaceOverride: other", "", []string{"namespaceOverride", "crds.upgradeJob.enabled"}},
		"a gate that outlives it":      {"prometheusOperator: {featureGates: {StatusForConfigurationResources: true}}", "", []string{"prometheusOperator.featureGates.StatusForConfigurationResources"}},
		"a namespace that is searched": {"grafana: {sidecar: {dashboards: {searchNamespace: 'a,monitoring'}}}", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var keys []string
			for _, found := range stack.Contradictions(with(t, `{values: "{`+c.values+`}"}`, c.more)) {
				keys = append(keys, found.Key)
			}
			NewWithT(t).Expect(keys).To(Equal(c.keys))
		})
	}
}

func TestTheValuesMatchTheGoldenFile(t *testing.T) {
	golden.YAML(t, "testdata/values.yaml", map[string]any{
		"by default": stack.Values(with(t, "{}")),
		"with addresses and a Secret": stack.Values(with(t, "{grafana: {existingSecret: own, externalURL: 'https://grafana'}, "+
			"prometheus: {externalURL: 'https://prometheus'}, alertmanager: {externalURL: 'https://alertmanager'}}")),
	})
}
