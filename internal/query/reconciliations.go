package query

import "fmt"

// Reconciliations, counted and timed by the controllers for each object. They show that Flux worked on an object and how long it took, not
// whether it succeeded. Divisors are kept above zero, so that a window without reconciliations has no point instead of NaN, which Grafana
// can neither draw nor scale an axis by.
var (
	// ControllerNotReconciling is 0 for each controller that reconciled no object in two hours although there is one now and there was one
	// two hours ago; Over and Ago set another time. A controller without objects, or a new one, has no result. Reconciliations of suspended
	// objects count, but Flux does not repeat them.
	ControllerNotReconciling = New(`
		sum by (cluster, namespace, app) (increase(gotk_reconcile_duration_seconds_count[2h])) == 0
		and on (cluster, namespace, app)
		group by (cluster, namespace, app) (gotk_reconcile_duration_seconds_count)
		and on (cluster, namespace, app)
		group by (cluster, namespace, app) (gotk_reconcile_duration_seconds_count offset 2h)`)

	// ObjectCount is the number of objects that were reconciled since their controller started. Suspended ones count.
	ObjectCount = New(`sum(max by (cluster, namespace, kind, exported_namespace) (flux:reconciliations:objects))`).OrZero()

	// ObjectsByKind is ObjectCount for each kind.
	ObjectsByKind = New(`
		sum by (cluster, kind) (max by (cluster, namespace, kind, exported_namespace) (flux:reconciliations:objects))`)

	// ReconciliationsByKind is the number of reconciliations a minute.
	ReconciliationsByKind = New(`
		60 * sum by (cluster, kind) (max by (cluster, namespace, kind, exported_namespace) (flux:reconciliations:rate5m))`)

	// ReconciliationSeconds is the mean duration of a kind's reconciliations within five minutes, in seconds.
	ReconciliationSeconds = New(`
		sum by (cluster, kind) (flux:reconciliations:seconds_rate5m)
		/
		(sum by (cluster, kind) (flux:reconciliations:rate5m) > 0)`)

	// MeanReconciliationSeconds is the mean duration of a kind's reconciliations over a longer time, in seconds.
	MeanReconciliationSeconds = New(`
		sum by (cluster, kind) (sum_over_time(flux:reconciliations:seconds_rate5m[1h]))
		/
		(sum by (cluster, kind) (sum_over_time(flux:reconciliations:rate5m[1h])) > 0)`)

	// SlowestObjects has the fifteen objects with the longest mean duration over an hour, in seconds: of the twenty of each kind
	// that are recorded.
	SlowestObjects = New(`topk(15, max by (cluster, kind, exported_namespace, name) (flux:reconciliations:slowest1h))`)

	// MostReconciled has the fifteen objects with the most reconciliations, and how many they had.
	MostReconciled = New(`
		topk(15, sum by (cluster, kind, exported_namespace, name) (increase(gotk_reconcile_duration_seconds_count[1h])))`)

	// SilentObjects is 0 for each object that was not reconciled in two hours, sampled every five minutes: it is suspended, has a longer
	// interval, or its controller neglects it. New objects are not among them. Do not use Over on it.
	SilentObjects = New(`
		0 * group by (cluster, kind, exported_namespace, name) (gotk_reconcile_duration_seconds_sum offset 2h)
		and on (cluster, kind, exported_namespace, name)
		gotk_reconcile_duration_seconds_sum
		unless on (cluster, kind, exported_namespace, name)
		(gotk_reconcile_duration_seconds_sum unless gotk_reconcile_duration_seconds_sum offset 2h)
		unless on (cluster, kind, exported_namespace, name)
		changes(gotk_reconcile_duration_seconds_sum[2h:5m]) > 0`)

	// ReconciliationsByController is the number of reconciliations a minute, of the static kinds' controllers too.
	ReconciliationsByController = New(`
		60 * sum by (cluster, controller) (rate(controller_runtime_reconcile_total[5m]))`)

	// ReconciliationErrors is the number of reconciliations a minute that returned an error. A failed Kustomization returns none, so it
	// does not count failures; NotReady does.
	ReconciliationErrors = New(`
		60 * sum by (cluster, controller) (rate(controller_runtime_reconcile_total{result="error"}[5m]))`)

	// ControllerSecondsBuckets is how many reconciliations of controllers are in each bucket of their duration, for a heatmap.
	ControllerSecondsBuckets = New(`sum by (le) (increase(controller_runtime_reconcile_time_seconds_bucket[5m]))`)

	// ControllerSeconds is the mean duration of a controller's reconciliations, in seconds.
	ControllerSeconds = New(`
		sum by (cluster, controller) (rate(controller_runtime_reconcile_time_seconds_sum[5m]))
		/
		(sum by (cluster, controller) (rate(controller_runtime_reconcile_time_seconds_count[5m])) > 0)`)

	// ControllerSecondsMedian is the median duration of a controller's reconciliations, in seconds.
	ControllerSecondsMedian = quantile(0.5, controllerBuckets)

	// ControllerSecondsP90 is the 90th percentile of the duration of a controller's reconciliations, in seconds.
	ControllerSecondsP90 = quantile(0.9, controllerBuckets)

	// ControllerSecondsP99 is the 99th percentile of the duration of a controller's reconciliations, in seconds.
	ControllerSecondsP99 = quantile(0.99, controllerBuckets)
)

// controllerBuckets is how many reconciliations a second of each controller are in each bucket of their duration.
const controllerBuckets = `sum by (cluster, controller, le) (rate(controller_runtime_reconcile_time_seconds_bucket[5m]))`

// quantile is the value below which that share of a histogram's observations lies. A histogram without observations has NaN, which no
// comparison keeps.
func quantile(share float64, buckets string) Query {
	return New(fmt.Sprintf(`histogram_quantile(%g, %s) >= 0`, share, buckets))
}
