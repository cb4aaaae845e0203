package query

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

var sources = []flux.StateSource{flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport, flux.Controllers}

func TestEverySourceHasAQueryForEverySeriesItRecords(t *testing.T) {
	g := NewWithT(t)
	for _, source := range sources {
		var names []string
		for _, r := range Recordings(source, "", nil) {
			names = append(names, r.Name)
		}
		g.Expect(names).To(Equal(source.Records()), "%s", source)
		g.Expect(names[0]).To(Equal(flux.RecordedObserved), "the others read it in the same evaluation")
	}
	g.Expect(Recordings("", "", nil)).To(BeEmpty())
}

func TestRecordingsKeepTheirClusterAndBridgeGaps(t *testing.T) {
	g := NewWithT(t)
	recorded := Recordings(flux.Exporter, "production-1", nil, Is("job", "monitoring/flux-exporter"), Of("production-1"))
	g.Expect(recorded[0].Query.String()).To(Equal(
		`group by (cluster) (gotk_resources{cluster=~"|production-1",job="monitoring/flux-exporter"})`))
	info := `gotk_resource_info{cluster=~"|production-1",job="monitoring/flux-exporter",`
	g.Expect(recorded[1].Query.String()).To(Equal(
		`max by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (` +
			`label_replace(label_replace(label_join(5 * ` + info + `stalled="True",suspended!="true"} or 4 * ` +
			info + `ready="False",reason!="DependencyNotReady",stalled!="True",suspended!="true"} or 3 * ` +
			info + `ready="Unknown",stalled!="True",suspended!="true"} or 2 * ` +
			info + `ready="False",reason="DependencyNotReady",stalled!="True",suspended!="true"}, ` +
			`"source", ";", "source_name", "source_namespace", "exported_namespace"), ` +
			`"source_namespace", "$1", "source", ".+;;(.+)"), "kind", "$1", "customresource_kind", "(.+)")) or ` +
			`max by (cluster, kind, exported_namespace, name) (label_replace(1 * ` + info + `suspended="true"} or 0 * ` +
			info + `ready="True",stalled!="True",suspended!="true"}, "kind", "$1", "customresource_kind", "(.+)")) ` +
			`or on (kind, exported_namespace, name) (flux:resource:state{cluster="production-1"} unless on () ` +
			`(group by (cluster) (gotk_resources{cluster=~"|production-1",job="monitoring/flux-exporter"})) ` +
			`and on (cluster) (last_over_time(flux:resource:observed{cluster="production-1"}[5m])))`))
	g.Expect(recorded[1].Query.Metrics()).To(Equal([]string{
		"flux:resource:observed", "flux:resource:state", "gotk_resource_info", "gotk_resources"}))
}

func TestStateNumbersMatchPanelMappings(t *testing.T) {
	g := NewWithT(t)
	for name, q := range map[string]Query{
		"== 0": RecordedReady, "== 1": RecordedSuspended, "== 2": RecordedWaiting, "== 5": RecordedStalled, ">= 4": RecordedFailing,
	} {
		g.Expect(q.String()).To(ContainSubstring(name))
	}
	g.Expect([]int{StateReady, StateSuspended, StateWaiting, StateNotReady, StateFailing, StateStalled}).To(Equal([]int{0, 1, 2, 3, 4, 5}))
}

func TestClusterWideRecordsHaveOnlyTheClusterLabel(t *testing.T) {
	g := NewWithT(t)
	last := func(recorded []Recording) string { return recorded[len(recorded)-1].Query.String() }
	g.Expect(last(Recordings(flux.Exporter, "", nil, Is("job", "monitoring/flux-exporter")))).To(Equal(
		`(count by (cluster) (flux:resource:failing{kind!="FluxMonitoring"}) or on (cluster) 0 * flux:resource:count) / on (cluster) flux:resource:count`))
	g.Expect(last(Recordings(flux.Controllers, "production-1", nil, Of("production-1")))).To(Equal(
		`count by (cluster) (max by (cluster, kind, exported_namespace, name) (` +
			`flux:resource:state{cluster="production-1",kind!="FluxMonitoring"}) != 1)`))
}
