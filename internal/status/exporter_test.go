package status

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
)

func TestObjectsThatNestTooDeeplyAreNamed(t *testing.T) {
	facts := facts.Exporter{Serving: true, TooDeep: []string{"HelmRelease shop/a", "HelmRelease shop/b"}}
	NewWithT(t).Expect(exporterCondition(&v1alpha1.FluxMonitoring{}, facts, "why")).To(Equal(conditionValue{metav1.ConditionTrue, "Served",
		"the metrics source is Exporter, because why; delete these objects, which nest so deeply that other clients cannot list their kind: " +
			"HelmRelease shop/a, HelmRelease shop/b"}))
}

func TestNamespacesWithOmittedObjectsAreNamed(t *testing.T) {
	const rest = ": raise --max-series, delete objects, or set --watch-label-selector"
	for _, c := range []struct {
		namespaces []string
		want       string
	}{
		{[]string{"shop", "team"}, "the exporter omits objects of namespace shop, team" + rest},
		{nil, "the exporter omits objects" + rest},
	} {
		facts := facts.Exporter{Serving: true, Limited: true, Omitting: c.namespaces}
		NewWithT(t).Expect(exporterCondition(&v1alpha1.FluxMonitoring{}, facts, "why")).To(Equal(conditionValue{metav1.ConditionFalse, "SeriesLimitReached", c.want}))
	}
}

func TestAnExporterThatStartsTooSlowlyIsNotServed(t *testing.T) {
	fm := &v1alpha1.FluxMonitoring{}
	fm.Status.ResourceMetrics = &v1alpha1.ResourceMetricsStatus{Source: v1alpha1.ResourceMetricsSourceExporter}
	meta.SetStatusCondition(&fm.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionResourceMetrics, Status: metav1.ConditionTrue, Reason: "Served"})
	for name, c := range map[string]struct {
		facts facts.Exporter
		want  conditionValue
	}{
		"just after a change of leader": {facts.Exporter{}, conditionValue{metav1.ConditionTrue, "Served", "the metrics source is Exporter, because why"}},
		"long after it": {facts.Exporter{Overdue: true}, conditionValue{metav1.ConditionUnknown, "Starting",
			"the exporter has been reading the Flux objects for minutes: check the API server, and read the operator's log"}},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(exporterCondition(fm, c.facts, "why")).To(Equal(c.want))
		})
	}
}
