package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestOfTwoForOnePrometheusTheOlderWins(t *testing.T) {
	g := NewWithT(t)
	p := shared.in(t).withFlux().withPrometheus()
	older := p.settled(p.create(), ready)
	younger := p.settled(p.create(named("zweiter")), "Ready=False/Conflict", "Stalled=True/Conflict")

	g.Expect(message(younger, "Ready")).To(Equal("FluxMonitoring " + p.namespace + "/flux is older, monitors the same Flux in namespace " +
		p.flux + " and is taken up by the same Prometheus: delete one of the two, or give each its own spec.prometheus.selector"))
	g.Expect(p.generated()).To(ConsistOf(usual), "the younger writes nothing")
	g.Expect(younger.Status.Inventory).To(BeNil())

	p.must(p.Delete(t.Context(), older))
	p.settled(younger, ready)
	g.Expect(younger.Status.Inventory.Entries).To(HaveLen(len(usual)))
}

func TestTheYoungerWithdrawsWhenAPrometheusForBothArrives(t *testing.T) {
	p := shared.in(t).withFlux()
	older := p.settled(p.create(named("a")), ready)
	younger := p.settled(p.create(named("b")), ready)
	p.withPrometheus()
	p.settled(older, ready, "Scraped=True/Selected")
	p.settled(younger, "Stalled=True/Conflict")
	p.eventually("what would be scraped twice is withdrawn", func() bool { return len(p.generated()) == len(usual) })
}

func TestTwoForDifferentPrometheusesAreFine(t *testing.T) {
	other := map[string]string{}
	p := shared.in(t).withFlux().withPrometheus()
	other["test"] = p.namespace + "-other"
	p.withPrometheus(func(o *monitoringv1.Prometheus) { o.Name, o.Labels = "other", other })
	first := p.create(named("first"))
	second := p.create(named("second"), func(fm *v1alpha1.FluxMonitoring) {
		fm.Spec.Prometheus.Selector.MatchLabels = other
	})
	p.settled(first, ready)
	p.settled(second, ready)
}

func TestOneThatScrapesAndOneThatAlertsAreFine(t *testing.T) {
	p := shared.in(t).withFlux().withPrometheus()
	p.settled(p.create(named("scrapes"), func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Enabled = off() }), ready)
	p.settled(p.create(named("alerts"), func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Scrape.Enabled = off() }), ready)
}

func named(name string) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) { fm.Name = name }
}
