package controllers_test

import (
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// withAlertmanager creates an Alertmanager in the place's namespace that selects by a label, in its own namespace only so that
// tests do not meet, and routes every alert.
func (p *place) withAlertmanager(change ...func(*monitoringv1.Alertmanager)) *place {
	p.t.Helper()
	a := &monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "main"}}
	a.Spec.AlertmanagerConfigSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"alertmanager": "main"}}
	a.Spec.AlertmanagerConfigMatcherStrategy.Type = monitoringv1.NoneConfigMatcherStrategyType
	for _, c := range change {
		c(a)
	}
	p.must(p.Create(p.t.Context(), a))
	return p
}

// changed changes an object that is there.
func changed[T client.Object](p *place, o T, name string, change func(T)) {
	p.t.Helper()
	p.must(p.Get(p.t.Context(), client.ObjectKey{Namespace: p.namespace, Name: name}, o))
	change(o)
	p.must(p.Update(p.t.Context(), o))
}

func TestAlertsEffectiveFollowsAlertsToAnAlertmanager(t *testing.T) {
	p := shared.in(t).withFlux()
	fm := p.settled(p.create(), ready, "AlertsEffective=Unknown/NoPrometheus")
	p.Expect(message(fm, "AlertsEffective")).To(Equal(
		"spec.prometheus selects no Prometheus: create one, widen its selectors, or check the ruler that you use"))

	p.withPrometheus(func(o *monitoringv1.Prometheus) { o.Spec.RuleSelector, o.Spec.Alerting = nil, nil })
	p.settled(fm, ready, "AlertsEffective=False/NotSelected")
	p.Expect(message(fm, "AlertsEffective")).To(Equal("no alert can fire, because no Prometheus selects the PrometheusRule: Prometheus " +
		p.namespace + "/k8s: spec.ruleSelector is not set, so it selects no PrometheusRule: set it, for example to {}"))

	changed(p, &monitoringv1.Prometheus{}, "k8s", func(o *monitoringv1.Prometheus) { o.Spec.RuleSelector = &metav1.LabelSelector{} })
	p.settled(fm, ready, "AlertsEffective=False/NoAlertmanager")
	p.Expect(message(fm, "AlertsEffective")).To(Equal("no alert reaches anybody: Prometheus " + p.namespace +
		"/k8s has no Alertmanager configured: set its spec.alerting.alertmanagers"))

	changed(p, &monitoringv1.Prometheus{}, "k8s", func(o *monitoringv1.Prometheus) {
		o.Spec.Alerting = &monitoringv1.AlertingSpec{Alertmanagers: []monitoringv1.AlertmanagerEndpoints{{Name: "main", Port: intstr.FromInt32(9093)}}}
	})
	p.settled(fm, ready, "AlertsEffective=Unknown/NotSeen")
	p.Expect(message(fm, "AlertsEffective")).To(Equal("Prometheus " + p.namespace + "/k8s sends alerts to Service " + p.namespace +
		"/main, which belongs to no Alertmanager object in namespace " + p.namespace + ": the operator cannot see whether an Alertmanager answers there"))

	p.withAlertmanager()
	p.settled(fm, ready, "AlertsEffective=True/Effective")
	changed(p, &monitoringv1.Alertmanager{}, "main", func(a *monitoringv1.Alertmanager) { a.Spec.Replicas = new(int32(0)) })
	p.settled(fm, ready, "AlertsEffective=False/NoAlertmanager")
	p.Expect(message(fm, "AlertsEffective")).To(Equal("no alert reaches anybody: Prometheus " + p.namespace + "/k8s sends alerts to Service " +
		p.namespace + "/main of Alertmanager main: spec.replicas is 0, so nothing of it runs: set it to 1 or more"))
}

func TestAlertsSentToAMissingAlertmanagerAreNotEffective(t *testing.T) {
	p, fm := shared.in(t).monitored("AlertsEffective=True/Effective")
	p.must(p.Delete(t.Context(), &monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "k8s"}}))
	p.settled(fm, ready, "AlertsEffective=False/NoAlertmanager")
	p.Expect(message(fm, "AlertsEffective")).To(Equal("no alert reaches anybody: Prometheus " + p.namespace + "/k8s sends alerts to Service " +
		p.namespace + "/alertmanager-operated, and namespace " + p.namespace +
		" has no Alertmanager object for which prometheus-operator creates it: create one, or correct spec.alerting.alertmanagers"))

	changed(p, &monitoringv1.Prometheus{}, "k8s", func(o *monitoringv1.Prometheus) {
		o.Spec.AdditionalAlertManagerConfigs = &corev1.SecretKeySelector{Key: "alertmanagers.yaml"}
		o.Spec.AdditionalAlertManagerConfigs.Name = "alertmanagers"
	})
	p.settled(fm, ready, "AlertsEffective=Unknown/NotSeen")
	p.Expect(message(fm, "AlertsEffective")).To(ContainSubstring("a Secret names (spec.additionalAlertManagerConfigs): the operator does not read it"))
}

func TestAPrometheusThatEvaluatesWithoutSamplesIsReported(t *testing.T) {
	p := inOwnCluster(t).withFlux().withPrometheus(func(o *monitoringv1.Prometheus) {
		o.Spec.PodMonitorNamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"scrape": "yes"}}
		o.Spec.RuleNamespaceSelector = &metav1.LabelSelector{}
	})
	fm := p.settled(p.create(), ready, "Scraped=False/NotSelected", "AlertsEffective=False/NotScraped")
	const sentence = "spec.podMonitorNamespaceSelector requires label scrape=yes on namespace "
	p.Expect(message(fm, "AlertsEffective")).To(Equal("Prometheus " + p.namespace + "/k8s evaluates the alerts and does not scrape all of Flux: " +
		sentence + p.namespace + ". Until then, the operator omits the alerts that fire on missing samples"))
	p.Expect(p.rules("FluxControllerDown")).To(BeEmpty())

	changed(p, &monitoringv1.Prometheus{}, "k8s", func(o *monitoringv1.Prometheus) { o.Spec.PodMonitorNamespaceSelector = &metav1.LabelSelector{} })
	p.settled(fm, ready, "Scraped=Unknown/Selected", "AlertsEffective=True/Effective")
	p.Expect(p.rules("FluxControllerDown")).NotTo(BeEmpty())

	changed(p, &monitoringv1.Prometheus{}, "k8s", func(o *monitoringv1.Prometheus) { o.Spec.Paused = true })
	p.settled(fm, ready, "Scraped=Unknown/PrometheusPaused", "AlertsEffective=Unknown/NotSeen")
	changed(p, &monitoringv1.Prometheus{}, "k8s", func(o *monitoringv1.Prometheus) { o.Spec.Paused, o.Spec.Replicas = false, new(int32(0)) })
	p.settled(fm, ready, "Scraped=False/PrometheusNotAvailable", "AlertsEffective=False/NotSelected")
	p.Expect(message(fm, "Scraped")).To(Equal("Prometheus " + p.namespace + "/k8s: spec.replicas is 0, so nothing of it runs: set it to 1 or more"))
}

func TestAlertsEffectiveFollowsReceiversToAnAlertmanager(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus().withAlertmanager(func(a *monitoringv1.Alertmanager) {
		a.Spec.AlertmanagerConfigMatcherStrategy.Type = monitoringv1.OnNamespaceConfigMatcherStrategyType
	})
	fm := p.create(notifying(t, oncall), func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Prometheus.LabelPolicy = v1alpha1.LabelPolicyManual },
		func(fm *v1alpha1.FluxMonitoring) {
			fm.Spec.CommonMetadata.Labels = map[string]string{"release": "kube-prometheus-stack"}
		})
	p.settled(fm, ready, "AlertsEffective=False/AlertmanagerConfigNotSelected")
	p.Expect(message(fm, "AlertsEffective")).To(And(HavePrefix("no receiver is notified, because no Alertmanager selects the AlertmanagerConfig: "),
		ContainSubstring("Alertmanager "+p.namespace+"/main: spec.alertmanagerConfigSelector requires label alertmanager=main on the AlertmanagerConfig")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.CommonMetadata.Labels["alertmanager"] = "main" })
	p.settled(fm, ready, "AlertsEffective=False/NamespaceEnforced")
	p.Expect(message(fm, "AlertsEffective")).To(And(
		ContainSubstring(" alerts (first FluxManyResourcesNotReady) reach no receiver: "),
		HaveSuffix("set alertmanagerConfigMatcherStrategy of Alertmanager "+p.namespace+"/main to None, or add label namespace="+p.namespace+
			" by spec.alerts.labels")))

	for _, strategy := range []monitoringv1.AlertmanagerConfigMatcherStrategyType{"OnNamespaceExceptForAlertmanagerNamespace", "None"} {
		changed(p, &monitoringv1.Alertmanager{}, "main", func(a *monitoringv1.Alertmanager) { a.Spec.AlertmanagerConfigMatcherStrategy.Type = strategy })
		p.settled(fm, ready, "AlertsEffective=True/Effective")
		changed(p, &monitoringv1.Alertmanager{}, "main", func(a *monitoringv1.Alertmanager) { a.Spec.AlertmanagerConfigMatcherStrategy.Type = "OnNamespace" })
		p.settled(fm, ready, "AlertsEffective=False/NamespaceEnforced")
	}
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Labels = map[string]string{"namespace": p.namespace} })
	p.settled(fm, ready, "AlertsEffective=True/Effective")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Labels = nil })
	p.settled(fm, ready, "AlertsEffective=False/NamespaceEnforced")

	changed(p, &monitoringv1.Alertmanager{}, "main", func(a *monitoringv1.Alertmanager) {
		a.Spec.AlertmanagerConfiguration = &monitoringv1.AlertmanagerConfiguration{Name: "flux"}
	})
	p.settled(fm, ready, "AlertsEffective=True/Effective")
	p.Expect(routeOf(p)).To(HaveKeyWithValue("receiver", "null"), "of a whole configuration the first route may have no matchers")
	p.Expect(routeOf(p)).NotTo(HaveKey("matchers"))
}

func TestAnAdditionalAlertWithoutMetricsIsReported(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(additional("mine",
		monitoringv1.Rule{Alert: "Mine", Expr: intstr.FromString("flux:resource:nothing > 0")},
		monitoringv1.Rule{Alert: "Recorded", Expr: intstr.FromString("flux:resource:mine > 0")},
		monitoringv1.Rule{Record: "flux:resource:mine", Expr: intstr.FromString("up")},
		monitoringv1.Rule{Alert: "Typed", Expr: intstr.FromString(`gotk_resource_info{type="GitRepository"} > 0`)},
		monitoringv1.Rule{Alert: "Kind", Expr: intstr.FromString(`flux:resource:not_ready{kind!="Helmrelease"}`)},
	)), ready, "AlertsEffective=False/MetricsMissing")
	p.Expect(message(fm, "AlertsEffective")).To(Equal("Mine of spec.alerts.additionalGroups uses flux:resource:nothing, which nothing " +
		`exports here. Typed of spec.alerts.additionalGroups selects gotk_resource_info{type="GitRepository"}, which no series here has: ` +
		`correct the label or its value. Kind of spec.alerts.additionalGroups excludes nothing by flux:resource:not_ready{kind!="Helmrelease"}, ` +
		"which every series here matches: correct the label or its value"))
}

// patched has a JSON patch for the objects of a kind.
func patched(kind, patch string) func(*v1alpha1.FluxMonitoring) {
	return patches(kustomize.Patch{Patch: patch, Target: &kustomize.Selector{Kind: kind}})
}

func TestConditionsFollowWhatAPatchChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*v1alpha1.FluxMonitoring)
		conditions []string
	}{
		"no endpoints": {
			patched("PodMonitor", `[{"op":"replace","path":"/spec/podMetricsEndpoints","value":[]}]`),
			[]string{"Scraped=False/TargetsMissing", "AlertsEffective=False/NotScraped"},
		},
		"everything dropped": {
			func(fm *v1alpha1.FluxMonitoring) {
				fm.Spec.Scrape.MetricRelabelings = []monitoringv1.RelabelConfig{{Action: "drop", Regex: ".*"}}
			},
			[]string{"Scraped=False/TargetsMissing", "AlertsEffective=False/NotScraped"},
		},
		"a scrape class that no Prometheus has": {
			patched("PodMonitor", `[{"op":"add","path":"/spec/scrapeClass","value":"token"}]`),
			[]string{"Scraped=False/NotSelected", "AlertsEffective=False/NotScraped"},
		},
		"no alerts": {
			patched("PrometheusRule", `[{"op":"replace","path":"/spec/groups","value":[{"name":"none","rules":[]}]}]`),
			[]string{"Scraped=Unknown/Selected", "AlertsEffective=False/NoAlerts"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := shared.in(t).withFlux().withPrometheus()
			NewWithT(t).Expect(p.settled(p.create(c.change), append(c.conditions, ready)...)).NotTo(BeNil())
		})
	}
}
