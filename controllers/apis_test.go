package controllers_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestMonitoringAPIsCanComeAndGo(t *testing.T) {
	p := inVacantCluster(t).withFlux()
	defined, err := p.defined(t.Context())
	p.must(err)
	p.undefine(t, slices.DeleteFunc(slices.Collect(maps.Keys(defined)), func(name string) bool {
		return !strings.HasSuffix(name, ".monitoring.coreos.com")
	}))
	p.operator(t)
	fm := p.settled(p.create(), "Ready=False/APIMissing", "Scraped=False/APIMissing", "AlertsEffective=False/APIMissing")
	p.Expect(message(fm, "Ready")).To(Equal("PodMonitor and PrometheusRule not applied, because " +
		"monitoring.coreos.com/v1 is not served: install prometheus-operator's CRDs"))
	p.Expect(p.generated()).To(ConsistOf(boards))

	_, monitoring, err := cluster.CRDs(t.Context())
	p.must(err)
	for round := range 2 {
		p.installCRDs(t, monitoring)
		p.settled(fm, ready, "Scraped=Unknown/NoPrometheus")
		p.namesVMAgent(fm)
		p.withPrometheus()
		p.settled(fm, ready, "Scraped=Unknown/Selected")
		p.Expect(p.generated()).To(ConsistOf(usual), "round %d", round)

		p.removeCRD("podmonitors.monitoring.coreos.com", "prometheusrules.monitoring.coreos.com", "prometheuses.monitoring.coreos.com",
			"prometheusagents.monitoring.coreos.com")
		p.Eventually(func(g Gomega) {
			p.settled(fm, "Ready=False/APIMissing")
			g.Expect(fm.Status.Inventory.Entries).To(HaveLen(len(boards)))
			g.Expect(fm.Status.Prometheuses).To(BeEmpty())
		}).Should(Succeed(), "the kinds are removed one after the other")
	}
}

// namesVMAgent expects the condition Scraped to name VMAgent while its CRD exists.
func (p *place) namesVMAgent(fm *v1alpha1.FluxMonitoring) {
	p.t.Helper()
	scraped := func() string { return message(p.settled(fm, ready, "Scraped=Unknown/NoPrometheus"), "Scraped") }
	p.must(cluster.Apply(p.t.Context(), p.Client, crdOf(definitionOf{
		Group: "operator.victoriametrics.com", Kind: "VMAgent", Plural: "vmagents", Versions: []version{{"v1beta1", true, true}},
	})))
	p.Eventually(scraped).Should(Equal(
		"spec.prometheus selects no Prometheus. The operator cannot see whether VMAgent scrapes Flux: check there"))
	p.removeCRD("vmagents.operator.victoriametrics.com")
	p.Eventually(scraped).Should(Equal(
		"spec.prometheus selects no Prometheus: create one, widen its selectors, or check the collector that you use"))
}

func TestAlertmanagerConfigCanComeInEitherVersionAndGo(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus().withAlertmanager()
	p.removeCRD("alertmanagerconfigs.monitoring.coreos.com")
	p.operator(t)
	fm := p.settled(p.create(notifying(t, oncall)), "Ready=False/APIMissing", "Scraped=Unknown/Selected", "AlertsEffective=False/APIMissing")
	p.Expect(message(fm, "Ready")).To(Equal("AlertmanagerConfig not applied, because " +
		"the kind is not served: install CRD alertmanagerconfigs.monitoring.coreos.com"))
	p.Expect(p.generated()).To(ConsistOf(usual))

	var uids []types.UID
	appliedIn := func(expected string, alpha bool) {
		t.Helper()
		p.must(cluster.Apply(t.Context(), p.Client, crdOf(definitionOf{
			Group: monitoringGroup, Kind: "AlertmanagerConfig", Plural: "alertmanagerconfigs",
			Versions: []version{{"v1beta1", true, true}, {"v1alpha1", alpha, false}},
		})))
		p.Eventually(func(g Gomega) {
			p.settled(fm, ready, "AlertsEffective=True/Effective")
			g.Expect(fm.Status.Inventory.Entries).To(ContainElement(v1alpha1.InventoryEntry{
				ID: p.namespace + "_flux_monitoring.coreos.com_AlertmanagerConfig", Version: expected,
			}))
		}, "20s").Should(Succeed())
		config := object("AlertmanagerConfig", p.namespace, "flux")
		config.SetAPIVersion(monitoringGroup + "/" + expected)
		p.must(p.Get(t.Context(), client.ObjectKeyFromObject(config), config))
		uids = append(uids, config.GetUID())
	}
	for range 4 {
		appliedIn("v1beta1", false)
		appliedIn("v1alpha1", true) // which most clusters serve
	}
	p.Expect(uids).To(HaveEach(uids[0]), "it is the same object all the time")

	p.removeCRD("alertmanagerconfigs.monitoring.coreos.com")
	p.settled(fm, "Ready=False/APIMissing")
}

// removeCRD removes CRDs, and waits until they are gone.
func (p *place) removeCRD(names ...string) {
	p.t.Helper()
	p.must(cluster.RemoveCRDs(p.t.Context(), p.Client, names...))
}

func TestACRDThatIsBeingDeletedIsNotServed(t *testing.T) {
	p, fm := inOwnCluster(t).monitored()
	crd := &unstructured.Unstructured{}
	crd.SetGroupVersionKind(kinds.CustomResourceDefinition)
	p.must(p.Get(t.Context(), client.ObjectKey{Name: "podmonitors.monitoring.coreos.com"}, crd))
	holding := func(finalizers ...string) {
		before := crd.DeepCopy()
		crd.SetFinalizers(finalizers)
		p.must(p.Patch(t.Context(), crd, client.MergeFrom(before)))
	}
	holding("example.com/held")
	p.must(p.Delete(t.Context(), crd))
	p.settled(fm, "Ready=False/APIMissing")
	p.must(p.Get(t.Context(), client.ObjectKeyFromObject(crd), crd))
	p.Expect(crd.GetDeletionTimestamp()).NotTo(BeNil(), "it is still there")
	holding()
}

func TestTheCRDOfFluxMonitoringCanBeDeletedAndAppliedAgain(t *testing.T) {
	p, _ := inOwnCluster(t).monitored()
	p.removeCRD("fluxmonitorings.fluxmonitoring.dev")
	p.installCRDs(t, "../config/crd")
	p.settled(p.create(), ready)
}
