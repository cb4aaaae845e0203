package observe

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/selection"
)

func matching(key, value string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
}

func about(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: "monitoring", Name: name, UID: "uid", ResourceVersion: "10", Generation: 2,
		Labels: map[string]string{"team": "a"}, Annotations: map[string]string{"a": "b"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "helm"}},
	}
}

// selecting are fields of a spec: those that select, and some that facts do not need.
const selecting = `podMonitorSelector: {matchLabels: {release: kps}}, podMonitorNamespaceSelector: {matchLabels: {scrape: "yes"}},
  ignoreNamespaceSelectors: true, image: a, serviceMonitorSelector: {matchLabels: {not: read}}`

// prometheusOf is a Prometheus with a spec in YAML.
func prometheusOf(t *testing.T, spec string) *monitoringv1.Prometheus {
	return specified[monitoringv1.Prometheus](t, spec)
}

func TestAnInstanceIsReadFromItsObject(t *testing.T) {
	agent := specified[monitoringv1alpha1.PrometheusAgent](t, "{"+selecting+"}")
	server := prometheusOf(t, "{"+selecting+", ruleSelector: {matchLabels: {role: rules}}, ruleNamespaceSelector: {}}")
	agent.ObjectMeta, server.ObjectMeta = about("agent"), about("server")
	unusual := prometheusOf(t, `{evaluationInterval: 10m, replicas: 0, paused: true, shards: 3, enforcedTargetLimit: 5, targetLimit: 7,
		remoteRead: [{url: "http://a"}, {url: "http://b"}]}`)
	unusual.DeletionTimestamp = &metav1.Time{}
	labelling := prometheusOf(t, `{externalLabels: {region: eu}, podTargetLabels: [team], enforcedNamespaceLabel: namespace,
		replicaExternalLabelName: replica, prometheusExternalLabelName: "", scrapeClasses: [
			{name: asked, relabelings: [{}]}, {name: all, default: true, metricRelabelings: [{}]}, {name: token, authorization: {}}]}`)
	monitors := selection.Selectors{Objects: matching("release", "kps"), Namespaces: matching("scrape", "yes")}
	for name, c := range map[string]struct {
		object   any
		instance selection.Instance
	}{
		"a Prometheus": {server, selection.Instance{
			Kind: "Prometheus", Namespace: "monitoring", Name: "server", Labels: map[string]string{"team": "a"}, PodMonitors: monitors,
			Rules: selection.Selectors{Objects: matching("role", "rules"), Namespaces: &metav1.LabelSelector{}}, IgnoresNamespaceSelectors: true,
		}},
		"a PrometheusAgent, which has no rules": {agent, selection.Instance{
			Kind: "PrometheusAgent", Namespace: "monitoring", Name: "agent", Labels: map[string]string{"team": "a"}, PodMonitors: monitors,
			IgnoresNamespaceSelectors: true,
		}},
		"a Prometheus without a spec": {&monitoringv1.Prometheus{}, selection.Instance{Kind: "Prometheus"}},
		"a Prometheus with Alertmanagers": {prometheusOf(t, "alerting: {alertmanagers: [{name: main}, {name: main}, {namespace: other, name: other}]}"), selection.Instance{
			Kind: "Prometheus", Alerting: true, Recipients: []selection.Recipient{{Service: "main"}, {Namespace: "other", Service: "other"}},
		}},
		"a Prometheus with Alertmanagers in a Secret": {prometheusOf(t, "additionalAlertManagerConfigs: {key: a}"), selection.Instance{Kind: "Prometheus", Alerting: true, HiddenRecipients: true}},
		"a Prometheus with a list of no Alertmanager": {prometheusOf(t, "alerting: {alertmanagers: []}"), selection.Instance{Kind: "Prometheus"}},
		"a Prometheus with unusual settings": {unusual, selection.Instance{Kind: "Prometheus", Operation: selection.Operation{
			Deleting: true, Stopped: true, Paused: true, Shards: 3, TargetLimit: 5, ReceivesSamples: true, EvaluationInterval: "10m",
		}}},
		"a Prometheus that adds labels": {labelling, selection.Instance{Kind: "Prometheus", Operation: selection.Operation{
			AddedLabels: []string{"namespace", "region", "replica", "team"}, Relabels: true,
			Classes: []selection.ScrapeClass{{Name: "asked"}, {Name: "all", Default: true}, {Name: "token", Authorizes: true}},
		}}},
		"a Prometheus that receives samples":     {prometheusOf(t, "enableRemoteWriteReceiver: true"), selection.Instance{Kind: "Prometheus", Operation: selection.Operation{ReceivesSamples: true}}},
		"a Prometheus with configured scrapes":   {prometheusOf(t, "{additionalScrapeConfigs: {key: a}, targetLimit: 7}"), selection.Instance{Kind: "Prometheus", Operation: selection.Operation{ReceivesSamples: true, TargetLimit: 7}}},
		"a PrometheusAgent without replicas":     {specified[monitoringv1alpha1.PrometheusAgent](t, "replicas: 0"), selection.Instance{Kind: "PrometheusAgent", Operation: selection.Operation{Stopped: true}}},
		"a PrometheusAgent with a pod on a node": {specified[monitoringv1alpha1.PrometheusAgent](t, "{replicas: 0, mode: DaemonSet}"), selection.Instance{Kind: "PrometheusAgent"}},
		"anything else":                          {&corev1.ConfigMap{}, selection.Instance{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			kept, err := Strip(c.object)
			must(t, err)
			for _, object := range []any{c.object, kept} { // a cache keeps what is read
				i, ok := InstanceOf(object)
				g.Expect(ok).To(Equal(c.instance.Kind != ""))
				g.Expect(i).To(Equal(c.instance))
			}
		})
	}
}

func TestInstancesAreSorted(t *testing.T) {
	ordered := []selection.Instance{
		{Kind: "Prometheus", Namespace: "a", Name: "a"}, {Kind: "Prometheus", Namespace: "a", Name: "b"},
		{Kind: "Prometheus", Namespace: "b", Name: "a"}, {Kind: "PrometheusAgent", Namespace: "a", Name: "a"},
	}
	rapid.Check(t, func(t *rapid.T) {
		shuffled := rapid.Permutation(ordered).Draw(t, "shuffled")
		sortInstances(shuffled)
		NewWithT(t).Expect(shuffled).To(Equal(ordered))
	})
}
