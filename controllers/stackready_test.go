package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// withStack is a FluxMonitoring with a stack of prometheus-operator alone, so that a test needs no more programs.
func withStack(fm *v1alpha1.FluxMonitoring) {
	fm.Spec.Stack = &v1alpha1.StackSpec{KubePrometheusStack: &v1alpha1.KubePrometheusStack{
		Values: "{prometheus: {enabled: false}, alertmanager: {enabled: false}, grafana: {enabled: false}}",
	}}
	off := false
	fm.Spec.Alerts.Enabled, fm.Spec.Dashboards.Enabled = &off, &off
}

// operatorOf is a Deployment of prometheus-operator that Helm or a HelmRelease has installed.
func (p *place) operatorOf(name string, labels map[string]string) *appsv1.Deployment {
	p.t.Helper()
	pod := map[string]string{"app": name}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name, Labels: labels}}
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: pod}
	d.Spec.Template.Labels = pod
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "operator", Image: "quay.io/prometheus-operator/prometheus-operator:v0.93.1"}}
	p.must(p.Create(p.t.Context(), d))
	return d
}

// ofFlux creates an object of Flux that no controller has seen.
func (p *place) ofFlux(kind, name, spec string) *unstructured.Unstructured {
	p.t.Helper()
	o, fields := object(kind, p.namespace, name), map[string]any{}
	p.must(yaml.Unmarshal([]byte(spec), &fields))
	o.Object["spec"] = fields
	p.must(p.Create(p.t.Context(), o))
	return o
}

// reports sets the status of the HelmRelease as helm-controller does.
func (p *place) reports(status string) {
	p.t.Helper()
	o := p.get("HelmRelease", "flux-stack")
	content, err := yaml.YAMLToJSON([]byte("{status: {observedGeneration: " + generationOf(o) + ", " + status + "}}"))
	p.must(err)
	p.must(p.Client.Status().Patch(p.t.Context(), o, client.RawPatch(types.MergePatchType, content)))
}

func generationOf(o client.Object) string {
	text, _ := yaml.Marshal(o.GetGeneration())
	return string(text[:len(text)-1])
}

func TestStackReadyReactsToWhatFluxAndOthersInstall(t *testing.T) {
	p := inVacantCluster(t).withFlux()
	flux, _, err := cluster.CRDs(t.Context())
	p.must(err)
	p.installCRDs(t, flux)
	p.operator(t, func(o *controllers.Options) {
		o.TrustedNamespaces, o.StackNamespaces = []string{controllers.AnyNamespace}, []string{p.namespace}
	})
	others := p.operatorOf("others", map[string]string{"helm.toolkit.fluxcd.io/name": "kps", "helm.toolkit.fluxcd.io/namespace": "observability"})
	fm := p.settled(p.create(withStack), "StackReady=False/OtherStack")
	p.Expect(message(fm, "StackReady")).To(HavePrefix("HelmRelease observability/kps runs a stack already"))
	p.Expect(p.objects(func(unstructured.Unstructured) bool { return true }, "HelmRelease")).To(BeEmpty())

	p.ofFlux("HelmRelease", "app", `{interval: 1h, chart: {spec: {chart: podinfo, sourceRef: {kind: HelmRepository, name: charts}}}}`)
	p.ofFlux("OCIRepository", "chart", `{interval: 1h, url: "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack"}`)
	for name, spec := range map[string]string{
		"of-repository": `{interval: 1h, chart: {spec: {chart: kube-prometheus-stack, sourceRef: {kind: HelmRepository, name: charts}}}}`,
		"of-artifact":   `{interval: 1h, chartRef: {kind: OCIRepository, name: chart}}`,
	} {
		release := p.ofFlux("HelmRelease", name, spec)
		p.Expect(client.IgnoreNotFound(p.Delete(t.Context(), others))).To(Succeed())
		p.Eventually(func() string {
			p.request(fm, name)
			return message(p.settled(fm, "StackReady=False/OtherStack"), "StackReady")
		}).Should(HavePrefix("HelmRelease "+p.namespace+"/"+name+" runs a stack already"), "Flux has not installed it yet")
		others = p.operatorOf("other-than-"+name, nil)
		p.Eventually(func() string { return message(p.settled(fm, "StackReady=False/OtherStack"), "StackReady") }).
			Should(HavePrefix("Deployment "), "so that nothing is installed meanwhile")
		p.must(p.Delete(t.Context(), release))
	}
	p.must(p.Delete(t.Context(), others))
	p.settled(fm, "StackReady=Unknown/Installing")
	p.Expect(p.get("HelmRelease", "flux-stack").GetLabels()).To(HaveKeyWithValue("fluxmonitoring.dev/name", "flux"))

	const time = "lastTransitionTime: '2026-01-01T00:00:00Z'"
	const history = "history: [{version: 1, status: deployed, chartName: kube-prometheus-stack, chartVersion: 88.5.3, digest: d, name: r, namespace: r, " +
		"configDigest: c, firstDeployed: '2026-01-01T00:00:00Z', lastDeployed: '2026-01-01T00:00:00Z'}]"
	p.reports("conditions: [{type: Ready, status: 'False', reason: InstallFailed, message: 'Helm install failed', " + time + "}]")
	p.settled(fm, "StackReady=False/InstallFailed")
	p.reports("conditions: [{type: Ready, status: 'True', reason: InstallSucceeded, message: m, " + time + "}], " + history)
	p.settled(fm, "StackReady=Unknown/Starting")

	own := p.operatorOf("flux-stack-kube-prometheus-operator", map[string]string{
		"helm.toolkit.fluxcd.io/name": "flux-stack", "helm.toolkit.fluxcd.io/namespace": p.namespace,
	})
	own.Status = appsv1.DeploymentStatus{Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue}}}
	p.must(p.Client.Status().Update(t.Context(), own))
	fm = p.settled(fm, "StackReady=False/ContradictingValues")
	p.Expect(message(fm, "StackReady")).To(HavePrefix("value prometheus.enabled: "))
	p.Expect(fm.Status.Stack).To(Equal(&v1alpha1.StackStatus{HelmRelease: "flux-stack", Version: "88.5.3"}))
	p.operatorOf("later", nil)
	p.request(fm, "later")
	p.settled(fm, "StackReady=False/ContradictingValues")
	p.get("HelmRelease", "flux-stack")

	p.change(fm, orphaned)
	p.settledPolicy(fm, v1alpha1.DeletionPolicyOrphan)
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true })
	p.settled(fm, "StackReady=Unknown/Suspended")
	given := p.get("HelmRelease", "flux-stack")
	p.must(p.Patch(t.Context(), given, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":{"fluxmonitoring.dev/name":null}}}`))))
	p.requested(fm, "given", "StackReady=Unknown/Suspended") // the cache has seen the label go
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Stack, fm.Spec.Suspend = nil, false })
	p.settled(fm, "Scraped=Unknown/NoPrometheus")
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
	fm = p.settled(fm, "Scraped=Unknown/NoPrometheus")
	p.Expect(fm.Status.Stack).To(BeNil())
	p.Expect(p.objects(func(unstructured.Unstructured) bool { return true }, "HelmRelease", "OCIRepository")).
		To(Equal([]string{"HelmRelease/app", "HelmRelease/flux-stack", "OCIRepository/chart"}))
	p.Expect(p.get("HelmRelease", "flux-stack").GetOwnerReferences()).To(BeEmpty(), "it is somebody else's now")
}
