package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
)

func TestTheOperatorExportsEveryMetricItsPodMonitorKeeps(t *testing.T) {
	at, measuring := measured(t)
	p := inOwnCluster(t, measuring, sharded(t, "!of-no-operator"), func(o *controllers.Options) {
		o.LeaderElection, o.LeaderElectionNamespace = true, "default"
	}).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	p.create(named("other"), func(fm *v1alpha1.FluxMonitoring) { fm.Labels = map[string]string{"of-no-operator": "true"} })
	endpoint := p.endpoint("flux-fluxmonitoring")
	p.Expect(endpoint.HonorLabels).To(BeFalse(), "labels of the target win over the metrics' own")
	p.Expect(endpoint.MetricRelabelConfigs).To(ConsistOf(HaveField("Action", "keep")))

	p.Eventually(func() []string {
		names := map[string]bool{}
		for sample := range at.samples() {
			name, _, _ := strings.Cut(sample, "{")
			names[name] = true
		}
		var missing []string
		for _, metric := range strings.Split(endpoint.MetricRelabelConfigs[0].Regex, "|") {
			if !names[metric] {
				missing = append(missing, metric)
			}
		}
		return missing
	}).Should(BeEmpty())
	p.Expect(at.samples()).To(HaveKey(`leader_election_master_status{name="fluxmonitoring-operator"}`), "the name is that of the Lease")
}

func TestFluxMonitoringsThatNoOperatorReconcilesAreExported(t *testing.T) {
	at, measuring := measured(t)
	p := inOwnCluster(t, measuring, sharded(t, "!of-no-operator")).withFlux().withPrometheus()
	of := func(name string) string {
		return fmt.Sprintf(`fluxmonitoring_unobserved_generations{name=%q,namespace=%q}`, name, p.namespace)
	}
	fm := p.create()
	p.settled(fm, ready)
	other := p.create(named("other"), func(fm *v1alpha1.FluxMonitoring) { fm.Labels = map[string]string{"of-no-operator": "true"} })
	p.Eventually(at.samples).Should(And(
		HaveKeyWithValue(of("other"), "1"), Not(HaveKey(of("flux")))), "it is new")
	p.change(other, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true })
	p.Eventually(at.samples).Should(HaveKeyWithValue(of("other"), "2"), "it is changed")

	p.change(other, func(fm *v1alpha1.FluxMonitoring) { fm.Labels = nil })
	p.Eventually(at.samples).Should(And(
		HaveKey("fluxmonitoring_operator_ready"), Not(HaveKey(of("other")))), "it is observed, although it is suspended")
}

func TestTheConditionsOfAFluxMonitoringAreExported(t *testing.T) {
	at, measuring := measured(t)
	p := inOwnCluster(t, measuring).withFlux().withPrometheus(func(o *monitoringv1.Prometheus) { o.Spec.PodMonitorSelector, o.Spec.RuleSelector = nil, nil })
	fm := p.create()
	p.settled(fm, ready, "Scraped=False/NotSelected")
	of := func(condition string) string {
		return fmt.Sprintf(`fluxmonitoring_condition{name="flux",namespace=%q,type=%q}`, p.namespace, condition)
	}
	p.Eventually(at.samples).Should(And(
		HaveKeyWithValue(of("Ready"), "1"), HaveKeyWithValue(of("Scraped"), "0"), HaveKeyWithValue(of("AlertsEffective"), "0")))
	p.change(fm, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true })
	p.Eventually(at.samples).Should(And(HaveKeyWithValue(of("Ready"), "1"), Not(HaveKey(of("Scraped")))), "Unknown has no sample")
}

func TestUnobservedFluxMonitoringsAreLimitedPerNamespace(t *testing.T) {
	at, measuring := measured(t)
	first := inOwnCluster(t, measuring, sharded(t, "of-no-operator=true"))
	second := first.in(t)
	for i := range 12 {
		first.create(named(fmt.Sprintf("fm-%02d", i)))
	}
	second.create(named("one"))
	series := func(names ...string) []string {
		var all []string
		for _, name := range names {
			all = append(all, fmt.Sprintf(`{name=%q,namespace=%q} 1`, name, first.namespace))
		}
		return append(all, fmt.Sprintf(`{name="one",namespace=%q} 1`, second.namespace))
	}
	first.Eventually(func() []string { return at.all("fluxmonitoring_unobserved_generations") }).Should(ConsistOf(
		series("fm-00", "fm-01", "fm-02", "fm-03", "fm-04", "fm-05", "fm-06", "fm-07", "fm-08", "fm-09")))
}

func TestAnOperatorWithoutMetricsIsNotScrapedForThem(t *testing.T) {
	p, _ := inOwnCluster(t, func(o *controllers.Options) { o.MetricsAddress = "0" }).monitored()
	p.Expect(p.get("PodMonitor", "flux-fluxmonitoring")).To(BeNil())
	p.Expect(p.get("PodMonitor", "flux-exporter")).NotTo(BeNil(), "its exporter is another server")
	p.Expect(p.rules("FluxMonitoringNotReady")).NotTo(BeEmpty())
	p.Expect(p.rules("FluxMonitoringOperatorDown")).To(BeEmpty(), "it would fire for ever")
}
