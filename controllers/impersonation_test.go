package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
)

func tenant(fm *v1alpha1.FluxMonitoring) { fm.Spec.ServiceAccountName = "tenant" }

func TestATenantGainsNothingItCouldNotDoItself(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	p.allow("tenant", "", "configmaps")
	fm := p.settled(p.create(tenant), "Ready=False/Forbidden", "Stalled=True/Forbidden")

	g.Expect(p.generated()).To(ConsistOf(boards))
	denied := func(kind, resource, name string) string {
		return fmt.Sprintf(`%s %s: %s.monitoring.coreos.com %q is forbidden: User "system:serviceaccount:%s:tenant" cannot patch resource %q `+
			`in API group "monitoring.coreos.com" in the namespace %q`, kind, name, resource, name, p.namespace, resource, p.namespace)
	}
	g.Expect(message(fm, "Ready")).To(Equal(strings.Join([]string{
		denied("PodMonitor", "podmonitors", "flux"), denied("PodMonitor", "podmonitors", "flux-exporter"),
		denied("PodMonitor", "podmonitors", "flux-fluxmonitoring"), denied("PrometheusRule", "prometheusrules", "flux"),
	}, "; ")))
	g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(ContainElement(ContainSubstring("Warning Forbidden PodMonitor flux: ")))

	p.allow("tenant-monitoring", "monitoring.coreos.com", "podmonitors", "prometheusrules")
	p.request(fm, "now")
	p.settled(fm, ready)
	g.Expect(p.generated()).To(ConsistOf(usual))
}

func TestWhereNoAccountIsNamedTheDefaultOneIsImpersonated(t *testing.T) {
	c := vacantCluster(t)
	c.operator(t, func(o *controllers.Options) { o.DefaultServiceAccount = "tenant" })
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), "Ready=False/Forbidden")
	NewWithT(t).Expect(p.generated()).To(BeEmpty())
	p.allow("tenant", "", "configmaps")
	p.allow("tenant-monitoring", "monitoring.coreos.com", "podmonitors", "prometheusrules")
	p.request(fm, "now")
	p.settled(fm, ready)
}

func TestOfAPodMonitorThatMayNotBeUpdatedItIsNotKnownWhetherItIsScraped(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	p.allow("dashboards", "", "configmaps")
	p.allow("rules", "monitoring.coreos.com", "prometheusrules")
	p.allow("scrapes", "monitoring.coreos.com", "podmonitors")
	fm := p.settled(p.create(tenant), ready, "Scraped=True/Selected")

	p.forbid("scrapes", "podmonitors")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Scrape.Interval = "1m" })
	p.settled(fm, "Ready=False/Forbidden", "Stalled=True/Forbidden", "Scraped=Unknown/Forbidden")
	g.Expect(p.get("PodMonitor", "flux")).NotTo(BeNil(), "it is there as it was")
	g.Expect(message(fm, "Scraped")).To(ContainSubstring("PodMonitor flux is not up to date"))

	p.allow("scrapes-again", "monitoring.coreos.com", "podmonitors")
	p.request(fm, "now")
	p.settled(fm, ready, "Scraped=True/Selected")
}

// forbid takes a permission of monitoring.coreos.com back, and waits until the API server has heard of it.
func (p *place) forbid(role, resource string) {
	p.t.Helper()
	binding := &unstructured.Unstructured{Object: map[string]any{"apiVersion": rbacv1.SchemeGroupVersion.String(), "kind": "RoleBinding",
		"metadata": map[string]any{"name": role, "namespace": p.namespace}}}
	p.must(p.Delete(p.t.Context(), binding))
	p.eventually("the ServiceAccount tenant may no longer patch "+resource, func() bool {
		review := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
			"spec": map[string]any{"user": "system:serviceaccount:" + p.namespace + ":tenant", "resourceAttributes": map[string]any{
				"namespace": p.namespace, "group": "monitoring.coreos.com", "resource": resource, "verb": "patch",
			}}}}
		p.must(p.Create(p.t.Context(), review))
		allowed, _, err := unstructured.NestedBool(review.Object, "status", "allowed")
		p.must(err)
		return !allowed
	})
}

// allow lets the ServiceAccount tenant write resources of a group in the place's namespace.
func (p *place) allow(role, group string, resources ...string) {
	p.t.Helper()
	of := func(kind string, fields map[string]any) *unstructured.Unstructured {
		fields["apiVersion"], fields["kind"] = rbacv1.SchemeGroupVersion.String(), kind
		fields["metadata"] = map[string]any{"name": role, "namespace": p.namespace}
		return &unstructured.Unstructured{Object: fields}
	}
	rules, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&rbacv1.Role{Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{group}, Resources: resources, Verbs: []string{"create", "patch", "delete"},
	}}})
	p.must(err)
	p.must(p.Create(p.t.Context(), of("Role", map[string]any{"rules": rules["rules"]})))
	p.must(p.Create(p.t.Context(), of("RoleBinding", map[string]any{
		"roleRef":  map[string]any{"apiGroup": rbacv1.GroupName, "kind": "Role", "name": role},
		"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": "tenant", "namespace": p.namespace}},
	})))
}
