package query

import (
	"fmt"
	"time"
)

// The state of Flux objects. These stand on the recorded series (Recordings) and do not know who told the state. The limits
// are where an alert begins and where its panel draws the line.
const (
	// ManyNotReadyLimit is the share of objects that may be not ready before it is one matter and not many.
	ManyNotReadyLimit = 0.2
	// BlockedLimit is how many objects made from a source must be not ready before its failure is theirs.
	BlockedLimit = 1
	// FlappingLimit is how often an object may fail within two hours and become ready again.
	FlappingLimit = 3
	// IncompleteLimit is how many objects the exporter may leave out.
	IncompleteLimit = 0
)

var (
	// NotReady is 1 for each object that is neither ready nor suspended.
	NotReady = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)`)

	// NotReadyReconcilers is 1 for each object that is neither ready nor suspended and that applies something to a cluster, with
	// the source it is made from, but for those that may still take their time.
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

	// NotReadyBootstrapSources is 1 for each object that is neither ready nor suspended and of a kind that Flux fetches itself from.
	// Narrow it as NotReadyBootstrapAppliers.
	NotReadyBootstrapSources = New(`
		max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready{kind=~"Bucket|GitRepository|OCIRepository"})`)

	// Waiting is 1 for each object that waits for what it depends on, and has not failed before.
	Waiting = New(`
		max by (cluster, kind, exported_namespace, name) (
			flux:resource:waiting unless on (cluster, kind, exported_namespace, name) (flux:resource:deadline <= time()))`)

	// Blocked is the number of objects that are not ready and made from a source which is not ready either, for each such source.
	Blocked = New(notReadyBySource + `
		and on (cluster, kind, exported_namespace, name)
		flux:resource:not_ready`)

	// NotReadySeconds is for how many seconds each object has been neither ready nor suspended, nor waiting for another.
	NotReadySeconds = New(`time() - max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready_since)`)

	// NotReadySecondsOrZero is NotReadySeconds, and 0 for every other object whose readiness is known: tables are merged line by line
	// where both queries have the same lines, and by trying every line with every other where one has none.
	NotReadySecondsOrZero = New(`
		time() - max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready_since)
		or
		0 * max by (cluster, kind, exported_namespace, name) (flux:resource:ready)
		or
		0 * max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)`)

	// SuspendedSeconds is for how many seconds each object has been suspended.
	SuspendedSeconds = New(`
		time() - max by (cluster, kind, exported_namespace, name) (flux:resource:suspended_since)`)

	// NotReadyShare is the share of a cluster's objects that are neither ready nor suspended, however many there are. It is of whole
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

	// Stalled is 1 for each object that Flux has given up on until someone changes it.
	Stalled = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:stalled{kind!="FluxMonitoring"})`)

	// Behind is 1 for each ready Kustomization that is at another revision than its source.
	Behind = New(`max by (cluster, kind, exported_namespace, name) (flux:resource:behind)`)

	// Failures is how often an object began to fail within two hours: as often as it fails now and did not a minute before, when
	// the states were recorded. The count says whether they were: it is recorded as late as what fails, whatever evaluates the
	// rules, and flux:resource:observed earlier. It is not for Over, which knows windows that are no subquery's.
	Failures = New(`
		count_over_time((
			flux:resource:failing{kind!="FluxMonitoring"} unless flux:resource:failing offset 1m
			and on (cluster) flux:resource:count offset 1m)[2h:1m])`)

	// KnownObjects are the series of every object whose state is told, for dashboards to list namespaces, kinds and names by.
	KnownObjects = New(`{__name__=~"flux:resource:(?:ready|not_ready|suspended)"}`)

	// StateMissing is 1 while nothing tells the state of objects. It has no labels but the cluster it is narrowed to.
	StateMissing = New(`absent(flux:resource:observed)`)

	// Incomplete is the number of objects of a kind that the exporter leaves out, or 1 where it cannot read the kind.
	Incomplete = New(`
		max by (cluster, kind) (label_replace(
			gotk_resources_omitted > 0 or gotk_resources_unreadable, "kind", "$1", "customresource_kind", "(.+)"))`)
)

// inTime leaves those objects out that may still take their time. What nobody has set a time for is left in.
const inTime = ` unless on (cluster, kind, exported_namespace, name) (flux:resource:deadline > time())`

// notReadyBySource is the number of objects that are not ready and apply something to a cluster, for each source they are made from.
const notReadyBySource = `
	label_replace(label_replace(label_replace(
		count by (cluster, source_kind, source_namespace, source_name) (
			group by (cluster, kind, exported_namespace, name, source_kind, source_namespace, source_name) (
				flux:resource:not_ready{kind=~"FluxInstance|HelmRelease|Kustomization|ResourceSet",source_name!=""})),
		"kind", "$1", "source_kind", "(.+)"),
		"exported_namespace", "$1", "source_namespace", "(.+)"),
		"name", "$1", "source_name", "(.+)")`

// StillBlocked is the number of objects that are not ready and made from a source about which an alert fires, for each such source,
// but for those sources about which it fired a time ago already although they were ready.
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

// LongNotReadyRatio is the share of objects that have failed, or have had no more time, a time ago and have not been ready since, where
// there are more than five of them. Objects that are not ready in turn are not in it, however many there are at any time.
func LongNotReadyRatio(since time.Duration) Query {
	return New(fmt.Sprintf(`
		(count by (cluster) (time() - flux:resource:deadline{kind!="FluxMonitoring"} >= %d) > 5)
		/ on (cluster)
		flux:resource:count`, int64(since.Seconds())))
}
