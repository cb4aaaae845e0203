package controllers_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// An object whose spec is written again has another generation.
func TestTheFirstFluxMonitoringHasItsRulesWrittenOnce(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	p := c.in(t).withFlux().withPrometheus()
	p.must(cluster.Apply(t.Context(), p.Client, definition(t)))
	slow := kustomization(p.flux, "apps")
	slow.Object["spec"].(map[string]any)["interval"], slow.Object["spec"].(map[string]any)["suspend"] = "5h", false
	g.Eventually(func() error { return p.Create(t.Context(), slow) }, soon, often).Should(Succeed())
	_, exporter := exporting(t)
	addresses, err := cluster.FreeAddresses(1)
	p.must(err)
	c.operator(t, exporter, func(o *controllers.Options) { o.ProbeAddress = addresses[0] })
	g.Eventually(func() int { code, _ := readyz(addresses[0]); return code }, soon, often).Should(Equal(http.StatusOK), "nothing is followed yet")

	p.settled(p.create(), ready, "ResourceMetrics=True/Served")
	g.Expect(p.expression("FluxControllerNotReconciling")).NotTo(BeEmpty())
	for _, name := range []string{"PrometheusRule", "PodMonitor"} {
		g.Expect(p.get(name, "flux").GetGeneration()).To(Equal(int64(1)), "a "+name+" is written once")
	}
}
