//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestDeletedPodMonitorIsRestoredBeforeATargetIsLost(t *testing.T) {
	shared.settled(t, shared.monitored(t, "{scrape: {interval: 5s}}"), scraped)
	apps := shared.controllers(t)
	shared.scrapesOften(t, apps)
	o := object(podMonitors)
	must(t, shared.Get(t.Context(), client.ObjectKeyFromObject(o), o))
	before := o.UID

	start := time.Now()
	must(t, shared.Delete(t.Context(), o))
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(shared.Get(t.Context(), client.ObjectKeyFromObject(o), o)).To(Succeed())
		g.Expect(o.UID).NotTo(Equal(before))
	}, 5*time.Second, 10*time.Millisecond).Should(Succeed(), "the PodMonitor should be back")
	t.Logf("back after %s", since(start))
	NewWithT(t).Consistently(func(g Gomega) { shared.scrapesNow(t, g, apps) }, atRest, often).Should(Succeed(), "no target should be lost")
}

func TestNothingIsWrittenAtRestAndFieldsOfOthersStay(t *testing.T) {
	shared.monitored(t, "{}")
	shared.holds(t, everything)
	shared.rested(t)
	o := object(prometheusRules)
	patch := `{"metadata":{"annotations":{"prometheus-operator-validated":"true"}}}` // As its admission webhook does.
	must(t, shared.Patch(t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(patch))))
	before := shared.versions(t)
	NewWithT(t).Consistently(func() map[string]string { return shared.versions(t) }, atRest, often).
		Should(Equal(before), "nothing should be written at rest")
}

// object is the generated object of a kind that has one.
func object(kind schema.GroupVersionKind) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{}
	o.SetGroupVersionKind(kind)
	o.Namespace, o.Name = namespace, name
	return o
}
