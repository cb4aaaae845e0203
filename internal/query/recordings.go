package query

import (
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Recording is a recorded series and its query.
type Recording struct {
	// Name of the series, one of package flux's.
	Name string
	// Query is the expression of the recording rule.
	Query Query
}

// Recordings give the state of objects one form, whatever the metrics source: the series of a source, in the order in which they must be
// recorded. The scope narrows what the source exports. The cluster, if any, is the label of the recordings. The timeouts are those of
// kinds, for sources that do not export those of objects.
//
// Prometheus evaluates the rules of a group one after the other, at one time, and can store a scrape between two of them. So only one rule
// reads what the source exports about single objects (flux.RecordedState), and all others are based on that. A later scrape is recorded in
// the next evaluation.
//
// It survives a gap: while a source is silent that was exported within the last five minutes, an object keeps its state, so that no alert
// starts again while the operator moves to another pod, or while the source changes.
func Recordings(source flux.StateSource, cluster string, timeouts map[string]time.Duration, scope ...*labels.Matcher) []Recording {
	recorded := make([]Recording, 0, len(source.Records()))
	for _, name := range source.Records() {
		if name == flux.RecordedDeadline {
			recorded = append(recorded, Recording{Name: name, Query: deadline(source, cluster, timeouts, scope)})
			continue
		}
		recorded = append(recorded, Recording{Name: name, Query: recording(source, name, cluster, scope)})
	}
	return recorded
}

// recording is the query of one series. A series that is based on other recordings of the group is of their cluster.
func recording(source flux.StateSource, name, cluster string, scope []*labels.Matcher) Query {
	if q, is := derived[name]; is {
		return q.in(cluster)
	}
	q, observed := sourceQueries[source][name].Within(scope...), sourceQueries[source][flux.RecordedObserved].Within(scope...)
	switch name {
	case flux.RecordedBehind:
		return q.whileReady(cluster).orLast(name, observed, cluster)
	case flux.RecordedState:
		return q.orLast(name, observed, cluster)
	}
	return q
}

// sourceQueries are the queries of each source on what it exports, by the names of the recordings.
var sourceQueries = map[flux.StateSource]map[string]Query{
	flux.Exporter: {
		flux.RecordedObserved: ExporterObserved,
		flux.RecordedState:    InfoState,
		flux.RecordedBehind:   InfoBehind,
	},
	flux.KubeStateMetrics: {
		flux.RecordedObserved: InfoObserved,
		flux.RecordedState:    InfoState,
		flux.RecordedBehind:   InfoBehind,
	},
	flux.OperatorReport: {
		flux.RecordedObserved: ReportObserved,
		flux.RecordedState:    ReportState,
	},
	flux.Controllers: {
		flux.RecordedObserved: ControllersObserved,
		flux.RecordedState:    ConditionState,
	},
}

// derived are recordings that are based on recordings, whatever the source.
var derived = map[string]Query{
	flux.RecordedReady:          RecordedReady,
	flux.RecordedNotReady:       RecordedNotReady,
	flux.RecordedSuspended:      RecordedSuspended,
	flux.RecordedWaiting:        RecordedWaiting,
	flux.RecordedStalled:        RecordedStalled,
	flux.RecordedFailing:        RecordedFailing,
	flux.RecordedNotReadySince:  RecordedNotReadySince,
	flux.RecordedSuspendedSince: RecordedSuspendedSince,
	flux.RecordedCount:          RecordedCount,
	flux.RecordedFailingRatio:   RecordedFailingRatio,
}

// orLast is the result of the query, and for other objects the result recorded last, while a source is silent that was exported within the
// last five minutes. The same query checks whether it is silent, because it can fall silent between two rules. If the recordings have a
// cluster, what the source exports may lack that label, and belongs to that cluster.
func (q Query) orLast(name string, observed Query, cluster string) Query {
	last, heard := New(name).in(cluster), New(`last_over_time(flux:resource:observed[5m])`).in(cluster)
	if cluster == "" {
		return q.joined("or", last.joined("unless on (cluster)", observed).joined("and on (cluster)", heard))
	}
	return q.joined("or on (kind, exported_namespace, name)",
		last.joined("unless on ()", observed).joined("and on (cluster)", heard))
}

// whileReady is the query for Kustomizations whose recorded state is ready. If the recordings have a cluster, the result of the query may
// lack that label.
func (q Query) whileReady(cluster string) Query {
	ready := New(`max by (cluster, kind, exported_namespace, name) (flux:resource:state{kind="Kustomization"}) == 0`).in(cluster)
	if cluster == "" {
		return q.joined("and on (cluster, kind, exported_namespace, name)", ready)
	}
	return q.joined("and on (kind, exported_namespace, name)", ready)
}

// in narrows a query on recorded series to a cluster, if there is one.
func (q Query) in(cluster string) Query {
	if cluster == "" {
		return q
	}
	return q.Within(Is(flux.LabelCluster, cluster))
}
