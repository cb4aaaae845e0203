package controllers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// measured has the operator serve its own metrics on a free port.
func measured(t *testing.T) (metricsAddress, func(*controllers.Options)) {
	t.Helper()
	addresses, err := cluster.FreeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	return metricsAddress(addresses[0]), func(o *controllers.Options) { o.MetricsAddress = addresses[0] }
}

// samples are what is served, by the name of the metric with its labels; nil when nothing answers.
func (s metricsAddress) samples(t *testing.T) map[string]string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+string(s)+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	found := map[string]string{}
	for line := range strings.Lines(string(body)) {
		if at := strings.LastIndexByte(line, ' '); at > 0 && !strings.HasPrefix(line, "#") {
			found[line[:at]] = strings.TrimSpace(line[at:])
		}
	}
	return found
}

func TestEveryMetricThatIsKeptOfTheOperatorIsOneItServes(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, measuring := measured(t)
	mine, err := labels.Parse("!of-nobody")
	g.Expect(err).NotTo(HaveOccurred())
	c.operator(t, measuring, func(o *controllers.Options) {
		o.LeaderElection, o.LeaderElectionNamespace, o.Shard = true, "default", mine
	})
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	p.create(named("other"), func(fm *v1alpha1.FluxMonitoring) { fm.Labels = map[string]string{"of-nobody": "true"} })
	spec := p.get("PodMonitor", "flux-fluxmonitoring").Object["spec"].(map[string]any)
	endpoint := spec["podMetricsEndpoints"].([]any)[0].(map[string]any)
	g.Expect(endpoint).NotTo(HaveKey("honorLabels"), "labels of the target win over the metrics' own")
	relabelings := endpoint["metricRelabelings"].([]any)
	g.Expect(relabelings).To(HaveLen(1))
	keep := relabelings[0].(map[string]any)
	g.Expect(keep).To(HaveKeyWithValue("action", "keep"))

	g.Eventually(func() []string {
		names := map[string]bool{}
		for sample := range at.samples(t) {
			name, _, _ := strings.Cut(sample, "{")
			names[name] = true
		}
		var missing []string
		for _, metric := range strings.Split(keep["regex"].(string), "|") {
			if !names[metric] {
				missing = append(missing, metric)
			}
		}
		return missing
	}, soon, often).Should(BeEmpty())
	g.Expect(at.samples(t)).To(HaveKey(`leader_election_master_status{name="fluxmonitoring-operator"}`), "the name is that of the Lease")
}

func TestTheOperatorTellsWhichFluxMonitoringsNobodyReconciles(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, measuring := measured(t)
	mine, err := labels.Parse("!of-nobody")
	g.Expect(err).NotTo(HaveOccurred())
	c.operator(t, measuring, func(o *controllers.Options) { o.Shard = mine })
	p := c.in(t).withFlux().withPrometheus()
	of := func(name string) string {
		return fmt.Sprintf(`fluxmonitoring_unobserved_generations{name=%q,namespace=%q}`, name, p.namespace)
	}
	fm := p.create()
	p.settled(fm, ready)
	other := p.create(named("other"), func(fm *v1alpha1.FluxMonitoring) { fm.Labels = map[string]string{"of-nobody": "true"} })
	g.Eventually(func() map[string]string { return at.samples(t) }, soon, often).Should(And(
		HaveKeyWithValue(of("other"), "1"), Not(HaveKey(of("flux")))), "it is new")
	p.change(other, func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true })
	g.Eventually(func() map[string]string { return at.samples(t) }, soon, often).Should(HaveKeyWithValue(of("other"), "2"), "it is changed")

	p.change(other, func(fm *v1alpha1.FluxMonitoring) { fm.Labels = nil })
	g.Eventually(func() map[string]string { return at.samples(t) }, soon, often).Should(And(
		HaveKey("fluxmonitoring_operator_ready"), Not(HaveKey(of("other")))), "suspended as it is, it is looked at")
}

func TestNoNamespaceHasTheOperatorServeAnyNumberOfSeries(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	at, measuring := measured(t)
	nobody, err := labels.Parse("of-nobody=true")
	g.Expect(err).NotTo(HaveOccurred())
	c.operator(t, measuring, func(o *controllers.Options) { o.Shard = nobody })
	first, second := c.in(t), c.in(t)
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
	g.Eventually(func() []string { return at.all(t.Context(), "fluxmonitoring_unobserved_generations") }, soon, often).Should(ConsistOf(
		series("fm-00", "fm-01", "fm-02", "fm-03", "fm-04", "fm-05", "fm-06", "fm-07", "fm-08", "fm-09")))
}

func TestTheOperatorTellsThatItIsNotReadyUntilItMayReadTheCluster(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	p := c.in(t)
	p.everythingBut("fluxmonitoring.dev")
	at, measuring := measured(t)
	p.limited().operator(t, measuring)
	g.Eventually(func() map[string]string { return at.samples(t) }, soon, often).Should(
		HaveKeyWithValue("fluxmonitoring_operator_ready", "0"), "it is scraped before it may read anything")
	p.grant("given", rbacv1.PolicyRule{APIGroups: []string{"fluxmonitoring.dev"}, Resources: []string{"*"}, Verbs: []string{"*"}})
	g.Eventually(func() map[string]string { return at.samples(t) }, 3*soon, often).Should(
		HaveKeyWithValue("fluxmonitoring_operator_ready", "1"))
}

func TestAnOperatorWithoutMetricsIsNotScrapedForThem(t *testing.T) {
	g := NewWithT(t)
	c := vacantCluster(t)
	c.operator(t, func(o *controllers.Options) { o.MetricsAddress = "0" })
	p := c.in(t).withFlux().withPrometheus()
	p.settled(p.create(), ready)
	g.Expect(p.get("PodMonitor", "flux-fluxmonitoring")).To(BeNil())
	g.Expect(p.get("PodMonitor", "flux-exporter")).NotTo(BeNil(), "its exporter is another server")
	g.Expect(p.rulesOf("FluxMonitoringNotReady")).NotTo(BeEmpty())
	g.Expect(p.rulesOf("FluxMonitoringOperatorDown")).To(BeEmpty(), "it would fire for ever")
}
