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

func TestStateNumbersMatchPanelMappings(t *testing.T) {
	g := NewWithT(t)
	for name, q := range map[string]Query{
		"== 0": RecordedReady, "== 1": RecordedSuspended, "== 2": RecordedWaiting, "== 5": RecordedStalled, ">= 4": RecordedFailing,
	} {
		g.Expect(q.String()).To(ContainSubstring(name))
	}
	g.Expect([]int{StateReady, StateSuspended, StateWaiting, StateNotReady, StateFailing, StateStalled}).To(Equal([]int{0, 1, 2, 3, 4, 5}))
}

func TestTheCountOfASourceHasOnlyTheClusterLabel(t *testing.T) {
	recorded := Recordings(flux.Controllers, "production-1", nil, Of("production-1"))
	NewWithT(t).Expect(recorded[len(recorded)-1].Query.String()).To(Equal(`count by (cluster) (max by (cluster, kind, exported_namespace, name) (` +
		`flux:resource:state{cluster="production-1",kind!="FluxMonitoring"}) != 1)`))
}
