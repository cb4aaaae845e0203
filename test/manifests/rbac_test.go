package manifests_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

const (
	system  = "fluxmonitoring-system"
	account = "fluxmonitoring-operator"
	// impersonating is config/default with the component that lets the operator act as ServiceAccounts.
	impersonating = "testdata/impersonating"
)

// withToken has Prometheus send a token to the operator, which serves metrics with --metrics-secure here.
const withToken = `{"spec":{"patches":[{"target":{"kind":"PodMonitor","name":"flux-(exporter|fluxmonitoring)"},"patch":` +
	`"- op: add\n  path: /spec/podMetricsEndpoints/0/authorization\n  value: {credentials: {name: reader, key: token}}"}]}}`

func TestNoRoleHasWildcardsOrSecrets(t *testing.T) {
	g := NewWithT(t)
	rules := granted(t)
	g.Expect(rules).NotTo(BeEmpty())
	for _, rule := range rules {
		for _, part := range slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs) {
			g.Expect(part).NotTo(ContainSubstring("*"), "a wildcard grants what nobody has thought of")
		}
		g.Expect(rule.Resources).NotTo(ContainElement("secrets"))
		g.Expect(rule.Verbs).NotTo(ContainElements("escalate", "bind"))
	}
}

func TestTheOperatorNeedsExactlyItsRole(t *testing.T) {
	g := NewWithT(t)
	must(t, cluster.Apply(t.Context(), admin, monitoringStack(t)...))
	must(t, cluster.Apply(t.Context(), admin, built(t, impersonating)...))
	enforced(t)
	must(t, cluster.InstallFlux(t.Context(), admin, "flux-system"))
	config := operatorConfig(t)
	exporter := runOperator(t, config)

	must(t, cluster.Apply(t.Context(), admin, sample(t, "fluxmonitoring_minimal.yaml")...))
	settled(t, "Ready=True/Applied", "Scraped=Unknown/Selected", "ResourceMetrics=False/NoToken")
	change(t, withToken)
	settled(t, "Ready=True/Applied", "Scraped=Unknown/Selected", "ResourceMetrics=True/Served")
	silent(t, "prometheus-kube-prometheus-stack-prometheus-0")
	change(t, `{"spec":{"prometheus":{"verify":{"timeout":"500ms"}}}}`)
	settled(t, "Ready=True/Applied", "Scraped=Unknown/Unreachable", "AlertsEffective=Unknown/Unreachable")
	change(t, `{"spec":{"dashboards":{"format":"GrafanaDashboard","eventAnnotations":{"address":"https://grafana.example.com/api/annotations"}},`+
		`"notifications":{"receivers":[{"name":"oncall"}]}}}`)
	settled(t, "Ready=True/Applied", "AlertsEffective=Unknown/Unreachable")
	change(t, `{"spec":{"scrape":{"enabled":false},"dashboards":{"enabled":false,"eventAnnotations":null},"alerts":{"enabled":false},"notifications":null}}`)
	settled(t, "Ready=True/Applied")
	g.Expect(theOne(t).Status.Inventory).To(BeNil(), "deleting takes permissions too")
	must(t, admin.Delete(t.Context(), theOne(t)))

	// The full sample names a ServiceAccount to write as, and a Secret that does not exist.
	must(t, cluster.Apply(t.Context(), admin, sample(t, "fluxmonitoring_full.yaml")...))
	settled(t, "Ready=True/Applied", "Scraped=Unknown/Unauthorized")
	g.Expect(theOne(t).Status.Inventory.Entries).To(HaveLen(16))
	g.Expect(scrape(t, exporter, config.BearerToken)).To(Equal(http.StatusForbidden), "it serves to who may get /metrics, which it may not itself")

	g.Eventually(func() []string { return without(verbs(granted(t)), used(t)) }, soon, often).Should(BeEmpty(),
		"what is granted and never used should not be granted")
	g.Expect(refused(t)).To(BeEmpty(), "everything the operator asks for should be granted")
}

// silent makes a pod of Prometheus accept connections and answer nothing, as if a NetworkPolicy were in the way.
func silent(t *testing.T, pod string) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(rig.OwnAddress(t), "0"))
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	address, err := netip.ParseAddrPort(listener.Addr().String())
	must(t, err)
	s := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: "monitoring", Name: "prometheus", Labels: map[string]string{discoveryv1.LabelServiceName: "prometheus-operated"}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: new("web"), Port: new(int32(address.Port()))}},
		Endpoints:   []discoveryv1.Endpoint{{Addresses: []string{address.Addr().String()}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod}}},
	}
	must(t, admin.Create(t.Context(), s))
	t.Cleanup(func() { must(t, admin.Delete(context.Background(), s)) })
}

func TestTheOperatorTakesItsOwnLeaseAndNoOther(t *testing.T) {
	must(t, cluster.Apply(t.Context(), admin, built(t, config+"/default")...))
	c := leads(t, "fluxmonitoring-operator")
	other := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "other"}}
	must(t, admin.Create(t.Context(), other))
	NewWithT(t).Expect(apierrors.IsForbidden(c.Update(t.Context(), other))).To(BeTrue())
}

// leads expects that the operator may create, get and update a Lease, and returns its client.
func leads(t *testing.T, name string) client.Client {
	t.Helper()
	c, err := client.New(operatorConfig(t), client.Options{Scheme: scheme.Scheme})
	must(t, err)
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name}}
	must(t, c.Create(t.Context(), lease))
	NewWithT(t).Eventually(func() error { return c.Get(t.Context(), client.ObjectKeyFromObject(lease), lease) }, soon, often).Should(Succeed())
	must(t, c.Update(t.Context(), lease))
	return c
}

func TestAShardTakesALeaseOfItsOwn(t *testing.T) {
	g := NewWithT(t)
	must(t, cluster.Apply(t.Context(), admin, built(t, config+"/default")...))
	must(t, cluster.Apply(t.Context(), admin, built(t, config+"/shard")...))
	deployment := &appsv1.Deployment{}
	must(t, admin.Get(t.Context(), client.ObjectKey{Namespace: system, Name: "fluxmonitoring-operator-shard1"}, deployment))
	g.Expect(deployment.Spec.Template.Spec.Containers[0].Args).To(ContainElement("--leader-election-id=fluxmonitoring-operator-shard1"))
	first := &appsv1.Deployment{}
	must(t, admin.Get(t.Context(), client.ObjectKey{Namespace: system, Name: "fluxmonitoring-operator"}, first))
	of, err := metav1.LabelSelectorAsSelector(first.Spec.Selector)
	must(t, err)
	g.Expect(of.Matches(labels.Set(deployment.Spec.Template.Labels))).To(BeFalse(), "its pods are not the first one's")
	leads(t, "fluxmonitoring-operator-shard1")
}

// granted are the rules of the ClusterRoles bound to the operator.
func granted(t *testing.T) []rbacv1.PolicyRule {
	t.Helper()
	roles, bound := map[string][]rbacv1.PolicyRule{}, []string{}
	for _, o := range built(t, impersonating) {
		switch o.GetKind() {
		case "ClusterRole":
			var role rbacv1.ClusterRole
			must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &role))
			roles[role.Name] = role.Rules
		case "ClusterRoleBinding":
			var binding rbacv1.ClusterRoleBinding
			must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &binding))
			bound = append(bound, binding.RoleRef.Name)
		}
	}
	var rules []rbacv1.PolicyRule
	for _, name := range bound {
		rules = append(rules, roles[name]...)
	}
	return rules
}

// verbs are the permissions in rules, each as "verb group/resource". Who may watch may get and list: they show nothing
// more, and a watch falls back on a list.
func verbs(rules []rbacv1.PolicyRule) []string {
	var all []string
	for _, rule := range rules {
		for _, verb := range rule.Verbs {
			if (verb == "get" || verb == "list") && slices.Contains(rule.Verbs, "watch") {
				continue
			}
			for _, resource := range rule.Resources {
				all = append(all, verb+" "+rule.APIGroups[0]+"/"+resource)
			}
		}
	}
	return all
}
