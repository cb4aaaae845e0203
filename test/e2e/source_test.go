//go:build e2e

package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
)

func TestAlertsStayActiveThroughAChangeOfMetricsSource(t *testing.T) {
	w := shared.watchedClosely(t)
	before, others := shared.failureBecomes(t, ourSeverity, flapping, "firing"), shared.otherGroups(t)
	start := time.Now()

	fm := shared.settled(t, shared.ask(t, strings.TrimSuffix(closely, "}")+", resourceMetrics: {source: KubeStateMetrics}}"), ready, scraped)
	g := NewWithT(t)
	g.Expect(fm.Status.ResourceMetrics).To(HaveField("Source", v1alpha1.ResourceMetricsSourceKubeStateMetrics))
	g.Expect(shared.otherGroups(t)).To(Equal(others))
	shared.loadsRules(t)
	g.Eventually(func() ([]string, error) { return shared.prometheus.targets(t.Context(), exporterJob) }, patient, often).
		Should(BeEmpty(), "the exporter should be scraped no more")
	switched := time.Now()
	g.Eventually(func(g Gomega) {
		all, err := shared.prometheus.stored(t.Context(), notReady(flapping), switched)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(all).To(HaveLen(1))
		g.Expect(len(all[0].points)).To(BeNumerically(">=", 2))
	}, patient, often).Should(Succeed(), "the recordings of the other source should be evaluated")
	g.Expect(shared.failureBecomes(t, ourSeverity, flapping, "firing").ActiveAt).To(Equal(before.ActiveAt))

	shared.monitored(t, closely)
	shared.loadsRules(t)
	shared.exportsState(t, w, time.Now())
	t.Logf("away after %s and back after %s", switched.Sub(start).Round(time.Millisecond), since(start))
	shared.always(t, start, notReady(flapping), "what fails is recorded as not ready")
	g.Expect(shared.failureBecomes(t, ourSeverity, flapping, "firing").ActiveAt).To(Equal(before.ActiveAt))
	g.Expect(shared.otherGroups(t)).To(Equal(others))
}

// ofExporter are the alerts on what the exporter alone exports.
var ofExporter = []string{"FluxExporterIncomplete", "FluxNotificationsFailing"}

// otherGroups are the rule groups that are generated, except for the recordings and for the alerts of the exporter alone.
func (c *testCluster) otherGroups(t *testing.T) (others []monitoringv1.RuleGroup) {
	t.Helper()
	o := &monitoringv1.PrometheusRule{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, o))
	for _, group := range o.Spec.Groups {
		group.Rules = slices.DeleteFunc(group.Rules, func(r monitoringv1.Rule) bool { return slices.Contains(ofExporter, r.Alert) })
		if group.Name != alerts.RecordingGroup {
			others = append(others, group)
		}
	}
	return others
}
