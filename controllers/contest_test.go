package controllers_test

import (
	"encoding/json"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// fought is how long somebody fights in these tests: a tenth of the writes of a manager that answers each time would fail them.
const fought = 20 * time.Second

func TestAManagerThatFightsIsAnsweredEverMoreSeldomAndNamed(t *testing.T) {
	g := NewWithT(t)
	p, fm, log := atRest(t)
	runs, restored := reconciliations(g), restoresOf(g, "PodMonitor")

	stop := p.fight("PodMonitor", "flux", "fighter")
	p.settled(fm, "Ready=False/Contested", "Stalled=True/Contested", "Scraped=Unknown/Contested")
	const said = "PodMonitor flux: it is changed again and again by fighter (see its managedFields), so it is restored ever less often, " +
		"in the end every 5 minutes: let only one manage it"
	g.Expect(message(fm, "Ready")).To(Equal(said))
	g.Eventually(func() []string { return p.events(fm) }, soon, often).Should(ContainElement("Warning Contested " + said))

	dashboard := p.get("ConfigMap", "flux-dashboard-cluster")
	want := content(dashboard)
	p.must(p.Patch(t.Context(), dashboard, client.RawPatch(types.JSONPatchType, []byte(`[{"op":"remove","path":"/data/flux-cluster.json"}]`))))
	g.Eventually(func() any { return content(p.get("ConfigMap", dashboard.GetName())) }, fought, often).Should(Equal(want), "others are not held back")

	wrote := stop()
	g.Expect(wrote).To(BeNumerically(">", 60), "it was a fight")
	written := writes(log.requests(t))
	g.Expect(len(written)).To(BeNumerically("<", 20), "%v", written)
	g.Expect(reconciliations(g)-runs).To(BeNumerically("<", 20), "what another writes costs next to nothing")
	g.Expect(restoresOf(g, "PodMonitor") - restored).To(BeNumerically("~", 5, 1))
}

// fight has a manager apply an object of the place's in its own way, whatever others did to it, until it is stopped, which is not before
// it has fought for long enough. It returns how often it did.
func (p *place) fight(kind, name, manager string) (stop func() int) {
	p.t.Helper()
	content, err := json.Marshal(map[string]any{
		"apiVersion": apiVersion(kind), "kind": kind, "metadata": map[string]any{"namespace": p.namespace, "name": name},
		"spec": map[string]any{"podTargetLabels": []string{"fought"}, "selector": map[string]any{}},
	})
	p.must(err)
	end, times := make(chan struct{}), make(chan int)
	began := time.Now()
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		n := 0
		for {
			select {
			case <-end:
				times <- n
				return
			case <-tick.C:
				o := &unstructured.Unstructured{}
				o.SetAPIVersion(apiVersion(kind))
				o.SetKind(kind)
				o.SetNamespace(p.namespace)
				o.SetName(name)
				patch := client.RawPatch(types.ApplyPatchType, content)
				if p.Patch(p.t.Context(), o, patch, client.ForceOwnership, client.FieldOwner(manager)) == nil {
					n++
				}
			}
		}
	}()
	return func() int {
		<-time.After(time.Until(began.Add(fought)))
		close(end)
		return <-times
	}
}

// restoresOf is what the operator counts as restored of a kind.
func restoresOf(g Gomega, kind string) float64 {
	families, err := metrics.Registry.Gather()
	g.Expect(err).NotTo(HaveOccurred())
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "fluxmonitoring_restores_total" && m.GetLabel()[0].GetValue() == kind {
				return m.GetCounter().GetValue()
			}
		}
	}
	g.Expect(families).To(BeNil(), "it is counted from the beginning")
	return 0
}

func TestWhoDeletesAnObjectAgainAndAgainIsAnsweredEverMoreSeldom(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.operator(t)
	p := c.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	for range 4 {
		p.eventually("it comes back", func() bool { return p.get("PodMonitor", "flux") != nil })
		p.must(p.Delete(t.Context(), p.get("PodMonitor", "flux")))
	}
	p.settled(fm, "Ready=False/Contested", "Scraped=False/ApplyFailed")
	g.Expect(message(fm, "Ready")).To(HavePrefix("PodMonitor flux: it is changed or deleted again and again, "))
}
