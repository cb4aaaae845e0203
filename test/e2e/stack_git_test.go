//go:build e2e && stack

package e2e_test

import (
	"encoding/json"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// stackArtifact is the artifact from which Flux applies the FluxMonitoring with a stack. The Kustomization that does and its namespace have
// its name.
const stackArtifact = "stack"

// stackKustomization is what has Flux apply the FluxMonitoring.
func stackKustomization() *unstructured.Unstructured {
	return named(reconciled["Kustomization"], "Kustomization", stackArtifact, stackArtifact)
}

// installsStackFromGit has Flux apply the FluxMonitoring, and wait until it is proven. The state of objects is from the kube-state-metrics of
// the stack, and a later deletion leaves the stack.
func (c *testCluster) installsStackFromGit(t *testing.T) {
	c.publishesResource(t, stackSpec(lastChart, "resourceMetrics: {source: KubeStateMetrics}", "deletionPolicy: Orphan"))
	c.put(t, stackArtifact, identity{"OCIRepository", stackArtifact},
		`{interval: 1m, url: "oci://origin.origin.svc.cluster.local:5000/stack", insecure: true, ref: {tag: latest}}`)
	k := fluxObject(stackArtifact, identity{"Kustomization", stackArtifact},
		fmt.Sprintf(`{interval: 10m, timeout: %s, path: ./, prune: true, wait: true, sourceRef: {kind: OCIRepository, name: stack}}`, slow))
	must(t, unstructured.SetNestedSlice(k.Object, exampleHealthChecks(t), "spec", "healthCheckExprs"))
	must(t, cluster.Apply(t.Context(), c, k))
	fm := &v1alpha1.FluxMonitoring{}
	NewWithT(t).Eventually(func(g Gomega) {
		o := stackKustomization()
		g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(o), o)).To(Succeed())
		is := meta.FindStatusCondition(conditionsOf(o), "Ready")
		g.Expect(is).NotTo(BeNil())
		if is.Status == metav1.ConditionFalse {
			StopTrying("Flux does not wait: " + is.Reason + ": " + is.Message).Now()
		}
		g.Expect(c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, fm)).To(Succeed())
		g.Expect(is.Status).To(Equal(metav1.ConditionTrue), "%+v", fm.Status.Conditions)
	}, slow, nowAndThen).Should(Succeed())
	NewWithT(t).Expect(meta.IsStatusConditionTrue(fm.Status.Conditions, v1alpha1.ConditionProven)).To(BeTrue(), "Flux should have waited for Proven")
	c.comesTo(t, works...)
	NewWithT(t).Expect(fm.Status.ResourceMetrics).To(HaveField("Source", v1alpha1.ResourceMetricsSourceKubeStateMetrics))
}

// publishesResource makes the FluxMonitoring with a spec the artifact.
func (c *testCluster) publishesResource(t *testing.T, spec string) {
	t.Helper()
	fields := map[string]any{}
	must(t, yaml.Unmarshal([]byte(spec), &fields))
	o := named(v1alpha1.GroupVersion.String(), v1alpha1.Kind, namespace, name)
	o.Object["spec"] = fields
	content, err := yaml.Marshal(o.Object)
	must(t, err)
	body, err := json.Marshal(map[string]string{"fluxmonitoring.yaml": string(content)})
	must(t, err)
	must(t, c.publish(t.Context(), stackArtifact, body))
}

// keepsStack has Flux prune the FluxMonitoring. Its stack stays, and a new FluxMonitoring adopts the stack, while the same pod of Prometheus
// runs on.
func (c *testCluster) keepsStack(t *testing.T) {
	before := c.prometheusOfStack(t)
	c.remove(t, stackKustomization())
	NewWithT(t).Eventually(func() bool {
		return missing(c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &v1alpha1.FluxMonitoring{}))
	}, patient, nowAndThen).Should(BeTrue(), "Flux should prune the FluxMonitoring")
	helmRelease := named("helm.toolkit.fluxcd.io/v2", "HelmRelease", namespace, release)
	NewWithT(t).Consistently(func(g Gomega) {
		g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(helmRelease), helmRelease)).To(Succeed())
		g.Expect(helmRelease.GetDeletionTimestamp()).To(BeNil())
		g.Expect(helmRelease.GetOwnerReferences()).To(BeEmpty())
	}, atRest, nowAndThen).Should(Succeed(), "the HelmRelease stays")

	c.ask(t, stackSpec(lastChart, "adoptionPolicy: Adopt"))
	c.comesTo(t, works...)
	NewWithT(t).Expect(c.prometheusOfStack(t)).To(Equal(before), "Prometheus should run on")
}

// prometheusOfStack identifies the pod of the stack's Prometheus.
func (c *testCluster) prometheusOfStack(t *testing.T) string {
	t.Helper()
	pod := &corev1.Pod{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "prometheus-flux-stack-kube-prometheus-0"}, pod))
	return string(pod.UID)
}
