package query

import (
	"time"

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
// recorded in. The scope narrows what the source exposes. The cluster, if any, is the label the recordings are given. The timeouts are
// those of kinds, for sources that do not tell those of objects.
//
// Prometheus evaluates the rules of a group one after the other, at one time, and a scrape may be stored between two of them. So what
// the source tells of single objects is asked for once (flux.RecordedState), and all else is recorded of that. What a scrape brings
// after it was asked for is recorded in the next evaluation.
//
// It holds over a gap: while the source is silent that was heard within the last five minutes, an object keeps the state it had, so
// that no alert loses its clock while the operator moves to another pod, or while the source is changed.
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

// recording is the query of one series. What stands on other recordings of the group is of its cluster, as they are.
func recording(source flux.StateSource, name, cluster string, scope []*labels.Matcher) Query {
	if q, is := derived[name]; is {
		return q.in(cluster)
	}
	q, observed := told[source][name].Within(scope...), told[source][flux.RecordedObserved].Within(scope...)
	switch name {
	case flux.RecordedBehind:
		return q.whileReady(cluster).orLast(name, observed, cluster)
	case flux.RecordedState:
		return q.orLast(name, observed, cluster)
	}
	return q
}

// told are the queries of each source on what it exposes, by what they are recorded as.
var told = map[flux.StateSource]map[string]Query{
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

// derived are recordings of recordings, whatever the source.
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

// orLast is what the query has, and of other objects what was recorded last, while the source is silent that was heard within the last
// five minutes. Whether it is silent is asked of the source in the same query: it can fall silent between two rules. Where the
// recordings are given a cluster, what the source tells may lack that label, and is of that cluster alone.
func (q Query) orLast(name string, observed Query, cluster string) Query {
	last, heard := New(name).in(cluster), New(`last_over_time(flux:resource:observed[5m])`).in(cluster)
	if cluster == "" {
		return q.joined("or", last.joined("unless on (cluster)", observed).joined("and on (cluster)", heard))
	}
	return q.joined("or on (kind, exported_namespace, name)",
		last.joined("unless on ()", observed).joined("and on (cluster)", heard))
}

// whileReady is what the query has of Kustomizations whose recorded state is ready. Where the recordings are given a cluster, what the
// query has may lack that label.
func (q Query) whileReady(cluster string) Query {
	ready := New(`max by (cluster, kind, exported_namespace, name) (flux:resource:state{kind="Kustomization"}) == 0`).in(cluster)
	if cluster == "" {
		return q.joined("and on (cluster, kind, exported_namespace, name)", ready)
	}
	return q.joined("and on (kind, exported_namespace, name)", ready)
}

// in keeps a query on recorded series to those of a cluster, if there is one.
func (q Query) in(cluster string) Query {
	if cluster == "" {
		return q
	}
	return q.Within(Is(flux.LabelCluster, cluster))
}
