package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// blindTo is the cluster for an operator that may do everything but list these resources of prometheus-operator.
func (p *place) blindTo(resources ...string) *testCluster {
	p.t.Helper()
	rules := []rbacv1.PolicyRule{{APIGroups: []string{"monitoring.coreos.com"}, Resources: resources, Verbs: []string{"get", "create", "patch", "delete"}}}
	for _, group := range []string{
		"", "apps", "apiextensions.k8s.io", "fluxmonitoring.dev", "events.k8s.io", "fluxcd.controlplane.io", "source.toolkit.fluxcd.io",
		"kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "source.extensions.fluxcd.io",
	} {
		rules = append(rules, rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{"*"}, Verbs: []string{"*"}})
	}
	p.grant("limited", rules...)
	p.grant("limited-monitoring", rbacv1.PolicyRule{
		APIGroups: []string{"monitoring.coreos.com"}, Verbs: []string{"*"},
		Resources: but([]string{"podmonitors", "prometheusrules", "prometheuses", "prometheusagents", "alertmanagers", "alertmanagerconfigs"}, resources...),
	})
	return p.limited()
}

// limited is the cluster for an operator that may do what the place grants.
func (p *place) limited() *testCluster {
	config := rest.CopyConfig(p.plane.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "limited-" + p.namespace, Groups: []string{"system:authenticated"}}
	return &testCluster{Client: p.Client, plane: &cluster.ControlPlane{Config: config}}
}

// grant gives the limited operator permissions, in a ClusterRole for this test alone.
func (p *place) grant(role string, rules ...rbacv1.PolicyRule) {
	p.t.Helper()
	role += "-" + p.namespace
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&rbacv1.ClusterRole{Rules: rules})
	p.must(err)
	of := func(kind string, fields map[string]any) *unstructured.Unstructured {
		fields["apiVersion"], fields["kind"], fields["metadata"] = rbacv1.SchemeGroupVersion.String(), kind, map[string]any{"name": role}
		return &unstructured.Unstructured{Object: fields}
	}
	p.must(p.Create(p.t.Context(), of("ClusterRole", map[string]any{"rules": content["rules"]})))
	p.must(p.Create(p.t.Context(), of("ClusterRoleBinding", map[string]any{
		"roleRef":  map[string]any{"apiGroup": rbacv1.GroupName, "kind": "ClusterRole", "name": role},
		"subjects": []any{map[string]any{"apiGroup": rbacv1.GroupName, "kind": "User", "name": "limited-" + p.namespace}},
	})))
}

// cannotList is what the API server says to the limited operator.
func (p *place) cannotList(resource string) string {
	return resource + `.monitoring.coreos.com is forbidden: User "limited-` + p.namespace + `" cannot list resource "` + resource +
		`" in API group "monitoring.coreos.com" at the cluster scope`
}

func TestAKindThatMayNotBeListedIsForbiddenAndKeepsNoOtherBack(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	p := c.in(t).withFlux().withPrometheus()
	p.blindTo("prometheusrules").operator(t)
	fm := p.settled(p.create(), "Ready=False/Forbidden", "Stalled=True/Forbidden", "Scraped=Unknown/Forbidden", "AlertsEffective=Unknown/Forbidden")
	g.Expect(message(fm, "Ready")).To(Equal("PrometheusRule is not applied, because the operator cannot list PrometheusRule objects: " +
		p.cannotList("prometheusrules") + ". Apply the operator's ClusterRole again."))
	g.Expect(p.generated()).To(ConsistOf(but(usual, "PrometheusRule/flux")))

	p.grant("given", rbacv1.PolicyRule{APIGroups: []string{"monitoring.coreos.com"}, Resources: []string{"*"}, Verbs: []string{"*"}})
	p.settled(fm, ready, "Scraped=True/Selected", "AlertsEffective=True/Effective")
	g.Expect(p.generated()).To(ConsistOf(usual))
}

func TestWhileNoPrometheusCanBeReadItsLabelsStay(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	stop := c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready, "Scraped=True/Selected")
	stop()
	p.blindTo("prometheuses", "alertmanagers").operator(t)
	p.settled(fm, ready, "Scraped=Unknown/Forbidden", "AlertsEffective=Unknown/Forbidden")
	g.Expect(message(fm, "Scraped")).To(Equal("This is not known because the operator cannot list Prometheus objects: " +
		p.cannotList("prometheuses") + ". Apply the operator's ClusterRole again."))
	p.change(fm, clustered("other"))
	p.settled(fm, ready)
	for _, o := range []string{"PodMonitor", "PrometheusRule"} {
		g.Expect(p.get(o, "flux").GetLabels()).To(HaveKeyWithValue("release", "kube-prometheus-stack"), o)
	}
}

func TestAConversionWebhookThatDoesNotAnswerIsNotAnAbsentKind(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	p := c.in(t).withFlux().withPrometheus()
	p.removeCRD("podmonitors.monitoring.coreos.com")
	crd := crdOf(definitionOf{
		Group: "monitoring.coreos.com", Kind: "PodMonitor", Plural: "podmonitors",
		Versions: []version{{"v1", true, false}, {"v2", true, true}},
	})
	p.must(cluster.Apply(t.Context(), p.Client, crd.DeepCopy()))
	stored := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "monitoring.coreos.com/v2", "kind": "PodMonitor"}}
	stored.SetNamespace(p.namespace)
	stored.SetName("stored")
	stored.SetLabels(map[string]string{"fluxmonitoring.dev/name": "other"})
	g.Eventually(func() error { return p.Create(t.Context(), stored.DeepCopy()) }, soon, often).Should(Succeed())
	p.must(unstructured.SetNestedMap(crd.Object, map[string]any{
		"strategy": "Webhook", "webhook": map[string]any{
			"conversionReviewVersions": []any{"v1"}, "clientConfig": map[string]any{"url": "https://127.0.0.1:1/convert"},
		},
	}, "spec", "conversion"))
	p.must(cluster.Apply(t.Context(), p.Client, crd.DeepCopy()))

	c.operator(t)
	fm := p.settled(p.create(), "Ready=False/ApplyFailed", "Reconciling=True/ApplyFailed", "Scraped=Unknown/ApplyFailed")
	g.Expect(message(fm, "Ready")).To(HavePrefix("PodMonitor is not applied, because the operator cannot list PodMonitor objects: "))
	g.Expect(message(fm, "Ready")).To(ContainSubstring("conversion webhook"))
	g.Expect(p.get("PrometheusRule", "flux")).NotTo(BeNil(), "the others are applied")

	p.must(unstructured.SetNestedMap(crd.Object, map[string]any{"strategy": "None"}, "spec", "conversion"))
	p.must(cluster.Apply(t.Context(), p.Client, crd))
	p.settled(fm, ready, "Scraped=True/Selected")
}
