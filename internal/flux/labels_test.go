package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestMetricsHaveOwnAndTargetLabels(t *testing.T) {
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

func TestTheValuesOfALabelOfAMetric(t *testing.T) {
	never := []string{""}
	for name, c := range map[string]struct {
		source        StateSource
		metric, label string
		values        []string
		known         bool
	}{
		"a label that the exporter does not serve": {Exporter, StateInfo, "type", never, true},
		"the kind, which has another name":         {Exporter, StateInfo, "kind", never, true},
		"whether an object is ready":               {Exporter, StateInfo, "ready", []string{"True", "False", "Unknown", ""}, true},
		"whether it is suspended":                  {Exporter, StateInfo, "suspended", []string{"true", "false", ""}, true},
		"the same of flux-operator":                {OperatorReport, StateReport, "suspended", []string{"True", "False", ""}, true},
		"a label of one kind":                      {Exporter, StateInfo, "chart_name", nil, false},
		"a name, which can be any":                 {Exporter, StateInfo, "name", nil, false},
		"a label of the target":                    {Exporter, StateInfo, "pod", nil, false},
		"a label that a scrape has moved":          {Exporter, StateInfo, "exported_job", nil, false},
		"the user's own configuration":             {KubeStateMetrics, StateInfo, "type", nil, false},
		"what that cannot change":                  {KubeStateMetrics, StateInfo, "ready", []string{"True", "False", "Unknown", ""}, true},
		"a metric of another source":               {OperatorReport, StateInfo, "type", nil, false},
		"a report without that label":              {OperatorReport, "flux_instance_info", "customresource_kind", never, true},
		"a report of another source":               {Exporter, StateReport, "customresource_kind", nil, false},
		"the guide's type of a condition":          {Exporter, StateCondition, "type", []string{"Ready", ""}, true},
		"the guide's kinds, which others add to":   {Controllers, StateCondition, "kind", nil, false},
		"a label the guide's families do not have": {Controllers, StateSuspended, "status", never, true},
		"durations":                           {Exporter, "gotk_reconcile_duration_seconds_count", "controller", never, true},
		"a bucket of a duration":              {Exporter, "gotk_reconcile_duration_seconds_bucket", "le", nil, false},
		"a recorded label that is lost":       {Exporter, RecordedReady, "ready", never, true},
		"a recorded label of the target":      {Exporter, RecordedReady, "pod", never, true},
		"a recorded name":                     {Exporter, RecordedReady, "name", nil, false},
		"the source of what is not ready":     {Exporter, RecordedNotReady, "source_name", nil, false},
		"the source of what is ready":         {Exporter, RecordedReady, "source_name", never, true},
		"a recorded count":                    {Exporter, RecordedCount, "kind", never, true},
		"recorded work":                       {Exporter, RecordedRate, "name", never, true},
		"a metric that everybody has":         {Exporter, "workqueue_depth", "kind", nil, false},
		"a metric of which nothing is known":  {Exporter, "gotk_cached_items", "kind", nil, false},
		"the kinds of whatever configuration": {KubeStateMetrics, RecordedReady, "kind", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			values, known := c.source.Values(c.metric, c.label)
			g.Expect(known).To(Equal(c.known))
			g.Expect(values).To(Equal(c.values))
		})
	}
	for metric, label := range map[string]string{StateInfo: "customresource_kind", RecordedReady: LabelKind} {
		kinds, known := Exporter.Values(metric, label)
		NewWithT(t).Expect(known).To(BeTrue())
		NewWithT(t).Expect(kinds).To(ContainElements("GitRepository", "FluxMonitoring", ""))
	}
}
