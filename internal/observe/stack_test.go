package observe

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/facts"
)

func TestAStackIsRecognisedByWhatACacheKeeps(t *testing.T) {
	for name, c := range map[string]struct {
		containers string
		available  string
		operator   []string
		part       facts.StackPart
	}{
		"prometheus-operator of the chart": {`{name: kube-prometheus-stack, image: "quay.io/prometheus-operator/prometheus-operator:v0.93.1"}`, "True",
			[]string{"true"}, facts.StackPart{Kind: "Deployment", Name: "d", Available: true}},
		"prometheus-operator of a mirror": {`{name: prometheus-operator, image: "mirror/po@sha256:00"}`, "False", []string{"true"}, facts.StackPart{Kind: "Deployment", Name: "d"}},
		"Grafana without a sidecar":       {`{name: grafana, image: "grafana/grafana:13.2.0"}`, "True", nil, facts.StackPart{Kind: "Deployment", Name: "d", Available: true}},
		"anything else":                   {`{name: app, image: "prometheus-operator-admission:v1"}`, "True", nil, facts.StackPart{}},
	} {
		t.Run(name, func(t *testing.T) {
			g, d := NewWithT(t), &appsv1.Deployment{}
			must(t, yaml.UnmarshalStrict([]byte("{metadata: {name: d, labels: {helm.toolkit.fluxcd.io/name: r, other: x}}, spec: {template: {spec: {containers: ["+
				c.containers+"]}}}, status: {conditions: [{type: Progressing, status: 'True'}, {type: Available, status: '"+c.available+"', message: m}]}}"), d))
			kept, err := StripDeployment(d)
			must(t, err)
			for _, o := range []client.Object{d, kept.(client.Object)} {
				g.Expect(IndexOperator(o)).To(Equal(c.operator))
				g.Expect(StackPartOf(o)).To(Equal(c.part))
			}
			if c.operator != nil {
				g.Expect(kept.(client.Object).GetLabels()).To(Equal(map[string]string{"helm.toolkit.fluxcd.io/name": "r"}))
			}
		})
	}
}

func TestAvailableIsTheConditionOfAnObjectOfPrometheusOperator(t *testing.T) {
	for status, available := range map[monitoringv1.ConditionStatus]bool{"True": true, "Degraded": false, "False": false} {
		conditions := []monitoringv1.Condition{{Type: "Reconciled", Status: "True"}, {Type: "Available", Status: status, Message: "m"}}
		for _, o := range []client.Object{
			&monitoringv1.Prometheus{Status: monitoringv1.PrometheusStatus{Conditions: conditions}},
			&monitoringv1.Alertmanager{Status: monitoringv1.AlertmanagerStatus{Conditions: conditions}},
		} {
			kept, err := Strip(o)
			must(t, err)
			NewWithT(t).Expect([]bool{AvailableOf(o), AvailableOf(kept.(client.Object))}).To(Equal([]bool{available, available}))
		}
	}
	NewWithT(t).Expect(AvailableOf(&corev1.Pod{})).To(BeFalse())
}

func TestACacheKeepsOfAHelmReleaseWhatStackReadyFollows(t *testing.T) {
	release := &unstructured.Unstructured{}
	content, err := yaml.YAMLToJSON([]byte(`
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: flux-stack, generation: 2, labels: {fluxmonitoring.dev/name: flux}}
spec: {suspend: true, values: {password: s3cret}}
status:
  observedGeneration: 2
  upgradeFailures: 1
  lastAttemptedReleaseActionDuration: 3s
  conditions: [{type: Ready, status: "False", reason: UpgradeFailed, message: m, observedGeneration: 2, lastTransitionTime: "2026-01-01T00:00:00Z"}]
  history: [{version: 2, status: failed, chartName: c, chartVersion: 1.0.0, digest: "sha256:0", name: r, namespace: n, configDigest: "sha256:1", firstDeployed: "2026-01-01T00:00:00Z", lastDeployed: "2026-01-01T00:00:00Z"}]
`))
	must(t, err)
	must(t, release.UnmarshalJSON(content))
	kept := StripRelease(release)
	got := ReleaseOf(kept)
	text, err := yaml.Marshal(got)
	must(t, err)
	NewWithT(t).Expect(string(text)).To(MatchYAML(`
Generation: 2
Suspended: true
Status:
  observedGeneration: 2
  upgradeFailures: 1
  conditions: [{type: Ready, status: "False", reason: UpgradeFailed, message: m, observedGeneration: 2, lastTransitionTime: null}]
  history: [{version: 2, status: failed, chartName: c, chartVersion: 1.0.0, digest: "", name: "", namespace: "", configDigest: "", deleted: null, firstDeployed: null, lastDeployed: null}]
`))
	text, err = kept.MarshalJSON()
	must(t, err)
	NewWithT(t).Expect(string(text)).NotTo(ContainSubstring("s3cret"))
	release.Object["status"] = map[string]any{"observedGeneration": "two"}
	NewWithT(t).Expect(ReleaseOf(release)).To(Equal(facts.StackRelease{Generation: 2, Suspended: true}))
}
