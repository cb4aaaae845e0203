package query

import (
	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// What is recorded of the work of the controllers, which counts and times reconciliations for each object: of ten thousand objects
// twenty thousand series, which a dashboard would have to read whole for each of its points.
var (
	// RecordedObjects is the number of objects by kind and namespace.
	RecordedObjects = New(`
		count by (cluster, namespace, kind, exported_namespace) (
			group by (cluster, namespace, kind, exported_namespace, name) (gotk_reconcile_duration_seconds_count))`)

	// RecordedRate is the number of reconciliations a second by kind and namespace.
	RecordedRate = New(`
		sum by (cluster, namespace, kind, exported_namespace) (rate(gotk_reconcile_duration_seconds_count[5m]))`)

	// RecordedSecondsRate is how many seconds reconciliations took, a second, by kind and namespace.
	RecordedSecondsRate = New(`
		sum by (cluster, namespace, kind, exported_namespace) (rate(gotk_reconcile_duration_seconds_sum[5m]))`)

	// RecordedSlowest is the mean duration, in seconds, of the twenty objects of each kind of which it was longest in an hour.
	RecordedSlowest = New(`
		topk by (cluster, namespace, kind) (20,
			sum by (cluster, namespace, kind, exported_namespace, name) (rate(gotk_reconcile_duration_seconds_sum[1h]))
			/
			(sum by (cluster, namespace, kind, exported_namespace, name) (rate(gotk_reconcile_duration_seconds_count[1h])) > 0))`)
)

// WorkRecordings sum the work of the controllers up. The scope narrows what they expose.
func WorkRecordings(scope ...*labels.Matcher) []Recording {
	queries := map[string]Query{
		flux.RecordedObjects: RecordedObjects, flux.RecordedRate: RecordedRate, flux.RecordedSecondsRate: RecordedSecondsRate,
		flux.RecordedSlowest: RecordedSlowest,
	}
	recorded := make([]Recording, 0, len(queries))
	for _, name := range flux.WorkRecords() {
		recorded = append(recorded, Recording{Name: name, Query: queries[name].Within(scope...)})
	}
	return recorded
}
