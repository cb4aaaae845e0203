package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestInANamespaceThatIsBeingDeletedNothingIsDone(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	p, fm, log := atRest(t)

	p.must(p.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.namespace}}))
	p.settled(fm, "Ready=False/NamespaceTerminating", "Scraped=Unknown/NamespaceTerminating")
	g.Expect(message(fm, "Ready")).To(Equal("namespace " + p.namespace + " is being deleted, so nothing can be created in it: create the FluxMonitoring in another namespace"))
	for _, name := range []string{"flux", "flux-exporter"} {
		p.must(p.Delete(t.Context(), p.get("PodMonitor", name)))
	}
	g.Consistently(func() []string { return log.requests(t) }, quiet, often).Should(Equal([]string{"patch fluxmonitorings status flux"}))
}
