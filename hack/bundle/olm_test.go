package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"go.uber.org/zap/zapcore"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

// What these tests are written with.
var (
	must   = rig.Must
	read   = rig.Read
	decode = rig.Objects
)

const (
	soon  = rig.Soon
	often = rig.Often
	// operators is where OLM installs what watches all namespaces. No manifest names it.
	operators = "operators"
)

// prometheus and its Alertmanager, in the namespace of the samples.
const prometheus = `
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: prometheus, namespace: monitoring, labels: {app: kube-prometheus-stack-prometheus}}
spec:
  podMonitorSelector: {}
  podMonitorNamespaceSelector: {}
  ruleSelector: {}
  ruleNamespaceSelector: {}
  alerting: {alertmanagers: [{name: alertmanager, port: http-web}]}
---
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: alertmanager, namespace: monitoring}
spec:
  alertmanagerConfigSelector: {}
  alertmanagerConfigMatcherStrategy: {type: OnNamespaceExceptForAlertmanagerNamespace}
`

func TestTheOperatorWorksWithTheBundleAlone(t *testing.T) {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	plane := startPlane(t)
	admin, err := client.New(plane.Config, client.Options{Scheme: allTypes(t)})
	must(t, err)
	b := committed()
	install(t, admin, b)
	must(t, cluster.Apply(t.Context(), admin, decode(t, prometheus)...))
	must(t, cluster.InstallFlux(t.Context(), admin, "flux-system"))
	bounded(t, admin, plane.Config, b)
	runOperator(t, asAccount(t, admin, plane.Config, b.accounts()[0]))

	strict := client.WithFieldValidation(admin, "Strict")
	for _, example := range examples(t) {
		must(t, strict.Create(t.Context(), example))
	}
	settled(t, admin, "Ready=True/Applied", "Scraped=Unknown/Selected", "ResourceMetrics=True/Served", "AlertsEffective=Unknown/Selected")
	change(t, admin, `{"spec":{"dashboards":{"format":"GrafanaDashboard","eventAnnotations":{"address":"https://grafana.example.com/api/annotations"}},`+
		`"notifications":{"receivers":[{"name":"oncall"}]}}}`)
	settled(t, admin, "Ready=True/Applied", "AlertsEffective=Unknown/Selected")
	change(t, admin, `{"spec":{"scrape":{"enabled":false},"dashboards":{"enabled":false,"eventAnnotations":null},"alerts":{"enabled":false},"notifications":null}}`)
	settled(t, admin, "Ready=True/Applied")
	must(t, admin.Delete(t.Context(), examples(t)[0]))
	leads(t, admin)
	NewWithT(t).Expect(refused(t, plane.AuditLog, b.accounts()[0])).To(BeEmpty(), "everything the operator asks for should be granted")

	// The full sample names a ServiceAccount to write as. The bundle does not let the operator, and the administrator may.
	must(t, cluster.Apply(t.Context(), admin, decode(t, read(t, root+"/config/samples/fluxmonitoring_full.yaml"))...))
	settled(t, admin, "Ready=False/Forbidden")
	impersonation := strings.ReplaceAll(read(t, root+"/config/impersonation/role.yaml"), "namespace: fluxmonitoring-system", "namespace: "+operators)
	must(t, cluster.Apply(t.Context(), admin, decode(t, impersonation)...))
	change(t, admin, `{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":"now"}}}`)
	settled(t, admin, "Ready=True/Applied", "Scraped=Unknown/Unauthorized") // the Secret that the sample names does not exist
}

// beside are what an administrator may apply beside the bundle, and a ConfigMap that the operator's account then cannot create.
var beside = []struct{ file, namespace, name string }{
	{"admission-policy/policy.yaml", "monitoring", "somebody-elses"},
	{"namespaced/policy.yaml", "flux-system", "flux-dashboard-cluster"},
}

// bounded applies the policies that OLM does not create, and waits until the API server knows them. All of the test is under them.
func bounded(t *testing.T, admin client.Client, of *rest.Config, b *Bundle) {
	t.Helper()
	own, err := client.New(asAccount(t, admin, of, b.accounts()[0]), client.Options{Scheme: scheme.Scheme})
	must(t, err)
	for _, file := range beside {
		o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Namespace: file.namespace, Name: file.name, Labels: map[string]string{"fluxmonitoring.dev/name": "flux"},
		}}
		must(t, own.Create(t.Context(), o.DeepCopy(), client.DryRunAll))
		must(t, cluster.Apply(t.Context(), admin, decode(t, read(t, root+"/config/"+file.file))...))
		NewWithT(t).Eventually(func() error { return own.Create(t.Context(), o.DeepCopy(), client.DryRunAll) }, soon, often).
			Should(MatchError(ContainSubstring("ValidatingAdmissionPolicy")))
	}
}

// startPlane starts an API server with what is there before the operator: the definitions of others.
func startPlane(t *testing.T) *cluster.ControlPlane {
	t.Helper()
	plane, err := cluster.Start(t.Context(), cluster.WithAuditLog(), cluster.WithCRDs(cluster.FluxCRDs, cluster.MonitoringCRDs,
		cluster.FluxOperatorCRDs, cluster.GrafanaOperatorCRDs),
		cluster.WithArgument("enable-admission-plugins", "OwnerReferencesPermissionEnforcement"))
	must(t, err)
	t.Cleanup(func() { must(t, plane.Stop()) })
	return plane
}

// install creates what OLM does for the bundle, in the order it does: definitions, accounts and their roles, the other objects, and
// the Deployment, in a namespace that confines pods as the bundle suggests.
func install(t *testing.T, admin client.Client, b *Bundle) {
	t.Helper()
	create := func(o client.Object) {
		t.Helper()
		must(t, admin.Create(t.Context(), o))
	}
	namespace := &corev1.Namespace{}
	must(t, json.Unmarshal([]byte(b.CSV.Metadata.Annotations["operatorframework.io/suggested-namespace-template"]), namespace))
	namespace.Name = operators
	create(namespace)
	byDefinition := slices.Clone(b.Objects)
	slices.SortStableFunc(byDefinition, func(a, b *unstructured.Unstructured) int { return strings.Compare(rank(a), rank(b)) })
	for _, o := range byDefinition {
		namespaced, err := admin.IsObjectNamespaced(o)
		must(t, err)
		if namespaced {
			o = o.DeepCopy()
			o.SetNamespace(operators)
		}
		create(o)
	}
	established(t, admin, b)
	for _, account := range slices.Compact(b.accounts()) {
		create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: operators, Name: account}})
	}
	for _, p := range b.CSV.Spec.Install.Spec.Permissions {
		own := metav1.ObjectMeta{Namespace: operators, Name: b.CSV.Metadata.Name + "-" + p.ServiceAccountName}
		create(&rbacv1.Role{ObjectMeta: own, Rules: p.Rules})
		create(&rbacv1.RoleBinding{ObjectMeta: own, RoleRef: rbacv1.RoleRef{Kind: "Role", Name: own.Name}, Subjects: subjects(p)})
	}
	for _, p := range b.CSV.Spec.Install.Spec.ClusterPermissions {
		all := metav1.ObjectMeta{Name: b.CSV.Metadata.Name + "-" + p.ServiceAccountName}
		create(&rbacv1.ClusterRole{ObjectMeta: all, Rules: p.Rules})
		create(&rbacv1.ClusterRoleBinding{ObjectMeta: all, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: all.Name}, Subjects: subjects(p)})
	}
	for _, d := range b.CSV.Spec.Install.Spec.Deployments {
		create(&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: operators, Name: d.Name, Labels: d.Label}, Spec: d.Spec})
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: operators, Name: d.Name, Labels: d.Spec.Template.Labels}, Spec: d.Spec.Template.Spec}
		must(t, admin.Create(t.Context(), pod, client.DryRunAll)) // nothing runs pods here, but the namespace says whether it would let it in
	}
}

// rank sorts definitions before all else.
func rank(o *unstructured.Unstructured) string {
	if o.GetKind() == "CustomResourceDefinition" {
		return "0"
	}
	return "1"
}

func subjects(p Permissions) []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: operators, Name: p.ServiceAccountName}}
}

// established waits until the definitions of the bundle are served.
func established(t *testing.T, admin client.Client, b *Bundle) {
	t.Helper()
	for _, d := range b.CSV.Spec.Definitions.Owned {
		NewWithT(t).Eventually(func(g Gomega) {
			crd := &apiextensionsv1.CustomResourceDefinition{}
			g.Expect(admin.Get(t.Context(), client.ObjectKey{Name: d.Name}, crd)).To(Succeed())
			is := func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
				return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
			}
			g.Expect(slices.ContainsFunc(crd.Status.Conditions, is)).To(BeTrue())
		}, soon, often).Should(Succeed())
	}
}

// asAccount authenticates as an account that the bundle names, by a token as its pod has one. It returns once the API server knows
// what the account may do, in its namespace and everywhere.
func asAccount(t *testing.T, admin client.Client, of *rest.Config, name string) *rest.Config {
	t.Helper()
	config := rig.As(t, admin, of, operators, name)
	own, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	must(t, err)
	for _, asked := range []authorizationv1.ResourceAttributes{
		{Group: "fluxmonitoring.dev", Resource: "fluxmonitorings", Verb: "watch"},
		{Namespace: operators, Group: "coordination.k8s.io", Resource: "leases", Verb: "create"},
	} {
		NewWithT(t).Eventually(func(g Gomega) {
			review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &asked}}
			g.Expect(own.Create(t.Context(), review)).To(Succeed())
			g.Expect(review.Status.Allowed).To(BeTrue(), "%s %s", asked.Verb, asked.Resource)
		}, soon, often).Should(Succeed())
	}
	return config
}

// runOperator runs the operator for the length of the test, with leader election as the Deployment has it.
func runOperator(t *testing.T, config *rest.Config) {
	t.Helper()
	operator.Run(t, config, func(o *controllers.Options) {
		o.Namespace, o.Concurrent = operators, 1
		o.TrustedNamespaces, o.WatchNamespaces = []string{"monitoring"}, []string{"monitoring"}
		o.LeaderElection, o.LeaderElectionNamespace = true, operators
	})
}

// change patches the FluxMonitoring of the example.
func change(t *testing.T, admin client.Client, patch string) {
	t.Helper()
	must(t, admin.Patch(t.Context(), examples(t)[0], client.RawPatch("application/merge-patch+json", []byte(patch))))
}

// settled waits until the FluxMonitoring of the samples is carried out as it is now, and says so.
func settled(t *testing.T, admin client.Client, conditions ...string) {
	t.Helper()
	fm := &v1alpha1.FluxMonitoring{}
	must(t, admin.Get(t.Context(), client.ObjectKey{Namespace: "monitoring", Name: "flux"}, fm))
	operator.Settled(t, admin, fm, conditions...)
}

// leads waits for the event that the operator creates in its own namespace when it is the leader, for which it needs a permission too.
func leads(t *testing.T, admin client.Client) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		events := &corev1.EventList{}
		g.Expect(admin.List(t.Context(), events, client.InNamespace(operators))).To(Succeed())
		is := func(e corev1.Event) bool { return e.Reason == "LeaderElection" }
		g.Expect(slices.ContainsFunc(events.Items, is)).To(BeTrue())
	}, soon, often).Should(Succeed())
}

// refused are the requests that an account was not allowed, but for what bounded tries.
func refused(t *testing.T, audit, account string) []string {
	t.Helper()
	var all []string
	lines := bufio.NewScanner(strings.NewReader(read(t, audit)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct {
			Verb, RequestURI string
			User             struct{ Username string }
			ResponseStatus   struct{ Code int }
		}
		must(t, json.Unmarshal(lines.Bytes(), &r))
		if r.User.Username == "system:serviceaccount:"+operators+":"+account && r.ResponseStatus.Code == http.StatusForbidden &&
			!strings.Contains(r.RequestURI, "dryRun") {
			all = append(all, r.Verb+" "+r.RequestURI)
		}
	}
	must(t, lines.Err())
	return all
}

// allTypes are those that the test and the operator speak of.
func allTypes(t *testing.T) *runtime.Scheme {
	t.Helper()
	types := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensionsv1.AddToScheme, v1alpha1.AddToScheme} {
		must(t, add(types))
	}
	return types
}
