package manifests_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/test/rig"
)

// The API server sets the label kubernetes.io/metadata.name. A tenant can choose every other label of a namespace or a pod.
func TestOnlyPodsOfNamedNamespacesReachTheMetricsPorts(t *testing.T) {
	policy := &networkingv1.NetworkPolicy{}
	manifest := rig.Objects(t, rig.Read(t, config+"/network-policy/network_policy.yaml"))[0]
	must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(manifest.Object, policy))
	NewWithT(t).Expect(policy.Spec.Ingress).To(Equal([]networkingv1.NetworkPolicyIngressRule{{
		From: []networkingv1.NetworkPolicyPeer{
			{NamespaceSelector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
				{Key: "kubernetes.io/metadata.name", Operator: metav1.LabelSelectorOpIn, Values: []string{"flux-system", "monitoring"}},
			}}},
			{PodSelector: &metav1.LabelSelector{}},
		},
		Ports: []networkingv1.NetworkPolicyPort{
			{Port: new(intstr.FromInt32(8080)), Protocol: new(corev1.ProtocolTCP)}, {Port: new(intstr.FromInt32(8082)), Protocol: new(corev1.ProtocolTCP)},
		},
	}}))
}
