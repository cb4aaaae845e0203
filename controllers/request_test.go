package controllers_test

import (
	"testing"
	"time"

	"github.com/fluxcd/pkg/apis/kustomize"
	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// request asks for a reconciliation now, as `flux reconcile` does.
func (p *place) request(fm *v1alpha1.FluxMonitoring, at string) {
	p.t.Helper()
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Annotations = map[string]string{fluxmeta.ReconcileRequestAnnotation: at}
	})
}

func TestARequestToReconcileIsHonouredAndReported(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	p.request(fm, "2026-01-02T03:04:05Z")
	p.eventually("the request is reported", func() bool {
		p.settled(fm, ready)
		return fm.Status.GetLastHandledReconcileRequest() == "2026-01-02T03:04:05Z"
	})
}

func TestWhileSuspendedNothingIsWritten(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(), ready)
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Suspend = true
		onlyScraped(fm)
	})
	p.settled(fm, "Ready=True/Suspended", "Scraped=Unknown/Suspended", "ResourceMetrics=Unknown/Suspended", "AlertsEffective=Unknown/Suspended")
	g.Expect(message(fm, "Scraped")).To(Equal("the operator does not check this until spec.suspend is false"))
	p.must(p.Delete(t.Context(), p.get("PodMonitor", "flux")))
	p.request(fm, "now")
	p.eventually("a request is handled meanwhile", func() bool {
		p.settled(fm, "Ready=True/Suspended")
		return fm.Status.GetLastHandledReconcileRequest() == "now"
	})
	g.Expect(p.generated()).To(ConsistOf(but(usual, "PodMonitor/flux")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = false })
	p.settled(fm, ready)
	g.Expect(p.generated()).To(ConsistOf(monitors))
}

func TestAFaultThatStaysIsSaidOnce(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(patches(kustomize.Patch{Patch: "not a patch", Target: &kustomize.Selector{Kind: "PodMonitor"}})), "Stalled=True/InvalidSpec")
	for _, at := range []string{"once", "twice", "thrice"} {
		p.request(fm, at)
		p.eventually("the request is handled", func() bool {
			p.settled(fm, "Stalled=True/InvalidSpec")
			return fm.Status.GetLastHandledReconcileRequest() == at
		})
	}
	g.Consistently(func() []string { return p.events(fm) }, time.Second, often).Should(
		Equal([]string{"Warning InvalidSpec " + message(fm, "Ready")}))
}
