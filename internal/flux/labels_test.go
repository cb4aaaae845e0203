package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestAMetricCarriesTheLabelsOfItsTargetAndItsOwn(t *testing.T) {
	for _, c := range []struct {
		metric, label string
		want          bool
	}{
		{"gotk_reconcile_duration_seconds_count", LabelObjectNamespace, true},
		{"gotk_reconcile_duration_seconds_count", LabelJob, true},
		{"gotk_reconcile_duration_seconds_count", "controller", false},
		{"workqueue_depth", LabelObjectNamespace, false},
		{"workqueue_depth", LabelNamespace, true},
		{"up", LabelApp, true},
		{"up", LabelKind, false},
		{RecordedNotReady, LabelObjectNamespace, true},
		{RecordedNotReady, LabelCluster, true},
		{RecordedNotReady, LabelJob, false},
		{RecordedNotReady, LabelNamespace, false},
		{"kube_pod_info", "anything", true},
	} {
		t.Run(c.metric+" "+c.label, func(t *testing.T) {
			NewWithT(t).Expect(Carries(c.metric, c.label)).To(Equal(c.want))
		})
	}
}

func TestTheIdentityOfAnObjectIsFourLabels(t *testing.T) {
	NewWithT(t).Expect(Identity()).To(Equal([]string{"cluster", "kind", "exported_namespace", "name"}))
}

func TestWorkRecordsHaveTheirAggregationLabels(t *testing.T) {
	g := NewWithT(t)
	for _, metric := range WorkRecords() {
		for _, label := range []string{"cluster", "namespace", "kind", "exported_namespace"} {
			g.Expect(Carries(metric, label)).To(BeTrue(), "%s %s", metric, label)
		}
		for _, label := range []string{"job", "app", "pod"} {
			g.Expect(Carries(metric, label)).To(BeFalse(), "%s %s", metric, label)
		}
		g.Expect(Carries(metric, "name")).To(Equal(metric == RecordedSlowest), metric)
	}
}
