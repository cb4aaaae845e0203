//go:build e2e

package e2e_test

import (
	"testing"

	. "github.com/onsi/gomega"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestOperatorRunsUnderRestrictedPodSecurity(t *testing.T) {
	g := NewWithT(t)
	place := &corev1.Namespace{}
	must(t, shared.Get(t.Context(), client.ObjectKey{Name: system}, place))
	g.Expect(place.Labels).To(HaveKeyWithValue("pod-security.kubernetes.io/enforce", "restricted"))

	d := &appsv1.Deployment{}
	must(t, shared.Get(t.Context(), client.ObjectKey{Namespace: system, Name: operator}, d))
	g.Expect(running(d)).To(BeTrue(), "%+v", d.Status)
	pods := &corev1.PodList{}
	must(t, shared.List(t.Context(), pods, client.InNamespace(system)))
	g.Expect(pods.Items).To(HaveLen(2))
	for _, pod := range pods.Items {
		g.Expect(pod.Spec.ServiceAccountName).To(Equal(operator))
		g.Expect(pod.Spec.Containers[0].Image).To(Equal(operatorImage))
		g.Expect(pod.Spec.Containers[0].LivenessProbe).NotTo(BeNil())
		g.Expect(pod.Status.ContainerStatuses[0].Ready).To(BeTrue(), pod.Name)
		g.Expect(pod.Status.ContainerStatuses[0].RestartCount).To(BeZero(), "its probes or its start fail")
	}
}

func TestNamespaceOfTheOperatorRefusesUnrestrictedPods(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "unrestricted"}}
	pod.Spec.Containers = []corev1.Container{{Name: "any", Image: operatorImage}}
	err := shared.Create(t.Context(), pod, client.DryRunAll)
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring(`violates PodSecurity "restricted`)))
}

func TestMinimalSampleBecomesReadyAndItsObjectsAreSelected(t *testing.T) {
	fm := shared.monitored(t, "{}")
	shared.holds(t, everything, controlledBy(fm.UID))
	shared.settled(t, fm, ready, scraped, served, healthy, effective)
	NewWithT(t).Expect(fm.Status.ResourceMetrics).To(HaveField("Source", v1alpha1.ResourceMetricsSourceExporter))
	out, err := shared.command(t.Context(), "wait", "--for=condition=Ready", "--timeout=30s",
		"-n", namespace, "fluxmonitoring/"+name).CombinedOutput()
	if err != nil {
		t.Errorf("kubectl wait: %v: %s", err, out)
	}
}

// Flux uses kstatus: a Kustomization with a health check is Ready when the object is Current.
func TestHealthCheckOfFluxPassesForTheResource(t *testing.T) {
	shared.monitored(t, "{}")
	judge := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
		"metadata": map[string]any{"namespace": "apps", "name": "judge"},
		"spec": map[string]any{
			"interval": "1h", "path": "./", "prune": true, "targetNamespace": "apps", "namePrefix": "judged-", "timeout": "30s",
			"sourceRef": map[string]any{"kind": "OCIRepository", "name": "hello"},
			"healthChecks": []any{map[string]any{
				"apiVersion": "fluxmonitoring.dev/v1alpha1", "kind": "FluxMonitoring", "namespace": namespace, "name": name,
			}},
		},
	}}
	must(t, cluster.Apply(t.Context(), shared, judge.DeepCopy()))
	t.Cleanup(func() { shared.remove(t, judge) })
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(shared.Get(t.Context(), client.ObjectKeyFromObject(judge), judge)).To(Succeed())
		g.Expect(statesOf(judge)).To(ContainElements("Ready=True", "Healthy=True"), "%s", judge.Object["status"])
	}, patient, often).Should(Succeed(), "kustomize-controller should find the FluxMonitoring healthy")
}

func TestOperatorLogsNoForbiddenRequest(t *testing.T) {
	shared.monitored(t, "{}")
	log, err := shared.command(t.Context(), "-n", system, "logs", "deployment/"+operator).CombinedOutput()
	must(t, err)
	NewWithT(t).Expect(string(log)).NotTo(MatchRegexp(`(?i)forbidden|panic`))
}

// The controller manager checks the expressions of a policy against the schemas of what it matches, and writes what it finds into the
// policy's status. The API server alone does not.
func TestExpressionsOfAdmissionPoliciesPassTypeChecking(t *testing.T) {
	policies := &admissionv1.ValidatingAdmissionPolicyList{}
	checked := func(g Gomega) {
		g.Expect(shared.List(t.Context(), policies, client.MatchingLabels{"app.kubernetes.io/part-of": "fluxmonitoring"})).To(Succeed())
		g.Expect(policies.Items).To(HaveLen(4))
		for _, p := range policies.Items {
			g.Expect(p.Status.ObservedGeneration).To(Equal(p.Generation), "%s is not checked yet", p.Name)
			g.Expect(p.Status.TypeChecking).NotTo(BeNil(), p.Name)
		}
	}
	NewWithT(t).Eventually(checked, patient, often).Should(Succeed())
	for _, p := range policies.Items {
		NewWithT(t).Expect(p.Status.TypeChecking.ExpressionWarnings).To(BeEmpty(), p.Name)
	}
}
