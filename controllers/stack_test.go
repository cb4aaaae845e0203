package controllers_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func stacked(fm *v1alpha1.FluxMonitoring) {
	fm.Spec.Stack = &v1alpha1.StackSpec{KubePrometheusStack: &v1alpha1.KubePrometheusStack{}}
}

// stack lists what a stack consists of for Flux.
func (p *place) stack() []string {
	p.t.Helper()
	all := p.objects(func(unstructured.Unstructured) bool { return true }, "HelmRelease", "OCIRepository", "ConfigMap")
	return slices.DeleteFunc(all, func(name string) bool { return !strings.Contains(name, "/flux-stack") })
}

var stackObjects = []string{"HelmRelease/flux-stack", "OCIRepository/flux-stack", "ConfigMap/flux-stack-values"}

// adminSecret is the Secret for Grafana's administrator; without a name if there is none.
func (p *place) adminSecret() *corev1.Secret {
	p.t.Helper()
	secret := &corev1.Secret{}
	p.must(client.IgnoreNotFound(p.Get(p.t.Context(), client.ObjectKey{Namespace: p.namespace, Name: "flux-grafana-admin"}, secret)))
	return secret
}

func TestAStackComesBeforeTheKindsThatItBrings(t *testing.T) {
	p := inVacantCluster(t).withFlux()
	defined, err := p.defined(t.Context())
	p.must(err)
	p.undefine(t, slices.DeleteFunc(slices.Collect(maps.Keys(defined)), func(name string) bool {
		return !strings.HasSuffix(name, ".monitoring.coreos.com")
	}))
	flux, monitoring, err := cluster.CRDs(t.Context())
	p.must(err)
	p.installCRDs(t, flux)
	orphan, refused := p.in(t).withFlux(), p.in(t).withFlux()
	p.operator(t, func(o *controllers.Options) {
		o.TrustedNamespaces, o.StackNamespaces = []string{controllers.AnyNamespace}, []string{p.namespace, orphan.namespace}
	})
	fm := p.settled(p.create(stacked), "Ready=False/StackInstalling", "Reconciling=True/StackInstalling", "Scraped=Unknown/StackInstalling",
		"AlertsEffective=Unknown/StackInstalling")
	p.Expect(message(fm, "Ready")).To(Equal("PodMonitor and PrometheusRule not applied yet: HelmRelease flux-stack installs the CRDs"))
	p.Expect(p.stack()).To(ConsistOf(stackObjects))
	made := p.adminSecret()
	p.Expect(made.Type).To(Equal(corev1.SecretTypeOpaque))
	p.Expect(string(made.Data["admin-user"])).To(Equal("admin"))
	p.Expect(string(made.Data["admin-password"])).To(MatchRegexp("^[A-Za-z0-9_-]{32}$"))
	p.Expect(made.OwnerReferences).To(HaveLen(1))

	p.installCRDs(t, monitoring)
	p.settled(fm, ready, "Scraped=Unknown/NoPrometheus")
	p.Expect(p.generated()).To(ConsistOf(slices.Concat(usual, []string{"ConfigMap/flux-stack-values"})))
	p.request(fm, "now")
	p.settled(fm, ready)
	p.Expect(p.adminSecret()).To(Equal(made), "it is made once")

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Stack = nil })
	p.settled(fm, ready)
	p.Expect(p.stack()).To(BeEmpty(), "helm-controller uninstalls")
	p.Expect(p.adminSecret()).To(Equal(made), "the volume of Grafana keeps its password")

	kept := orphan.create(stacked, orphaned)
	orphan.settled(kept, ready)
	orphan.settledPolicy(kept, v1alpha1.DeletionPolicyOrphan)
	orphan.Expect(orphan.stack()).To(ConsistOf(stackObjects))
	orphan.Expect(orphan.adminSecret().OwnerReferences).To(BeEmpty())
	orphan.Expect(orphan.get("HelmRelease", "flux-stack").GetOwnerReferences()).To(BeEmpty())
	orphan.must(orphan.Delete(t.Context(), kept))
	orphan.must(orphan.Delete(t.Context(), orphan.get("HelmRelease", "flux-stack")))
	refused.needsAnAccount()
}

// needsAnAccount has the operator refuse a stack until the FluxMonitoring names an account.
func (p *place) needsAnAccount() {
	p.withPrometheus()
	fm := p.settled(p.create(stacked), "Ready=False/StackNotAllowed", "Stalled=True/StackNotAllowed", "Scraped=Unknown/Selected")
	p.Expect(message(fm, "Ready")).To(Equal("spec.stack is not allowed in namespace " + p.namespace +
		": set spec.serviceAccountName, or add it to --stack-namespaces"))
	p.Expect(p.generated()).To(ConsistOf(usual), "everything else is applied")
	p.Expect(p.stack()).To(BeEmpty())
	p.Expect(p.adminSecret().Name).To(BeEmpty())

	p.allow("tenant", "", "configmaps")
	p.allow("tenant-monitoring", "monitoring.coreos.com", "podmonitors", "prometheusrules")
	p.allow("tenant-releases", "helm.toolkit.fluxcd.io", "helmreleases")
	p.allow("tenant-sources", "source.toolkit.fluxcd.io", "ocirepositories")
	p.change(fm, tenant)
	p.settled(fm, "Ready=False/Forbidden")
	p.Expect(message(fm, "Ready")).To(HavePrefix(`Secret flux-grafana-admin: secrets is forbidden: User "` + p.account("tenant") + `" cannot create`))
	p.Expect(p.stack()).To(ConsistOf(stackObjects))
	account, _, _ := unstructured.NestedString(p.get("HelmRelease", "flux-stack").Object, "spec", "serviceAccountName")
	p.Expect(account).To(Equal("tenant"), "helm-controller has no more permissions than the tenant")

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Stack.KubePrometheusStack.Grafana.ExistingSecret = "own" })
	p.settled(fm, ready)
	p.Expect(p.adminSecret().Name).To(BeEmpty())
}
