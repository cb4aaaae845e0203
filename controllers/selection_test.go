package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestLabelsThatSelectorsRequireAreAdded(t *testing.T) {
	p, fm := shared.in(t).monitored("Scraped=Unknown/Selected")
	p.Expect(p.get("PodMonitor", "flux").GetLabels()).To(HaveKeyWithValue("release", "kube-prometheus-stack"))
	p.Expect(p.get("PrometheusRule", "flux").GetLabels()).To(HaveKeyWithValue("release", "kube-prometheus-stack"))
	p.Expect(message(fm, "Scraped")).To(Equal("selected by Prometheus " + p.namespace + "/k8s; spec.prometheus.verify.mode is Off, so it is not asked"))

	changed(p, &monitoringv1.Prometheus{}, "k8s", func(o *monitoringv1.Prometheus) {
		o.Spec.PodMonitorSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "platform"}}
	})
	p.eventually("the PodMonitor follows", func() bool {
		labels := p.get("PodMonitor", "flux").GetLabels()
		return labels["team"] == "platform" && labels["release"] == ""
	})
}

func TestIssuesOfAPrometheusAreReported(t *testing.T) {
	p := shared.in(t).withFlux()
	p.withPrometheus(func(o *monitoringv1.Prometheus) {
		o.Spec.PodMonitorNamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"scrape": "yes"}}
		o.Spec.RuleSelector = nil
	})
	fm := p.settled(p.create(), ready, "Scraped=False/NotSelected")
	p.Expect(fm.Status.Prometheuses).To(Equal([]v1alpha1.PrometheusStatus{{
		Kind: "Prometheus", Namespace: p.namespace, Name: "k8s", PodMonitorsSelected: new(false), RulesSelected: new(false),
		Issues: []v1alpha1.PrometheusIssue{
			{Reason: "NamespaceNotSelected", Field: "spec.podMonitorNamespaceSelector",
				Message: "spec.podMonitorNamespaceSelector requires label scrape=yes on namespace " + p.namespace},
			{Reason: "SelectorNotSet", Field: "spec.ruleSelector",
				Message: "spec.ruleSelector is not set, so it selects no PrometheusRule: set it, for example to {}"},
		},
	}}))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Warning NotSelected " + message(fm, "Scraped")))
}

func TestManualLabelPolicyAddsNoLabels(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Prometheus.LabelPolicy = v1alpha1.LabelPolicyManual
		onlyScraped(fm)
	}), ready, "Scraped=False/NotSelected")
	p.Expect(p.get("PodMonitor", "flux").GetLabels()).NotTo(HaveKey("release"))
	p.Expect(message(fm, "Scraped")).To(Equal("Prometheus " + p.namespace + "/k8s: " +
		"spec.podMonitorSelector requires label release=kube-prometheus-stack on the PodMonitor"))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.CommonMetadata.Labels = map[string]string{"release": "kube-prometheus-stack"}
	})
	p.settled(fm, ready, "Scraped=Unknown/Selected")
}

func TestAPrometheusAgentScrapesAndEvaluatesNothing(t *testing.T) {
	p := shared.in(t).withFlux()
	agent := &monitoringv1alpha1.PrometheusAgent{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "agent", Labels: p.mine}}
	agent.Spec.PodMonitorSelector = &metav1.LabelSelector{}
	p.must(p.Create(t.Context(), agent))
	fm := p.settled(p.create(), ready, "Scraped=Unknown/Selected", "AlertsEffective=Unknown/NoPrometheus")
	p.Expect(fm.Status.Prometheuses).To(Equal([]v1alpha1.PrometheusStatus{
		{Kind: "PrometheusAgent", Namespace: p.namespace, Name: "agent", PodMonitorsSelected: new(true)},
	}))
	p.Expect(message(fm, "AlertsEffective")).To(HavePrefix("a PrometheusAgent evaluates no rules: "))
}

func TestIgnoredNamespaceSelectorsAreReported(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus(func(o *monitoringv1.Prometheus) { o.Spec.IgnoreNamespaceSelectors = true })
	fm := p.settled(p.create(), ready, "Scraped=False/NotSelected")
	p.Expect(message(fm, "Scraped")).To(Equal("Prometheus " + p.namespace + "/k8s: spec.ignoreNamespaceSelectors is true, so the " +
		"PodMonitor finds pods in " + p.namespace + " only: create the FluxMonitoring in namespace " + p.flux +
		"; spec.ignoreNamespaceSelectors is true, so PodMonitor flux-exporter does not find the operator in namespace " +
		"fluxmonitoring-system: scrape its port exporter by a PodMonitor there, or run the operator in namespace " + p.namespace +
		"; spec.ignoreNamespaceSelectors is true, so PodMonitor flux-fluxmonitoring does not find the operator in namespace " +
		"fluxmonitoring-system: scrape its port metrics by a PodMonitor there, or run the operator in namespace " + p.namespace))
}
