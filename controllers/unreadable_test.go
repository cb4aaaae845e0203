package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// cannotList is the error of the API server for the limited user.
func (p *place) cannotList(resource string) string {
	return resource + `.monitoring.coreos.com is forbidden: User "limited-` + p.namespace + `" cannot list resource "` + resource +
		`" in API group "monitoring.coreos.com" at the cluster scope`
}

func TestAForbiddenKindIsReportedAndBlocksNoOther(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.blindTo("prometheusrules").operator(t)
	fm := p.settled(p.create(), "Ready=False/Forbidden", "Stalled=True/Forbidden", "Scraped=Unknown/Forbidden", "AlertsEffective=Unknown/Forbidden")
	p.Expect(message(fm, "Ready")).To(Equal("PrometheusRule is not applied, because the operator cannot list PrometheusRule objects: " +
		p.cannotList("prometheusrules") + ". Apply the operator's ClusterRole again."))
	p.Expect(p.generated()).To(ConsistOf(but(usual, "PrometheusRule/flux")))

	p.grant("given", p.limitedUser(), anything(monitoringGroup))
	p.settled(fm, ready, "Scraped=Unknown/Selected", "AlertsEffective=True/Effective")
	p.Expect(p.generated()).To(ConsistOf(usual))
}

func TestLabelsStayWhilePrometheusCannotBeRead(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	stop := p.operator(t)
	fm := p.settled(p.create(), ready, "Scraped=Unknown/Selected")
	stop()
	p.blindTo("prometheuses", "alertmanagers").operator(t)
	p.settled(fm, ready, "Scraped=Unknown/Forbidden", "AlertsEffective=Unknown/Forbidden")
	p.Expect(message(fm, "Scraped")).To(Equal("This is not known because the operator cannot list Prometheus objects: " +
		p.cannotList("prometheuses") + ". Apply the operator's ClusterRole again."))
	p.change(fm, clustered("other"))
	p.settled(fm, ready)
	for _, o := range []string{"PodMonitor", "PrometheusRule"} {
		p.Expect(p.get(o, "flux").GetLabels()).To(HaveKeyWithValue("release", "kube-prometheus-stack"), o)
	}
}

func TestAFailingConversionWebhookIsNoMissingKind(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	p.removeCRD("podmonitors.monitoring.coreos.com")
	crd := crdOf(definitionOf{
		Group: "monitoring.coreos.com", Kind: "PodMonitor", Plural: "podmonitors",
		Versions: []version{{"v1", true, false}, {"v2", true, true}},
	})
	p.must(cluster.Apply(t.Context(), p.Client, crd.DeepCopy()))
	stored := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "monitoring.coreos.com/v2", "kind": "PodMonitor"}}
	stored.SetNamespace(p.namespace)
	stored.SetName("stored")
	stored.SetLabels(map[string]string{"fluxmonitoring.dev/name": "other"})
	p.createOnceServed(stored)
	p.must(unstructured.SetNestedMap(crd.Object, map[string]any{
		"strategy": "Webhook", "webhook": map[string]any{
			"conversionReviewVersions": []any{"v1"}, "clientConfig": map[string]any{"url": "https://127.0.0.1:1/convert"},
		},
	}, "spec", "conversion"))
	p.must(cluster.Apply(t.Context(), p.Client, crd.DeepCopy()))

	p.operator(t)
	fm := p.settled(p.create(), "Ready=False/ApplyFailed", "Reconciling=True/ApplyFailed", "Scraped=Unknown/ApplyFailed")
	p.Expect(message(fm, "Ready")).To(HavePrefix("PodMonitor is not applied, because the operator cannot list PodMonitor objects: "))
	p.Expect(message(fm, "Ready")).To(ContainSubstring("conversion webhook"))
	p.Expect(p.get("PrometheusRule", "flux")).NotTo(BeNil(), "the others are applied")

	p.must(unstructured.SetNestedMap(crd.Object, map[string]any{"strategy": "None"}, "spec", "conversion"))
	p.must(cluster.Apply(t.Context(), p.Client, crd))
	p.settled(fm, ready, "Scraped=Unknown/Selected")
}

func TestAnOperatorThatCannotListFluxMonitoringsIsNotReady(t *testing.T) {
	isReadyOnceItCanList(inVacantCluster(t), false)
}

func TestOneOfSeveralOperatorsIsNotReadyUntilItCanListFluxMonitorings(t *testing.T) {
	isReadyOnceItCanList(inVacantCluster(t), true)
}

// isReadyOnceItCanList gives the operator the permission to list FluxMonitorings late. It asks again with longer and longer pauses, so this test
// takes longer than any other, and is one of two so that they run at the same time.
func isReadyOnceItCanList(p *place, elected bool) {
	t, probe := p.t, free(p.t)
	at, measuring := measured(t)
	p.everythingBut("fluxmonitoring.dev").operator(t, measuring, func(o *controllers.Options) {
		o.ProbeAddress, o.LeaderElection, o.LeaderElectionNamespace = probe, elected, p.namespace
	})
	readyz := func() string { return answer(t, "http://"+probe+"/readyz?verbose") }
	p.Eventually(readyz).Should(ContainSubstring("[-]cluster failed"))
	p.Eventually(at.samples).Should(HaveKeyWithValue("fluxmonitoring_operator_ready", "0"), "its metrics are there from the start")
	p.Consistently(readyz).Should(HavePrefix("500 "))

	p.grant("given", p.limitedUser(), anything("fluxmonitoring.dev"))
	p.Eventually(readyz, 3*soon).Should(HavePrefix("200 "))
	p.Eventually(at.samples).Should(HaveKeyWithValue("fluxmonitoring_operator_ready", "1"))
}
