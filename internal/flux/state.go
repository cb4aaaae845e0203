package flux

import (
	"slices"
	"strings"
)

// StateSource is a metrics source: where Prometheus has the state of Flux objects from.
type StateSource string

// The metrics sources.
const (
	// Exporter is this operator's own: it watches every Flux kind, on every Flux version.
	Exporter StateSource = "Exporter"
	// KubeStateMetrics is kube-state-metrics with a custom-resource-state configuration.
	KubeStateMetrics StateSource = "KubeStateMetrics"
	// OperatorReport is flux-operator, which exports flux_resource_info every reporting interval, five minutes by default.
	OperatorReport StateSource = "FluxOperator"
	// Controllers are Flux's own, which exported the state of their objects until Flux 2.4.
	Controllers StateSource = "Controllers"
)

// Names of the families about the state of objects.
const (
	// StateInfo has one series an object, with its state in labels: of the exporter and of kube-state-metrics.
	StateInfo = "gotk_resource_info"
	// StateCondition is 1 for the status an object's Ready condition has, 0 for the others: of the controllers until
	// Flux 2.4, and of the exporter since.
	StateCondition = "gotk_reconcile_condition"
	// StateSuspended is 1 while an object is suspended, else 0: from where StateCondition is.
	StateSuspended = "gotk_suspend_status"
	// StateNotReadySince is the Unix time at which an object's not-ready period began: of the exporter.
	StateNotReadySince = "gotk_resource_not_ready_since_seconds"
	// StateDeadline is the Unix time until which a not-ready object can progress: until its timeout while it
	// progresses, and past once it has failed, until it is ready. It is absent while the object waits for its
	// dependencies. Of the exporter.
	StateDeadline = "gotk_resource_deadline_seconds"
	// StateCount is the number of objects of each kind the exporter has listed, 0 too. None is there before it has listed, or
	// failed to list, every kind, nor on a replica that does not lead.
	StateCount = "gotk_resources"
	// StateOmitted is the number of objects of each kind that the exporter omits because of --max-series.
	StateOmitted = "gotk_resources_omitted"
	// StateOmittedBy is the number of objects of a namespace that the exporter omits, for the namespaces with most.
	StateOmittedBy = "gotk_namespace_resources_omitted"
	// StateTooDeep is the number of objects of a kind that nest so deeply that other clients cannot list the kind; absent where there are none.
	StateTooDeep = "gotk_resources_too_deep"
	// StateUnreadable is 1 for each kind that the exporter cannot read, with the labels of StateCount.
	StateUnreadable = "gotk_resources_unreadable"
	// StateNotificationsFailed counts the notifications that notification-controller failed to send for an Alert, by its events. It is 0 for
	// an Alert without any, and absent while the exporter may not watch events.
	StateNotificationsFailed = "flux_notifications_failed_total"
	// StateReport has one series an object of Flux: of flux-operator. Its own kinds have a family each.
	StateReport = "flux_resource_info"
)

// ServedKind is a kind in the one version of it that is read.
type ServedKind struct {
	Kind
	// Version of the API, such as v1: of the served ones that which the cluster prefers.
	Version string
}

// The recorded series that hold the state of objects in one form, whatever the metrics source. Value 1 unless said otherwise, identity
// labels.
const (
	// RecordedObserved is present while the metrics source exports. It only has the label cluster.
	RecordedObserved = "flux:resource:observed"
	// RecordedState is the state each object is in, as a number: 0 ready, 1 suspended, 2 waiting, 3 not ready, 4 not ready for it has
	// failed, 5 stalled. Only this is recorded from what the source exports, so that the series of single states, which are recorded of
	// it, are all of one moment. An object that is not ready has the labels of SourceReference too.
	RecordedState = "flux:resource:state"
	// RecordedReady has the objects that are ready and not suspended.
	RecordedReady = "flux:resource:ready"
	// RecordedNotReady has the objects that are neither ready nor suspended.
	RecordedNotReady = "flux:resource:not_ready"
	// RecordedWaiting has the objects that wait for their dependencies to be ready, and do nothing until then.
	RecordedWaiting = "flux:resource:waiting"
	// RecordedNotReadySince is the Unix time at which an object's present run of being neither ready, suspended nor waiting was
	// first seen, in seconds.
	RecordedNotReadySince = "flux:resource:not_ready_since"
	// RecordedDeadline is the Unix time until which a not-ready object can progress: past once it has failed, until
	// it is ready. A waiting object has none.
	RecordedDeadline = "flux:resource:deadline"
	// RecordedSuspended has the suspended objects.
	RecordedSuspended = "flux:resource:suspended"
	// RecordedSuspendedSince is the Unix time at which an object was first seen to be suspended, in seconds.
	RecordedSuspendedSince = "flux:resource:suspended_since"
	// RecordedStalled has the objects that Flux has given up on until someone changes them, and that are not suspended.
	RecordedStalled = "flux:resource:stalled"
	// RecordedFailing has the objects that have failed, from their failure until they are ready again: the retries between,
	// in which nothing is known of them, belong to it. What only waits for a dependency does not fail.
	RecordedFailing = "flux:resource:failing"
	// RecordedBehind has the ready Kustomizations whose revision differs from that of their source.
	RecordedBehind = "flux:resource:behind"
	// RecordedCount is the number of objects that are not suspended. It has the label cluster alone.
	RecordedCount = "flux:resource:count"
	// RecordedFailingRatio is the share of them that fail. It has the label cluster alone.
	RecordedFailingRatio = "flux:resource:failing_ratio"
)

// The recorded series about the work of the controllers. They have the labels cluster, namespace (the controller's), kind and
// exported_namespace (the object's).
const (
	// RecordedObjects is the number of objects that were reconciled since their controller started, by kind and namespace.
	RecordedObjects = "flux:reconciliations:objects"
	// RecordedRate is the number of reconciliations a second over five minutes, by kind and namespace.
	RecordedRate = "flux:reconciliations:rate5m"
	// RecordedSecondsRate is how many seconds reconciliations took, a second, over five minutes, by kind and namespace.
	RecordedSecondsRate = "flux:reconciliations:seconds_rate5m"
	// RecordedSlowest is the mean duration of the twenty slowest objects of each kind over an hour, in seconds. It has the label
	// name, too.
	RecordedSlowest = "flux:reconciliations:slowest1h"
)

// WorkRecords returns the names of the recorded series about the work of the controllers.
func WorkRecords() []string {
	return []string{RecordedObjects, RecordedRate, RecordedSecondsRate, RecordedSlowest}
}

// workLabels are the labels of the recorded series about work: the last is on those of single objects alone.
var workLabels = []string{LabelCluster, LabelNamespace, LabelKind, LabelObjectNamespace, LabelName}

// clusterWide are the recorded series about all objects together.
var clusterWide = []string{RecordedObserved, RecordedCount, RecordedFailingRatio}

// IsRecorded reports whether the metric is one of the recorded series about objects.
func IsRecorded(metric string) bool {
	return strings.HasPrefix(metric, "flux:resource:")
}

// Records returns the names of the series that can be recorded from the source, in the order they are recorded in.
func (s StateSource) Records() []string {
	state := []string{RecordedObserved, RecordedState, RecordedReady, RecordedNotReady}
	waiting := []string{RecordedWaiting} // which the series after it read
	then := []string{RecordedNotReadySince, RecordedDeadline, RecordedSuspended, RecordedSuspendedSince, RecordedCount}
	switch s {
	case Exporter, KubeStateMetrics:
		return slices.Concat(state, waiting, then, []string{RecordedStalled, RecordedFailing, RecordedBehind, RecordedFailingRatio})
	case OperatorReport:
		return slices.Concat(state, waiting, then, []string{RecordedFailing, RecordedFailingRatio})
	case Controllers:
		return slices.Concat(state, then)
	}
	return nil
}

// HasSourceLabels reports whether the source exports the sources of objects: only then have RecordedState and
// RecordedNotReady the labels of SourceReference.
func (s StateSource) HasSourceLabels() bool { return s == Exporter || s == KubeStateMetrics }

// stateLabels are the labels that tell an object on the families about state, and those that tell its state as far as
// queries use them.
var stateLabels = []string{
	"customresource_group", "customresource_kind", "customresource_version", LabelObjectNamespace, LabelName,
	"ready", "suspended", "stalled", "reason", "revision", LabelSourceKind, LabelSourceName, LabelSourceNamespace,
}

// countLabels are those of the exporter's counts. The last is there where several exporters share the objects.
var countLabels = append(slices.Clone(stateLabels[:3]), "watch_label_selector")

// reportLabels are the same of flux-operator's families.
var reportLabels = append([]string{"uid", LabelKind, "reason", "revision"}, stateLabels[3:7]...)

// stateFamilies is what the sources of object state beside the controllers expose. What kube-state-metrics exposes follows
// the configuration that is generated for it.
var stateFamilies = []Family{
	{Name: StateInfo, Type: Gauge, Labels: stateLabels, Help: "The state of a Flux resource."},
	{Name: StateNotReadySince, Type: Gauge, Labels: stateLabels[:5],
		Help: "Unix time at which the present run of not being ready began, in seconds."},
	{Name: StateDeadline, Type: Gauge, Labels: stateLabels[:5],
		Help: "Unix time until when a resource may be not ready, in seconds."},
	{Name: StateCount, Type: Gauge, Labels: countLabels, Help: "Number of Flux resources by kind."},
	{Name: StateOmitted, Type: Gauge, Labels: countLabels,
		Help: "Number of Flux resources that the exporter omits because of the limit on series."},
	{Name: StateOmittedBy, Type: Gauge, Labels: []string{LabelObjectNamespace, "watch_label_selector"},
		Help: "Number of Flux resources of a namespace that the exporter omits because of the limit on series: the ten namespaces with most."},
	{Name: StateTooDeep, Type: Gauge, Labels: countLabels,
		Help: "Number of Flux resources that nest so deeply that other clients cannot list their kind."},
	{Name: StateUnreadable, Type: Gauge, Labels: countLabels, Help: "1 for a kind of Flux resource that cannot be read."},
	{Name: StateNotificationsFailed, Type: Counter, Labels: stateLabels[3:5],
		Help: "Notifications that Flux failed to send for an Alert, by its events."},
	{Name: StateReport, Type: Gauge, Labels: reportLabels, Help: "The state of a Flux resource, as flux-operator reports it."},
	{Name: "flux_instance_info", Type: Gauge, Labels: reportLabels, Help: "The state of a FluxInstance."},
	{Name: "flux_resourceset_info", Type: Gauge, Labels: reportLabels, Help: "The state of a ResourceSet."},
	{Name: "flux_resourcesetinputprovider_info", Type: Gauge, Labels: reportLabels,
		Help: "The state of a ResourceSetInputProvider."},
}

// StateFamilies returns what is known of the metrics of the sources of object state beside the controllers. The rows are
// shared: do not change them.
func StateFamilies() []Family { return slices.Clone(stateFamilies) }
