package controllers_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fought is how long another manager applies in these tests: a tenth of its writes by the operator would fail them.
const fought = 20 * time.Second

func TestAContestedObjectIsRestoredWithBackoffAndItsManagerNamed(t *testing.T) {
	p, fm, log := atRest(t)
	restores := func() float64 { return p.metrics.total("fluxmonitoring_restores_total", `kind="PodMonitor"`) }
	runs, restored := p.reconciliations(), restores()

	stop := p.fight("PodMonitor", "flux", "fighter")
	p.settled(fm, "Ready=False/Contested", "Stalled=True/Contested", "Scraped=Unknown/Contested")
	const contested = "PodMonitor flux: it is changed again and again by fighter and restored with backoff: let only one manage it"
	p.Expect(message(fm, "Ready")).To(Equal(contested))
	p.Eventually(func() []string { return p.events(fm) }).Should(ContainElement("Warning Contested " + contested))

	dashboard := p.get("ConfigMap", "flux-dashboard-cluster")
	want := content(dashboard)
	p.must(p.Patch(t.Context(), dashboard, client.RawPatch(types.JSONPatchType, []byte(`[{"op":"remove","path":"/data/flux-cluster.json"}]`))))
	p.Eventually(func() any { return content(p.get("ConfigMap", dashboard.GetName())) }, fought, often).Should(Equal(want), "other objects are restored at once")

	wrote := stop()
	p.Expect(wrote).To(BeNumerically(">", 60), "the other manager has applied often")
	written := writes(log.requests(t))
	p.Expect(len(written)).To(BeNumerically("<", 20), "%v", written)
	p.Expect(p.reconciliations()-runs).To(BeNumerically("<", 20), "the writes of the other cause few runs")
	p.Expect(restores() - restored).To(BeNumerically("~", 5, 1))
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
	began, times, ended := time.Now(), 0, make(chan struct{})
	ctx, end := context.WithCancel(p.t.Context())
	go func() {
		defer close(ended)
		wait.UntilWithContext(ctx, func(ctx context.Context) {
			o, patch := object(kind, p.namespace, name), client.RawPatch(types.ApplyPatchType, content)
			if p.Patch(ctx, o, patch, client.ForceOwnership, client.FieldOwner(manager)) == nil {
				times++
			}
		}, 100*time.Millisecond)
	}()
	return func() int {
		<-time.After(time.Until(began.Add(fought)))
		end()
		<-ended
		return times
	}
}

func TestAnObjectDeletedAgainAndAgainIsContested(t *testing.T) {
	p, fm := inOwnCluster(t).monitored()
	for range 4 {
		p.eventually("it comes back", func() bool { return p.get("PodMonitor", "flux") != nil })
		p.must(p.Delete(t.Context(), p.get("PodMonitor", "flux")))
	}
	p.settled(fm, "Ready=False/Contested", "Scraped=False/ApplyFailed")
	p.Expect(message(fm, "Ready")).To(HavePrefix("PodMonitor flux: it is changed or deleted again and again "))
}
