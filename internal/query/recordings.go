package query

import (
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Recording is a recorded series, and the query that is recorded in it.
type Recording struct {
	// Name of the series, one of package flux's.
	Name string
	// Query of what is recorded.
	Query Query
}

// Recordings give the state of objects one shape, whatever tells it: the series of a source, in the order they must be
// recorded in. The scope narrows what the source exposes. The cluster, if any, is the label the recordings are given.
//
// Each of them that tells of single objects holds over a gap: while the source is silent that was heard within the last five
// minutes, an object keeps the state it had, so that no alert loses its clock while the operator moves to another pod, or
// while the source is changed.
func Recordings(source flux.StateSource, cluster string, scope ...*labels.Matcher) []Recording {
	recorded := make([]Recording, 0, len(source.Records()))
	for _, name := range source.Records() {
		recorded = append(recorded, Recording{Name: name, Query: recording(source, name, cluster, scope)})
	}
	return recorded
}

// recording is the query of one series. What stands on other recordings of the group is of its cluster, as they are.
func recording(source flux.StateSource, name, cluster string, scope []*labels.Matcher) Query {
	if q, is := derived[name]; is {
		return q.in(cluster)
	}
	q := states[source][name].Within(scope...)
	if last, holds := lastKnown[name]; holds {
		return q.orLast(last, cluster)
	}
	return q
}

// states are the queries of each source by what they are recorded as.
var states = map[flux.StateSource]map[string]Query{
	flux.Exporter: {
		flux.RecordedObserved:  ExporterObserved,
		flux.RecordedReady:     InfoReady,
		flux.RecordedNotReady:  InfoNotReady,
		flux.RecordedSuspended: InfoSuspended,
		flux.RecordedWaiting:   InfoWaiting,
		flux.RecordedStalled:   InfoStalled,
		flux.RecordedFailing:   InfoFailing,
		flux.RecordedBehind:    InfoBehind,
	},
	flux.KubeStateMetrics: {
		flux.RecordedObserved:  InfoObserved,
		flux.RecordedReady:     InfoReady,
		flux.RecordedNotReady:  InfoNotReady,
		flux.RecordedSuspended: InfoSuspended,
		flux.RecordedWaiting:   InfoWaiting,
		flux.RecordedStalled:   InfoStalled,
		flux.RecordedFailing:   InfoFailing,
		flux.RecordedBehind:    InfoBehind,
	},
	flux.OperatorReport: {
		flux.RecordedObserved:  ReportObserved,
		flux.RecordedReady:     ReportReady,
		flux.RecordedNotReady:  ReportNotReady,
		flux.RecordedSuspended: ReportSuspended,
		flux.RecordedWaiting:   ReportWaiting,
		flux.RecordedFailing:   ReportFailing,
	},
	flux.Controllers: {
		flux.RecordedObserved:  ControllersObserved,
		flux.RecordedReady:     ConditionReady,
		flux.RecordedNotReady:  ConditionNotReady,
		flux.RecordedSuspended: ConditionSuspended,
	},
}

// derived are recordings of recordings, whatever the source.
var derived = map[string]Query{
	flux.RecordedNotReadySince:  RecordedNotReadySince,
	flux.RecordedSuspendedSince: RecordedSuspendedSince,
	flux.RecordedCount:          RecordedCount,
	flux.RecordedFailingRatio:   RecordedFailingRatio,
}

// lastKnown is what was recorded last while nothing is observed now but was a moment ago, and of what fails, as long as it is
// not ready.
var lastKnown = map[string]Query{
	flux.RecordedReady:     LastReady,
	flux.RecordedNotReady:  LastNotReady,
	flux.RecordedSuspended: LastSuspended,
	flux.RecordedStalled:   LastStalled,
	flux.RecordedWaiting:   LastWaiting,
	flux.RecordedFailing:   LastFailing,
	flux.RecordedBehind:    LastBehind,
}

// orLast is what the query has, and of other objects what was recorded last. Where the recordings are given a cluster, what the
// query has may lack that label.
func (q Query) orLast(last Query, cluster string) Query {
	if cluster == "" {
		return q.joined("or", last)
	}
	return q.joined("or on (kind, exported_namespace, name)", last.in(cluster))
}

// in keeps a query on recorded series to those of a cluster, if there is one.
func (q Query) in(cluster string) Query {
	if cluster == "" {
		return q
	}
	return q.Within(Is(flux.LabelCluster, cluster))
}
