package controllers_test

import (
	"testing"
	"time"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// requested requests a reconciliation, and waits until it is handled, with these conditions.
func (p *place) requested(fm *v1alpha1.FluxMonitoring, at string, conditions ...string) {
	p.t.Helper()
	p.request(fm, at)
	p.eventually("the request is handled", func() bool {
		return p.settled(fm, conditions...).Status.GetLastHandledReconcileRequest() == at
	})
}

// request asks for a reconciliation now, as `flux reconcile` does.
func (p *place) request(fm *v1alpha1.FluxMonitoring, at string) {
	p.t.Helper()
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Annotations = map[string]string{fluxmeta.ReconcileRequestAnnotation: at}
	})
}

func TestWhileSuspendedNothingIsWritten(t *testing.T) {
	p, fm := shared.in(t).monitored()
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Suspend = true
		onlyScraped(fm)
	})
	p.settled(fm, "Ready=True/Suspended", "Scraped=Unknown/Suspended", "ResourceMetrics=Unknown/Suspended", "AlertsEffective=Unknown/Suspended")
	p.Expect(message(fm, "Scraped")).To(Equal("the operator does not check this until spec.suspend is false"))
	p.must(p.Delete(t.Context(), p.get("PodMonitor", "flux")))
	p.requested(fm, "now", "Ready=True/Suspended")
	p.Expect(p.generated()).To(ConsistOf(but(usual, "PodMonitor/flux")))

	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = false })
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(monitors))
}

func TestALastingFaultHasOneEvent(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	fm := p.settled(p.create(patched("PodMonitor", "not a patch")), "Stalled=True/InvalidSpec")
	for _, at := range []string{"once", "twice", "thrice"} {
		p.requested(fm, at, "Stalled=True/InvalidSpec")
	}
	p.Consistently(func() []string { return p.events(fm) }, time.Second).Should(
		Equal([]string{"Warning InvalidSpec " + message(fm, "Ready")}))
}
