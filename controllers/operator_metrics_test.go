package controllers_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/fluxmonitoring/operator/controllers"
)

func TestEveryMetricThatIsKeptOfTheOperatorIsOneItHas(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.operator(t, func(o *controllers.Options) { o.LeaderElection, o.LeaderElectionNamespace = true, "default" })
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	spec := p.get("PodMonitor", "flux-fluxmonitoring").Object["spec"].(map[string]any)
	endpoint := spec["podMetricsEndpoints"].([]any)[0].(map[string]any)
	g.Expect(endpoint).NotTo(HaveKey("honorLabels"), "labels of the target win over the metrics' own")
	relabelings := endpoint["metricRelabelings"].([]any)
	g.Expect(relabelings).To(HaveLen(1))
	keep := relabelings[0].(map[string]any)
	g.Expect(keep).To(HaveKeyWithValue("action", "keep"))

	families, err := metrics.Registry.Gather()
	p.must(err)
	has := map[string]bool{}
	for _, family := range families {
		for _, suffix := range []string{"", "_bucket", "_count", "_sum"} {
			has[family.GetName()+suffix] = true
		}
	}
	for _, metric := range strings.Split(keep["regex"].(string), "|") {
		g.Expect(has).To(HaveKey(metric))
	}
}

func TestAnOperatorWithoutMetricsIsNotScrapedForThem(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.operator(t, func(o *controllers.Options) { o.MetricsAddress = "0" })
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	g.Expect(p.get("PodMonitor", "flux-fluxmonitoring")).To(BeNil())
	g.Expect(p.get("PodMonitor", "flux-exporter")).NotTo(BeNil(), "its exporter is another server")
}
