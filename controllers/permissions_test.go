package controllers_test

import (
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

const monitoringGroup = "monitoring.coreos.com"

// anything is the permission for everything in an API group.
func anything(group string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{"*"}, Verbs: []string{"*"}}
}

// account is the user that a ServiceAccount of the place's namespace is.
func (p *place) account(name string) string {
	return "system:serviceaccount:" + p.namespace + ":" + name
}

// allow lets the ServiceAccount tenant write resources of a group in the place's namespace.
func (p *place) allow(role, group string, resources ...string) {
	p.t.Helper()
	reference := p.role(role, rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: []string{"create", "patch", "delete"}})
	p.must(p.Create(p.t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: role}, RoleRef: reference,
		Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: p.account("tenant")}},
	}))
}

// forbid revokes what allow has allowed of a resource of monitoring.coreos.com, and waits until the API server refuses it.
func (p *place) forbid(role, resource string) {
	p.t.Helper()
	p.must(p.Delete(p.t.Context(), &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: role}}))
	p.eventually("the ServiceAccount tenant may no longer patch "+resource, func() bool {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: p.account("tenant"), ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: p.namespace, Group: monitoringGroup, Resource: resource, Verb: "patch",
			},
		}}
		p.must(p.Create(p.t.Context(), review))
		return !review.Status.Allowed
	})
}

// grant gives a user permissions in the whole cluster, in a ClusterRole for this test alone.
func (p *place) grant(role, user string, rules ...rbacv1.PolicyRule) {
	p.t.Helper()
	reference := p.role(role, rules...)
	p.must(p.Create(p.t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: reference.Name}, RoleRef: reference, Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: user}},
	}))
}

func (p *place) role(name string, rules ...rbacv1.PolicyRule) rbacv1.RoleRef {
	p.t.Helper()
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name + "-" + p.namespace}, Rules: rules}
	p.must(p.Create(p.t.Context(), role))
	return rbacv1.RoleRef{Kind: "ClusterRole", Name: role.Name}
}

// limited is the cluster for an operator that may do only what the place grants to its limited user.
func (p *place) limited() *testCluster {
	config := rest.CopyConfig(p.plane.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: p.limitedUser(), Groups: []string{"system:authenticated"}}
	return &testCluster{Client: p.Client, plane: &cluster.ControlPlane{Config: config}}
}

// everythingBut is the cluster for an operator that may do all it needs, except in one API group.
func (p *place) everythingBut(group string) *testCluster {
	p.t.Helper()
	var rules []rbacv1.PolicyRule
	for _, g := range []string{
		"", "apps", "apiextensions.k8s.io", monitoringGroup, "fluxmonitoring.dev", "events.k8s.io", "coordination.k8s.io",
		"fluxcd.controlplane.io", "source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io",
		"notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "source.extensions.fluxcd.io",
	} {
		if g != group {
			rules = append(rules, anything(g))
		}
	}
	p.grant("limited", p.limitedUser(), rules...)
	return p.limited()
}

// blindTo is the cluster for an operator that may do everything but list these resources of prometheus-operator.
func (p *place) blindTo(resources ...string) *testCluster {
	p.t.Helper()
	p.grant("limited-monitoring", p.limitedUser(), rbacv1.PolicyRule{
		APIGroups: []string{monitoringGroup}, Verbs: []string{"*"},
		Resources: but([]string{"podmonitors", "prometheusrules", "prometheuses", "prometheusagents", "alertmanagers", "alertmanagerconfigs"}, resources...),
	}, rbacv1.PolicyRule{APIGroups: []string{monitoringGroup}, Resources: resources, Verbs: []string{"get", "create", "patch", "delete"}})
	return p.everythingBut(monitoringGroup)
}

// limitedUser is unique, for the cluster keeps the permissions of the tests before.
func (p *place) limitedUser() string { return "limited-" + p.namespace }

// tokenOf is the token of a new ServiceAccount of the place's namespace.
func (p *place) tokenOf(name string) string {
	p.t.Helper()
	p.must(p.Create(p.t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name}}))
	return rig.As(p.t, p.Client, p.plane.Config, p.namespace, name).BearerToken
}
