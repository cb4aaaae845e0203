//go:build e2e

package e2e_test

import (
	"testing"

	. "github.com/onsi/gomega"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The controller manager checks the expressions of a policy against the schemas of what it matches, and writes what it finds into the
// policy's status. The API server alone does not.
func TestTheExpressionsOfThePoliciesFitWhatTheyMatch(t *testing.T) {
	policies := &admissionv1.ValidatingAdmissionPolicyList{}
	checked := func(g Gomega) {
		g.Expect(shared.List(t.Context(), policies, client.MatchingLabels{"app.kubernetes.io/part-of": "fluxmonitoring"})).To(Succeed())
		g.Expect(policies.Items).To(HaveLen(3))
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
