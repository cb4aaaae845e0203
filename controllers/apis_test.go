package controllers_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestMonitoringAPIsMayBeAbsentArriveAndLeave(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	defined, err := c.defined(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	c.undefine(t, slices.DeleteFunc(slices.Collect(maps.Keys(defined)), func(name string) bool {
		return !strings.HasSuffix(name, ".monitoring.coreos.com")
	}))
	c.operator(t)
	p := c.in(t).withFlux()

	fm := p.settled(p.create(), "Ready=False/APIMissing", "Scraped=False/ApplyFailed")
	g.Expect(message(fm, "Ready")).To(Equal("PodMonitor and PrometheusRule not applied, because the cluster does not serve " +
		"monitoring.coreos.com/v1: install the CRDs of prometheus-operator; the operator then continues automatically"))
	g.Expect(p.generated()).To(ConsistOf(boards))

	for round := range 2 {
		p.installMonitoring()
		p.settled(fm, ready, "Scraped=False/NoPrometheus")
		p.withPrometheus()
		p.settled(fm, ready, "Scraped=True/Selected")
		g.Expect(p.generated()).To(ConsistOf(usual), "round %d", round)

		p.removeMonitoring()
		g.Eventually(func(g Gomega) {
			p.settled(fm, "Ready=False/APIMissing")
			g.Expect(fm.Status.Inventory.Entries).To(HaveLen(len(boards)))
			g.Expect(fm.Status.Prometheuses).To(BeEmpty())
		}, soon, often).Should(Succeed(), "they leave one after the other")
	}
}

func TestAVersionThatCeasesToBeServedIsLeftWithinSeconds(t *testing.T) {
	c := vacantCluster(t)
	p := c.in(t)
	p.removeCRD("alertmanagerconfigs.monitoring.coreos.com")
	serving := func(alpha bool) {
		p.must(cluster.Apply(t.Context(), p.Client, crdOf(definitionOf{
			Group: "monitoring.coreos.com", Kind: "AlertmanagerConfig", Plural: "alertmanagerconfigs",
			Versions: []version{{"v1beta1", true, true}, {"v1alpha1", alpha, false}},
		})))
	}
	serving(true)
	c.operator(t)
	fm := p.withFlux().withPrometheus().create(notifying(t, oncall))
	follows := func(version string) {
		t.Helper()
		NewWithT(t).Eventually(func() []v1alpha1.InventoryEntry {
			p.must(p.Get(t.Context(), client.ObjectKeyFromObject(fm), fm))
			if fm.Status.Inventory == nil {
				return nil
			}
			return fm.Status.Inventory.Entries
		}, "20s", often).Should(ContainElement(v1alpha1.InventoryEntry{
			ID: p.namespace + "_flux_monitoring.coreos.com_AlertmanagerConfig", Version: version,
		}))
	}
	for range 4 {
		follows("v1alpha1")
		serving(false)
		follows("v1beta1")
		serving(true)
	}
}

func (p *place) installMonitoring() {
	p.t.Helper()
	_, folder, err := cluster.CRDs(p.t.Context())
	p.must(err)
	p.installCRDs(p.t, folder)
}

func (p *place) removeMonitoring() {
	p.t.Helper()
	p.removeCRD("podmonitors.monitoring.coreos.com", "prometheusrules.monitoring.coreos.com", "prometheuses.monitoring.coreos.com",
		"prometheusagents.monitoring.coreos.com")
}

// removeCRD removes CRDs, and waits until they are gone.
func (p *place) removeCRD(names ...string) {
	p.t.Helper()
	p.must(cluster.RemoveCRDs(p.t.Context(), p.Client, names...))
}
