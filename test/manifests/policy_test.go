package manifests_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

const (
	generated = "fluxmonitoring-operator-generated"
	leases    = "fluxmonitoring-operator-leases"
	events    = "fluxmonitoring-operator-events"
	secrets   = "fluxmonitoring-operator-secrets"
	// attempting is the user agent of what a test tries with the operator's token.
	attempting = "attempting"
)

// attempts are requests with the operator's token, and the messages with which the API server refuses them. Some prove that a validation is needed:
// without it, they succeed.
var attempts = map[string]struct {
	try     func(context.Context, client.Client) error
	message string
	policy  string
	needs   int // the validation of policy that it proves, from 1; 0 for none
}{
	"the users of a cloud": {
		creating(`{apiVersion: v1, kind: ConfigMap, metadata: {name: aws-auth, namespace: kube-system, labels: {fluxmonitoring.dev/name: flux}}}`),
		"the operator writes nothing in the namespaces of Kubernetes", generated, 0,
	},
	"the cluster's DNS": {
		patching(`{apiVersion: v1, kind: ConfigMap, metadata: {name: coredns, namespace: kube-system}}`, `{"data":{"Corefile":"evil"}}`),
		"the operator writes nothing in the namespaces of Kubernetes", generated, 0,
	},
	"a dashboard in a namespace of Kubernetes": {
		creating(`{apiVersion: v1, kind: ConfigMap, metadata: {name: flux-dashboard-cluster, namespace: kube-system, labels: {fluxmonitoring.dev/name: flux}}}`),
		"the operator writes nothing in the namespaces of Kubernetes", generated, 1,
	},
	"an object without the label": {
		creating(`{apiVersion: v1, kind: ConfigMap, metadata: {name: flux-dashboard-fleet, namespace: tenant,
			ownerReferences: [{apiVersion: fluxmonitoring.dev/v1alpha1, kind: FluxMonitoring, name: flux, uid: uid-of-flux}]}}`),
		"the object has no label fluxmonitoring.dev/name", generated, 2,
	},
	"taking the label off": {
		patching(`{apiVersion: v1, kind: ConfigMap, metadata: {name: flux-dashboard-cluster, namespace: tenant}}`,
			`{"metadata":{"labels":{"fluxmonitoring.dev/name":null}}}`),
		"the object has no label fluxmonitoring.dev/name", generated, 2,
	},
	"what a tenant's Flux substitutes": {
		patching(`{apiVersion: v1, kind: ConfigMap, metadata: {name: cluster-vars, namespace: tenant}}`, `{"data":{"image":"evil"}}`),
		"its name is none that the operator gives", generated, 0,
	},
	"the same with the label": {
		patching(`{apiVersion: v1, kind: ConfigMap, metadata: {name: cluster-vars, namespace: tenant}}`,
			`{"metadata":{"labels":{"fluxmonitoring.dev/name":"cluster-vars"}},"data":{"image":"evil"}}`),
		"its name is none that the operator gives", generated, 0,
	},
	"an object of another name": {
		creating(`{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: tenant, labels: {fluxmonitoring.dev/name: flux}}}`),
		"its name is none that the operator gives", generated, 3,
	},
	"deleting somebody's PodMonitor": {
		deleting(`{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: shop, namespace: tenant}}`),
		"its name is none that the operator gives", generated, 0,
	},
	"taking somebody's PodMonitor over by the label": {
		patching(`{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: shop, namespace: tenant}}`,
			`{"metadata":{"labels":{"fluxmonitoring.dev/name":"shop"}}}`),
		"the operator has not made this object, and does not adopt any in this namespace", generated, 4,
	},
	"the Lease of another operator": {
		creating(`{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: other, namespace: fluxmonitoring-system}}`),
		"the operator takes Leases of its own name only", leases, 1,
	},
	"an event about a pod": {
		creating(`{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: x, namespace: tenant}, eventTime: "2026-01-01T00:00:00.000000Z", type: Normal,
			reason: Evicted, action: Evict, reportingController: kubelet, reportingInstance: x, regarding: {apiVersion: v1, kind: Pod, name: x, namespace: tenant}}`),
		"the operator records events about FluxMonitorings and about its own Lease only", events, 1,
	},
	"an event about a pod by the older API": {
		creating(`{apiVersion: v1, kind: Event, metadata: {name: x, namespace: fluxmonitoring-system}, type: Normal, reason: Evicted,
			involvedObject: {apiVersion: v1, kind: Pod, name: x, namespace: fluxmonitoring-system}}`),
		"the operator records events about FluxMonitorings and about its own Lease only", events, 1,
	},
	"a token of a ServiceAccount": {
		creating(`{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: flux-grafana-admin,
			namespace: fluxmonitoring-system, labels: {fluxmonitoring.dev/name: flux}, annotations: {kubernetes.io/service-account.name: default}}}`),
		"the operator creates Secrets of type Opaque for the administrator of Grafana only", secrets, 1,
	},
	"a Secret of another name": {
		creating(`{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: registry, namespace: fluxmonitoring-system,
			labels: {fluxmonitoring.dev/name: flux}}}`),
		"the operator creates Secrets of type Opaque for the administrator of Grafana only", secrets, 1,
	},
	"reading the password of Grafana": {
		func(ctx context.Context, c client.Client) error {
			return c.Get(ctx, client.ObjectKey{Namespace: system, Name: "flux-grafana-admin"}, &corev1.Secret{})
		},
		`cannot get resource "secrets" in API group "" in the namespace "fluxmonitoring-system"`, "", 0,
	},
	"the spec of somebody's FluxMonitoring": {
		patching(`{apiVersion: fluxmonitoring.dev/v1alpha1, kind: FluxMonitoring, metadata: {name: shop, namespace: tenant}}`, `{"spec":{"suspend":true}}`),
		`cannot patch resource "fluxmonitorings" in API group "fluxmonitoring.dev" in the namespace "tenant"`, "", 0,
	},
}

func TestPoliciesRefuseEachAttemptAndEachValidationIsNeeded(t *testing.T) {
	c := thief(t)
	needed := map[string]int{}
	for sentence, a := range attempts {
		needed[a.policy] = max(needed[a.policy], a.needs)
		t.Run(sentence, func(t *testing.T) {
			g := NewWithT(t)
			err := a.try(t.Context(), c)
			g.Expect(err).To(MatchError(ContainSubstring(a.message)))
			g.Expect(apierrors.IsForbidden(err)).To(BeTrue())
			if a.needs > 0 {
				weakened(t, a.policy, a.needs)
				g.Eventually(func() error { return a.try(t.Context(), c) }, soon, often).Should(Succeed())
			}
		})
		refusing(t, c, sentence) // the API server follows the policy that is whole again only after a while
	}
	for _, policy := range []string{generated, leases, events} {
		NewWithT(t).Expect(policyOf(t.Context(), t, policy).Spec.Validations).To(HaveLen(needed[policy]), policy)
	}
}

// Every kind that the operator may create has to be one of the policies'.
func TestThePolicyBoundsEveryKindThatIsGenerated(t *testing.T) {
	c, g := thief(t), NewWithT(t)
	kinds := map[string]bool{}
	for _, o := range golden(t) {
		o.SetName("somebody-elses")
		err := c.Create(t.Context(), o)
		if meta.IsNoMatchError(err) {
			continue // a version that this cluster does not serve
		}
		g.Expect(err).To(MatchError(ContainSubstring("its name is none that the operator gives")), o.GetKind())
		kinds[o.GetKind()] = true
	}
	g.Expect(kinds).To(HaveLen(9))
}

func TestThePolicyAdmitsGeneratedObjects(t *testing.T) {
	c, g := thief(t), NewWithT(t)
	for _, o := range golden(t) {
		if err := c.Create(t.Context(), o); !meta.IsNoMatchError(err) && !apierrors.IsAlreadyExists(err) {
			g.Expect(err).NotTo(HaveOccurred(), "%s %s", o.GetKind(), o.GetName())
		}
	}
	g.Expect(leading(t.Context(), c)).To(Succeed())
}

// A name that nothing generated has any more would be one more that a thief can take.
func TestThePolicyAllowsNoNameThatIsNotGenerated(t *testing.T) {
	generated := map[string][]string{}
	for _, o := range golden(t) {
		resource := strings.TrimSuffix(strings.ToLower(o.GetKind()), "y") + "s"
		if strings.HasSuffix(o.GetKind(), "y") {
			resource = strings.TrimSuffix(resource, "s") + "ies"
		}
		generated[resource] = append(generated[resource], strings.TrimPrefix(o.GetName(), o.GetLabels()["fluxmonitoring.dev/name"]))
	}
	for resource, allowed := range suffixes(t) {
		NewWithT(t).Expect(generated[resource]).To(ContainElements(allowed), resource)
	}
}

// suffixes are those of the policy's variable of this name, by resource.
func suffixes(t *testing.T) map[string][]string {
	t.Helper()
	for _, o := range built(t, config+"/admission-policy") {
		policy := &admissionv1.ValidatingAdmissionPolicy{}
		must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, policy))
		for _, v := range policy.Spec.Variables {
			if v.Name == "suffixes" {
				all := map[string][]string{}
				literal, _, found := strings.Cut(v.Expression, "[request.")
				NewWithT(t).Expect(found).To(BeTrue())
				must(t, yaml.Unmarshal([]byte(literal), &all)) // a map of CEL whose texts have single quotes is a flow map of YAML
				NewWithT(t).Expect(all).To(HaveLen(9))
				return all
			}
		}
	}
	t.Fatal("no policy has the variable suffixes any more")
	return nil
}

// leading is the event that the operator records when it has become the leader.
var leading = creating(`{apiVersion: v1, kind: Event, metadata: {name: leads, namespace: fluxmonitoring-system}, type: Normal, reason: LeaderElection,
	involvedObject: {apiVersion: coordination.k8s.io/v1, kind: Lease, name: fluxmonitoring-operator, namespace: fluxmonitoring-system}}`)

// Kustomize's field `namespace` changes no expression: the policies have to bind the account wherever it is.
func TestThePoliciesBindTheOperatorInAnyNamespace(t *testing.T) {
	folder, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	manifests, err := filepath.Abs(config)
	must(t, err)
	relative, err := filepath.Rel(folder, manifests)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "kustomization.yaml"),
		[]byte("namespace: elsewhere\nresources: ["+relative+"/rbac, "+relative+"/admission-policy]\n"), 0o600))
	dryRun := client.NewDryRunClient(admin)
	for _, o := range built(t, folder) {
		if o.GroupVersionKind().Group != admissionv1.GroupName {
			continue
		}
		must(t, dryRun.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("test"), client.ForceOwnership))
		if o.GetKind() == "ValidatingAdmissionPolicy" {
			conditions, _, err := unstructured.NestedSlice(o.Object, "spec", "matchConditions")
			must(t, err)
			NewWithT(t).Expect(conditions).To(Equal([]any{map[string]any{
				"name": "operator", "expression": "request.userInfo.username.endsWith(':fluxmonitoring-operator')",
			}}), o.GetName())
		}
	}
}

// Where the API server completes a part that has one owner, that part is never the same as in the manifest.
func TestASecondManagerAppliesTheSameManifestsWithoutConflict(t *testing.T) {
	thief(t)
	policy := rig.Objects(t, rig.Read(t, config+"/namespaced/policy.yaml"))[0] // without its binding, so that it bounds nobody
	must(t, cluster.Apply(t.Context(), admin, policy.DeepCopy()))
	t.Cleanup(func() { must(t, admin.Delete(context.Background(), policy)) })
	c := client.NewDryRunClient(admin)
	for _, o := range append(built(t, config+"/default"), policy) {
		err := c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o.DeepCopy()), client.FieldOwner("second"))
		NewWithT(t).Expect(err).NotTo(HaveOccurred(), "%s %s", o.GetKind(), o.GetName())
	}
}

// thief is a client with the operator's token, in a cluster with the default installation and what others have. Nothing that it writes is kept.
func thief(t *testing.T) client.Client {
	t.Helper()
	must(t, cluster.Apply(t.Context(), admin, built(t, config+"/default")...))
	must(t, cluster.Apply(t.Context(), admin, stackAllowed(t)...))
	must(t, cluster.Apply(t.Context(), admin, monitoringStack(t)...))
	must(t, cluster.Apply(t.Context(), admin, rig.Objects(t, rig.Read(t, "testdata/others.yaml"))...))
	c := enforced(t)
	for sentence := range attempts {
		refusing(t, c, sentence)
	}
	return c
}

// stackAllowed is config/stack for the operator's own namespace.
func stackAllowed(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	objects := built(t, config+"/stack")
	for _, o := range objects {
		if o.GetKind() == "RoleBinding" {
			o.SetNamespace(system)
		}
	}
	return objects
}

// refusing waits until the API server refuses an attempt.
func refusing(t *testing.T, c client.Client, attempt string) {
	t.Helper()
	a := attempts[attempt]
	NewWithT(t).Eventually(func() error { return a.try(t.Context(), c) }, soon, often).Should(MatchError(ContainSubstring(a.message)))
}

// enforced waits until the API server knows the policies, and returns a client with the operator's token.
func enforced(t *testing.T) client.Client {
	t.Helper()
	c := attempter(t)
	for _, sentence := range []string{"the users of a cloud", "the Lease of another operator", "an event about a pod by the older API"} {
		refusing(t, c, sentence)
	}
	return c
}

// attempter is a client with the operator's token, of which nothing is stored.
func attempter(t *testing.T) client.Client {
	t.Helper()
	config := rest.CopyConfig(operatorConfig(t))
	config.UserAgent = attempting
	c, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	must(t, err)
	return client.NewDryRunClient(c)
}

func policyOf(ctx context.Context, t *testing.T, name string) *admissionv1.ValidatingAdmissionPolicy {
	t.Helper()
	policy := &admissionv1.ValidatingAdmissionPolicy{}
	must(t, admin.Get(ctx, client.ObjectKey{Name: name}, policy))
	return policy
}

// weakened takes a validation, counted from 1, from a policy for the length of the test.
func weakened(t *testing.T, policy string, validation int) {
	t.Helper()
	changed := policyOf(t.Context(), t, policy)
	was := changed.Spec.Validations[validation-1].Expression
	changed.Spec.Validations[validation-1].Expression = "true"
	must(t, admin.Update(t.Context(), changed))
	t.Cleanup(func() {
		ctx := context.Background()
		back := policyOf(ctx, t, policy)
		back.Spec.Validations[validation-1].Expression = was
		must(t, admin.Update(ctx, back))
	})
}

// golden are the objects of every case of internal/desired.
func golden(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob("../../internal/desired/testdata/*/then.yaml")
	must(t, err)
	var all []*unstructured.Unstructured
	for _, file := range files {
		for _, o := range rig.Objects(t, rig.Read(t, file)) {
			switch o.GetKind() {
			case "": // what is seen of a Prometheus is there too
				continue
			case "PrometheusRule", "AlertmanagerConfig": // whose rules are shown as lines
				o.Object["spec"] = map[string]any{}
			case "HelmRelease", "OCIRepository": // which the operator can write in its own namespace
				o.SetNamespace(system)
			}
			all = append(all, o)
		}
	}
	if len(all) == 0 {
		t.Fatal("internal/desired has no cases any more")
	}
	return all
}

func creating(object string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error { return c.Create(ctx, objectFrom(object)) }
}

func patching(object, patch string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.Patch(ctx, objectFrom(object), client.RawPatch(types.MergePatchType, []byte(patch)))
	}
}

func deleting(object string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error { return c.Delete(ctx, objectFrom(object)) }
}

func objectFrom(text string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		panic(err) // it is written above
	}
	return o
}
