package manifests_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

func TestNoLabelThatATenantChoosesOpensThePorts(t *testing.T) {
	prometheus := labels.Set{"app.kubernetes.io/name": "prometheus"}
	for sentence, c := range map[string]struct {
		namespace string
		further   labels.Set // of the namespace
		pod       labels.Set
		let       bool
	}{
		"Prometheus where it usually runs":            {"monitoring", nil, prometheus, true},
		"Prometheus beside Flux":                      {"flux-system", nil, prometheus, true},
		"Prometheus beside the operator":              {"fluxmonitoring-system", nil, prometheus, true},
		"another scraper where Prometheus runs":       {"monitoring", nil, labels.Set{"app.kubernetes.io/name": "vmagent"}, true},
		"a tenant's pod with the label of Prometheus": {"shop", nil, prometheus, false},
		"a tenant's pod with no label":                {"shop", nil, nil, false},
		"a tenant's namespace with a label":           {"shop", labels.Set{"metrics": "enabled"}, prometheus, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			namespace := labels.Merge(labels.Set{"kubernetes.io/metadata.name": c.namespace}, c.further)
			policy := shipped(t)
			for _, port := range []int{8080, 8082} {
				NewWithT(t).Expect(lets(t, policy, namespace, c.pod, port)).To(Equal(c.let), "port %d", port)
			}
			NewWithT(t).Expect(lets(t, policy, namespace, c.pod, 8081)).To(BeFalse(), "probes are for the kubelet")
		})
	}
}

func shipped(t *testing.T) *networkingv1.NetworkPolicy {
	t.Helper()
	content, err := os.ReadFile(config + "/network-policy/network_policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	policy := &networkingv1.NetworkPolicy{}
	if err := yaml.UnmarshalStrict(content, policy); err != nil {
		t.Fatal(err)
	}
	return policy
}

// lets reports whether a policy lets a pod connect to a port, as a network plugin decides it.
func lets(t *testing.T, policy *networkingv1.NetworkPolicy, namespace, pod labels.Set, port int) bool {
	t.Helper()
	for _, rule := range policy.Spec.Ingress {
		var open bool
		for _, p := range rule.Ports {
			open = open || p.Port.IntValue() == port
		}
		for _, peer := range rule.From {
			own := peer.NamespaceSelector == nil && namespace["kubernetes.io/metadata.name"] == policy.Namespace
			if open && (own || peer.NamespaceSelector != nil && selects(t, peer.NamespaceSelector, namespace)) &&
				(peer.PodSelector == nil || selects(t, peer.PodSelector, pod)) {
				return true
			}
		}
	}
	return false
}

func selects(t *testing.T, selector *metav1.LabelSelector, set labels.Set) bool {
	t.Helper()
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Matches(set)
}
