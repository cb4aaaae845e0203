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
	flux.RecordedNotReadySince: RecordedNotReadySince,
	flux.RecordedCount:         RecordedCount,
	flux.RecordedFailingRatio:  RecordedFailingRatio,
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

// The state of objects as the exporter and kube-state-metrics tell it, one series an object. Only an object's own labels
// are kept: reason and revision change while the object is what it was. kube-state-metrics leaves out a label whose field
// is not set, so that what is not suspended must be asked for as not "true".
var (
	// ExporterObserved is there while the exporter knows the state of all kinds.
	ExporterObserved = New(`group by (cluster) (gotk_resources)`)

	// InfoObserved is there while there is any object.
	InfoObserved = New(`group by (cluster) (gotk_resource_info)`)

	// InfoReady has the objects whose condition Ready is True and that are not suspended.
	InfoReady = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{ready="True",suspended!="true"}, "kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoNotReady has the objects whose condition Ready is False or Unknown and that are not suspended. Unknown belongs to
	// it because a failing object is Unknown for the time of each retry. kube-state-metrics cannot always say that a source
	// without a namespace is in the object's own.
	InfoNotReady = New(`
		max by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (
			label_replace(label_replace(label_join(
				gotk_resource_info{ready=~"False|Unknown",suspended!="true"},
				"source", ";", "source_name", "source_namespace", "exported_namespace"),
				"source_namespace", "$1", "source", ".+;;(.+)"),
				"kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoWaiting has the objects that wait for what they depend on, and that are not suspended.
	InfoWaiting = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{ready="False",suspended!="true",reason="DependencyNotReady"},
				"kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoFailing has the objects whose condition Ready is False, but for those that wait for what they depend on, and that are
	// not suspended.
	InfoFailing = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{ready="False",suspended!="true",reason!="DependencyNotReady"},
				"kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoBehind has the ready Kustomizations whose source is ready too, at another revision than they.
	InfoBehind = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{customresource_kind="Kustomization",ready="True",suspended!="true",source_name!=""},
				"kind", "$1", "customresource_kind", "(.+)")
			unless on (cluster, source_kind, source_namespace, source_name, revision)
			label_replace(label_replace(label_replace(
				gotk_resource_info{customresource_kind=~"Bucket|ExternalArtifact|GitRepository|OCIRepository",ready="True"},
				"source_kind", "$1", "customresource_kind", "(.+)"),
				"source_namespace", "$1", "exported_namespace", "(.+)"),
				"source_name", "$1", "name", "(.+)")
			and on (cluster, source_kind, source_namespace, source_name)
			label_replace(label_replace(label_replace(
				gotk_resource_info{customresource_kind=~"Bucket|ExternalArtifact|GitRepository|OCIRepository",ready="True",suspended!="true",revision!=""},
				"source_kind", "$1", "customresource_kind", "(.+)"),
				"source_namespace", "$1", "exported_namespace", "(.+)"),
				"source_name", "$1", "name", "(.+)"))`)

	// InfoSuspended has the suspended objects, whatever their condition was when they were suspended.
	InfoSuspended = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{suspended="true"}, "kind", "$1", "customresource_kind", "(.+)"))`)

	// InfoStalled has the objects whose condition Stalled is True and that are not suspended.
	InfoStalled = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_info{stalled="True",suspended!="true"}, "kind", "$1", "customresource_kind", "(.+)"))`)
)

// The state of objects as flux-operator reports it: Flux's objects every reporting interval, its own as they change. It writes
// True and False where the others write true, and fills its series anew each time: a scrape can come upon none.
var (
	// ReportObserved is there while there is any object in the report.
	ReportObserved = New(`group by (cluster) (flux_resource_info)`)

	// ReportReady has the objects whose condition Ready is True and that are not suspended.
	ReportReady = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready="True",suspended!="True"}
			or
			flux_instance_info{ready="True",suspended!="True"}
			or
			flux_resourceset_info{ready="True",suspended!="True"}
			or
			flux_resourcesetinputprovider_info{ready="True",suspended!="True"})`)

	// ReportNotReady has the objects whose condition Ready is False or Unknown and that are not suspended.
	ReportNotReady = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready=~"False|Unknown",suspended!="True"}
			or
			flux_instance_info{ready=~"False|Unknown",suspended!="True"}
			or
			flux_resourceset_info{ready=~"False|Unknown",suspended!="True"}
			or
			flux_resourcesetinputprovider_info{ready=~"False|Unknown",suspended!="True"})`)

	// ReportWaiting has the objects that wait for what they depend on, and that are not suspended.
	ReportWaiting = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready="False",suspended!="True",reason="DependencyNotReady"}
			or
			flux_resourceset_info{ready="False",suspended!="True",reason="DependencyNotReady"})`)

	// ReportFailing has the objects whose condition Ready is False, but for those that wait for what they depend on, and that
	// are not suspended.
	ReportFailing = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{ready="False",suspended!="True",reason!="DependencyNotReady"}
			or
			flux_instance_info{ready="False",suspended!="True",reason!="DependencyNotReady"}
			or
			flux_resourceset_info{ready="False",suspended!="True",reason!="DependencyNotReady"}
			or
			flux_resourcesetinputprovider_info{ready="False",suspended!="True",reason!="DependencyNotReady"})`)

	// ReportSuspended has the suspended objects.
	ReportSuspended = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux_resource_info{suspended="True"}
			or
			flux_instance_info{suspended="True"}
			or
			flux_resourceset_info{suspended="True"}
			or
			flux_resourcesetinputprovider_info{suspended="True"})`)
)

// The state of objects as the controllers of Flux 2.4 and older tell it. On Flux 2.0 a deleted object keeps its series and
// gets the status Deleted; later versions delete the series, and the last operand is empty.
var (
	// ControllersObserved is there while any controller answers.
	ControllersObserved = New(`group by (cluster) (up == 1)`)

	// ConditionReady has the objects whose condition Ready is True and that are not suspended.
	ConditionReady = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="True"}) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)

	// ConditionNotReady has the objects whose condition Ready is False or Unknown and that are not suspended.
	ConditionNotReady = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status=~"False|Unknown"}) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)

	// ConditionSuspended has the suspended objects.
	ConditionSuspended = New(`
		(max by (cluster, kind, exported_namespace, name) (gotk_suspend_status) == 1)
		unless on (cluster, kind, exported_namespace, name)
		(max by (cluster, kind, exported_namespace, name) (gotk_reconcile_condition{type="Ready",status="Deleted"}) == 1)`)
)

// What was recorded last, while the source is silent that was heard within the last five minutes.
var (
	// LastReady has the objects that were ready.
	LastReady = New(`
		flux:resource:ready
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastNotReady has the objects that were not ready.
	LastNotReady = New(`
		flux:resource:not_ready
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastSuspended has the objects that were suspended.
	LastSuspended = New(`
		flux:resource:suspended
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastStalled has the objects that were stalled.
	LastStalled = New(`
		flux:resource:stalled
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastWaiting has the objects that waited for what they depend on.
	LastWaiting = New(`
		flux:resource:waiting
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)

	// LastFailing has the objects that failed and are not ready yet.
	LastFailing = New(`
		flux:resource:failing
		and on (cluster, kind, exported_namespace, name) flux:resource:not_ready`)

	// LastBehind has the objects that were behind their source.
	LastBehind = New(`
		flux:resource:behind
		unless on (cluster) flux:resource:observed
		and on (cluster) last_over_time(flux:resource:observed[5m])`)
)

// What is recorded of what has been recorded in the same evaluation.
var (
	// RecordedNotReadySince is the Unix time at which an object that is not ready, and waits for no other, was first seen to be
	// so: as it was recorded last, else now.
	RecordedNotReadySince = New(`
		flux:resource:not_ready_since
		and on (cluster, kind, exported_namespace, name)
		(flux:resource:not_ready unless on (cluster, kind, exported_namespace, name) flux:resource:waiting)
		or on (cluster, kind, exported_namespace, name)
		time() * max by (cluster, kind, exported_namespace, name) (
			flux:resource:not_ready unless on (cluster, kind, exported_namespace, name) flux:resource:waiting)`)

	// RecordedCount is the number of objects of Flux that are not suspended.
	RecordedCount = New(`
		count by (cluster) (flux:resource:ready{kind!="FluxMonitoring"} or flux:resource:not_ready{kind!="FluxMonitoring"})`)

	// RecordedFailingRatio is the share of the objects of Flux that are not suspended that fail.
	RecordedFailingRatio = New(`
		(count by (cluster) (flux:resource:failing{kind!="FluxMonitoring"}) or 0 * flux:resource:count)
		/ on (cluster)
		flux:resource:count`)
)
