package query

import (
	"fmt"
	"time"
)

// The state of Flux objects. These queries are based on recorded series (Recordings), so they do not depend on the metrics source. The
// limits are those of alerts and of the lines in their panels.
const (
	// ManyNotReadyLimit is the share of objects that are not ready above which there is probably one cause.
	ManyNotReadyLimit = 0.2
	// BlockedLimit is how many objects that depend on a source must be not ready before they count as blocked by it.
	BlockedLimit = 1
	// FlappingLimit is how often an object may fail within two hours and become ready again.
	FlappingLimit = 3
	// IncompleteLimit is how many objects the exporter may omit.
	IncompleteLimit = 0
	// NotificationsFailedLimit is how many notifications of an Alert may fail within an hour. Each is a message that nobody has got.
	NotificationsFailedLimit = 0
)

var (
	// NotReady is 1 for each object that is neither ready nor suspended.
	NotReady = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)`)

	// NotReadyReconcilers is 1 for each object that is neither ready nor suspended and that applies something to a cluster, with its
	// source, except those that may still take their time.
	NotReadyReconcilers = New(`
		max by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (
			flux:resource:not_ready{kind=~"FluxInstance|HelmRelease|Kustomization|ResourceSet"}` + inTime + `)`)

	// NotReadyOthers is 1 for each object that is neither ready nor suspended and that others depend on: sources, charts, image
	// policies, receivers.
	NotReadyOthers = New(`
		max by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (
			flux:resource:not_ready{kind!~"FluxInstance|FluxMonitoring|HelmRelease|Kustomization|ResourceSet"})`)

	// NotReadyMonitorings is 1 for each FluxMonitoring that is neither ready nor suspended.
	NotReadyMonitorings = New(`
		max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{kind="FluxMonitoring"})`)

	// NotReadyBootstrapAppliers is 1 for each object that is neither ready nor suspended and of a kind by which Flux applies itself, except
	// those that may still take their time. Narrow it to the bootstrap objects by namespace and name.
	NotReadyBootstrapAppliers = New(`
		max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{kind=~"FluxInstance|Kustomization"}` + inTime + `)`)

	// NotReadyBootstrapSources is 1 for each object that is neither ready nor suspended and of a kind from which Flux fetches its own
	// manifests. Narrow it as NotReadyBootstrapAppliers.
	NotReadyBootstrapSources = New(`
		max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{kind=~"Bucket|GitRepository|OCIRepository"})`)

	// Waiting is 1 for each object that waits for its dependencies and has not failed before.
	Waiting = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux:resource:waiting unless on (cluster, kind, exported_namespace, name) (flux:resource:deadline <= time()))`)

	// Blocked is the number of objects that are not ready and depend on a source which is not ready either, for each such source.
	Blocked = New(notReadyBySource + `
		and on (cluster, kind, exported_namespace, name)
		flux:resource:not_ready`)

	// NotReadySeconds is for how many seconds each object has been neither ready nor suspended, nor waiting for another.
	NotReadySeconds = New(`time() - max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready_since)`)

	// WorstNotReady has the fifty objects that have been neither ready nor suspended for the longest time, and for how many seconds, without
	// the time for which they waited for another: 0 if they wait.
	WorstNotReady = New(`
		topk(50,
			time() - max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready_since)
			or
			0 * max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready))`)

	// NotReadySecondsOrZero is NotReadySeconds, and 0 for every other object whose readiness is known. Grafana merges two tables row by row
	// if both have the same rows, and compares every row with every other if one lacks some.
	NotReadySecondsOrZero = New(`
		time() - max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready_since)
		or
		0 * max by (cluster, kind, exported_namespace, name) (flux:resource:ready)
		or
		0 * max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)`)

	// SuspendedSeconds is for how many seconds each object has been suspended.
	SuspendedSeconds = New(`
		time() - max by (cluster, kind, exported_namespace, name) (flux:resource:suspended_since)`)

	// SuspendedCount is the number of suspended objects.
	SuspendedCount = New(`
		count(group by (cluster, kind, exported_namespace, name) (flux:resource:suspended))`).OrZero()

	// NotReadyShare is the share of a cluster's objects that are neither ready nor suspended, however many there are. It is about whole
	// clusters: do not narrow it further.
	NotReadyShare = New(`
		(count by (cluster) (group by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{kind!="FluxMonitoring"}))
		or
		0 * max by (cluster) (flux:resource:count))
		/ on (cluster)
		max by (cluster) (flux:resource:count)`)

	// FailingShare is the share of objects that have failed and are not ready again.
	FailingShare = New(`max by (cluster) (flux:resource:failing_ratio)`)

	// NotReadyCount is the number of objects that are neither ready nor suspended.
	NotReadyCount = New(`
		count(group by (cluster, kind, exported_namespace, name) (flux:resource:not_ready))`).OrZero()

	// NotReadyByKind is the number of objects that are neither ready nor suspended. A kind with none has no series.
	NotReadyByKind = New(`
		count by (cluster, kind) (group by (cluster, kind, exported_namespace, name) (flux:resource:not_ready))`)

	// Readiness is 1 for each ready object and 0 for each that is not. Suspended objects have none.
	Readiness = New(`
		max by (cluster, kind, exported_namespace, name) (flux:resource:ready)
		or
		0 * max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)`)

	// Suspended is 1 for each suspended object.
	Suspended = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:suspended{kind!="FluxMonitoring"})`)

	// Stalled is 1 for each object that Flux does not retry until a person changes it.
	Stalled = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:stalled{kind!="FluxMonitoring"})`)

	// Behind is 1 for each ready Kustomization that is at another revision than its source.
	Behind = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:behind)`)

	// Failures is how often an object began to fail within two hours: as often as it fails now and did not a minute before, while states
	// were recorded. flux:resource:count shows whether they were, because it is recorded as late as the failing objects, whatever evaluates
	// the rules. Do not use Over on it: its windows are of subqueries.
	Failures = New(`
		count_over_time((
			flux:resource:failing{kind!="FluxMonitoring"} unless flux:resource:failing offset 1m
			and on (cluster) flux:resource:count offset 1m)[2h:1m])`)

	// KnownObjects are the series of every object whose state is exported; dashboards list namespaces, kinds and names by them.
	KnownObjects = New(`{__name__=~"flux:resource:(?:ready|not_ready|suspended)"}`)

	// StateMissing is 1 while no metrics source exports the state of objects. It has no labels but the cluster to which it is narrowed.
	StateMissing = New(`absent(flux:resource:observed)`)

	// NotificationsFailed is how many notifications Flux failed to send for an Alert within an hour. Each leader of the exporter counts from
	// zero, so the increase is that of each pod by itself.
	NotificationsFailed = New(`sum by (cluster, exported_namespace, name) (increase(flux_notifications_failed_total[1h]))`)

	// Incomplete is the number of objects of a kind that the exporter omits, or 1 if it cannot read the kind.
	Incomplete = New(`
		max by (cluster, kind) (label_replace(
			gotk_resources_omitted > 0 or gotk_resources_unreadable, "kind", "$1", "customresource_kind", "(.+)"))`)
)

// inTime removes the objects that may still take their time. It keeps those for which no time is set.
const inTime = ` unless on (cluster, kind, exported_namespace, name) (flux:resource:deadline > time())`

// notReadyBySource is the number of objects that are not ready and apply something to a cluster, for each source.
const notReadyBySource = `
	label_replace(label_replace(label_replace(
		count by (cluster, source_kind, source_namespace, source_name) (
			group by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (
				flux:resource:not_ready{kind=~"FluxInstance|HelmRelease|Kustomization|ResourceSet",source_name!=""})),
		"kind", "$1", "source_kind", "(.+)"),
		"exported_namespace", "$1", "source_namespace", "(.+)"),
		"name", "$1", "source_name", "(.+)")`

// StillBlocked is the number of objects that are not ready and depend on a source about which an alert fires, for each such source, without
// the sources about which the alert already fired some time ago although they were ready.
func StillBlocked(alert string, since time.Duration) Query {
	return New(fmt.Sprintf(notReadyBySource+`
		and on (cluster, kind, exported_namespace, name)
		ALERTS{alertname=%[1]q,alertstate="firing"}
		unless on (cluster, kind, exported_namespace, name)
		(
			ALERTS{alertname=%[1]q,alertstate="firing"} offset %[2]ds
			unless on (cluster, kind, exported_namespace, name)
			flux:resource:not_ready offset %[2]ds
		)`, alert, int64(since.Seconds())))
}

// LongNotReadyRatio is the share of objects that had failed, or had used up their time, some time ago and have not been ready since, if
// there are more than five of them. It does not count objects that take turns in being not ready, however many there are at any time.
func LongNotReadyRatio(since time.Duration) Query {
	return New(fmt.Sprintf(`
		(count by (cluster) (time() - flux:resource:deadline{kind!="FluxMonitoring"} >= %d) > 5)
		/ on (cluster)
		flux:resource:count`, int64(since.Seconds())))
}
