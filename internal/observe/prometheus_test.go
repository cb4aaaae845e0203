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

func selectingFields() monitoringv1.CommonPrometheusFields {
	return monitoringv1.CommonPrometheusFields{
		PodMonitorSelector: matching("release", "kps"), PodMonitorNamespaceSelector: matching("scrape", "yes"),
		IgnoreNamespaceSelectors: true, Image: new(string), ServiceMonitorSelector: matching("not", "read"),
	}
}

func pointer[T any](value T) *T { return &value }

func TestWhatAnInstanceSelects(t *testing.T) {
	agent := &monitoringv1alpha1.PrometheusAgent{ObjectMeta: about("agent")}
	agent.Spec.CommonPrometheusFields = selectingFields()
	server := &monitoringv1.Prometheus{ObjectMeta: about("server")}
	server.Spec.CommonPrometheusFields = selectingFields()
	server.Spec.RuleSelector, server.Spec.RuleNamespaceSelector = matching("role", "rules"), &metav1.LabelSelector{}
	telling, configured, silent := &monitoringv1.Prometheus{}, &monitoringv1.Prometheus{}, &monitoringv1.Prometheus{}
	telling.Spec.Alerting = &monitoringv1.AlertingSpec{Alertmanagers: []monitoringv1.AlertmanagerEndpoints{{Name: "main"}, {Name: "main"}, {Namespace: pointer("other"), Name: "other"}}}
	configured.Spec.AdditionalAlertManagerConfigs = &corev1.SecretKeySelector{Key: "alertmanagers.yaml"}
	silent.Spec.Alerting = &monitoringv1.AlertingSpec{}
	unusual, written, federating := &monitoringv1.Prometheus{}, &monitoringv1.Prometheus{}, &monitoringv1.Prometheus{}
	unusual.DeletionTimestamp, unusual.Spec.EvaluationInterval = &metav1.Time{}, "10m"
	unusual.Spec.Replicas, unusual.Spec.Paused, unusual.Spec.Shards = new(int32), true, pointer(int32(3))
	unusual.Spec.EnforcedTargetLimit, unusual.Spec.TargetLimit = pointer(int64(5)), pointer(int64(7))
	unusual.Spec.RemoteRead = []monitoringv1.RemoteReadSpec{{URL: "http://a"}, {URL: "http://b"}}
	written.Spec.EnableRemoteWriteReceiver = true
	federating.Spec.AdditionalScrapeConfigs, federating.Spec.TargetLimit = &corev1.SecretKeySelector{Key: "a"}, pointer(int64(7))
	labelling := &monitoringv1.Prometheus{}
	labelling.Spec.ExternalLabels, labelling.Spec.PodTargetLabels = map[string]string{"region": "eu"}, []string{"team"}
	labelling.Spec.EnforcedNamespaceLabel, labelling.Spec.ReplicaExternalLabelName = "namespace", pointer("replica")
	labelling.Spec.PrometheusExternalLabelName = pointer("")
	labelling.Spec.ScrapeClasses = []monitoringv1.ScrapeClass{
		{Name: "asked", Relabelings: make([]monitoringv1.RelabelConfig, 1)},
		{Name: "all", Default: pointer(true), MetricRelabelings: make([]monitoringv1.RelabelConfig, 1)},
		{Name: "token", Authorization: &monitoringv1.Authorization{}},
	}
	stopped, everywhere := &monitoringv1alpha1.PrometheusAgent{}, &monitoringv1alpha1.PrometheusAgent{}
	stopped.Spec.Replicas, everywhere.Spec.Replicas = new(int32), new(int32)
	everywhere.Spec.Mode = pointer(monitoringv1alpha1.DaemonSetPrometheusAgentMode)
	monitors := selection.Selectors{Objects: matching("release", "kps"), Namespaces: matching("scrape", "yes")}
	for name, c := range map[string]struct {
		object   any
		instance *selection.Instance
	}{
		"a Prometheus": {server, &selection.Instance{
			Kind: "Prometheus", Namespace: "monitoring", Name: "server", Labels: map[string]string{"team": "a"}, PodMonitors: monitors,
			Rules: selection.Selectors{Objects: matching("role", "rules"), Namespaces: &metav1.LabelSelector{}}, IgnoresNamespaceSelectors: true,
		}},
		"a PrometheusAgent, which has no rules": {agent, &selection.Instance{
			Kind: "PrometheusAgent", Namespace: "monitoring", Name: "agent", Labels: map[string]string{"team": "a"}, PodMonitors: monitors,
			IgnoresNamespaceSelectors: true,
		}},
		"a Prometheus that says nothing": {
			&monitoringv1.Prometheus{}, &selection.Instance{Kind: "Prometheus"},
		},
		"a Prometheus with Alertmanagers": {telling, &selection.Instance{
			Kind: "Prometheus", Alerting: true, Recipients: []selection.Recipient{{Service: "main"}, {Namespace: "other", Service: "other"}},
		}},
		"a Prometheus with Alertmanagers in a Secret": {configured, &selection.Instance{Kind: "Prometheus", Alerting: true, HiddenRecipients: true}},
		"a Prometheus with a list of no Alertmanager": {silent, &selection.Instance{Kind: "Prometheus"}},
		"a Prometheus that does not work as others": {unusual, &selection.Instance{Kind: "Prometheus", Operation: selection.Operation{
			Deleting: true, Stopped: true, Paused: true, Shards: 3, TargetLimit: 5, ReceivesSamples: true, EvaluationInterval: "10m",
		}}},
		"a Prometheus that adds labels": {labelling, &selection.Instance{Kind: "Prometheus", Operation: selection.Operation{
			AddedLabels: []string{"namespace", "region", "replica", "team"}, Relabels: true,
			Classes: []selection.ScrapeClass{{Name: "asked"}, {Name: "all", Default: true}, {Name: "token", Authorizes: true}},
		}}},
		"a Prometheus that others write into":    {written, &selection.Instance{Kind: "Prometheus", Operation: selection.Operation{ReceivesSamples: true}}},
		"a Prometheus with configured scrapes":   {federating, &selection.Instance{Kind: "Prometheus", Operation: selection.Operation{ReceivesSamples: true, TargetLimit: 7}}},
		"a PrometheusAgent without replicas":     {stopped, &selection.Instance{Kind: "PrometheusAgent", Operation: selection.Operation{Stopped: true}}},
		"a PrometheusAgent with a pod on a node": {everywhere, &selection.Instance{Kind: "PrometheusAgent"}},
		"anything else":                          {&corev1.ConfigMap{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			i, ok := InstanceOf(c.object)
			g.Expect(ok).To(Equal(c.instance != nil))
			if c.instance == nil {
				c.instance = &selection.Instance{}
			}
			g.Expect(i).To(Equal(*c.instance))

			kept, err := Strip(c.object)
			g.Expect(err).NotTo(HaveOccurred())
			stripped, _ := InstanceOf(kept)
			g.Expect(stripped).To(Equal(i), "a cache keeps what is read")
		})
	}
}

func TestOfAPrometheusACacheKeepsWhatSelectsAlone(t *testing.T) {
	g := NewWithT(t)
	full := &monitoringv1.Prometheus{ObjectMeta: about("server")}
	full.Spec.CommonPrometheusFields = selectingFields()
	full.Spec.RuleSelector, full.Spec.Retention = matching("role", "rules"), "10d"
	full.Status.Replicas = 2
	kept, err := Strip(full)
	g.Expect(err).NotTo(HaveOccurred())
	want := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{
		Namespace: "monitoring", Name: "server", UID: "uid", ResourceVersion: "10", Generation: 2, Labels: map[string]string{"team": "a"},
	}}
	want.Spec.PodMonitorSelector, want.Spec.PodMonitorNamespaceSelector = matching("release", "kps"), matching("scrape", "yes")
	want.Spec.IgnoreNamespaceSelectors, want.Spec.RuleSelector = true, matching("role", "rules")
	g.Expect(kept).To(Equal(want))
}

func TestInstancesAreInOneOrder(t *testing.T) {
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
