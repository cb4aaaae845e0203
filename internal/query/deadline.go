package query

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

var (
	// ExporterDeadline is until when each object that is not ready may take its time, by its own timeout and by whether it has failed.
	ExporterDeadline = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_deadline_seconds, "kind", "$1", "customresource_kind", "(.+)"))`)
)

// deadline is what is recorded as flux.RecordedDeadline. The exporter knows it. It stays what it was while the state says that the object is
// not ready and the exporter says nothing of it: the state may be of a scrape before, and is repeated over a silence.
//
// The others do not tell how long an object may take, nor that it had failed before it tried again. There it is recorded when it is seen to
// fail, and that it has failed is kept until it is ready; what progresses has the longest timeout of its kind, from when it is first seen.
func deadline(source flux.StateSource, cluster string, timeouts map[string]time.Duration, scope []*labels.Matcher) Query {
	last := New(`flux:resource:deadline and on (cluster, kind, exported_namespace, name) (flux:resource:state >= 3)`).in(cluster)
	if source == flux.Exporter {
		by := "(cluster, kind, exported_namespace, name)"
		if cluster != "" { // which what the exporter says may lack
			by = "(kind, exported_namespace, name)"
		}
		notReady := New(`flux:resource:state >= 2`).in(cluster)
		return ExporterDeadline.Within(scope...).joined("and on "+by, notReady).joined("or on "+by, last)
	}
	had := New(`
		flux:resource:deadline <= time()
		and on (cluster, kind, exported_namespace, name)
		(flux:resource:state >= 3)
		or on (cluster, kind, exported_namespace, name)
		time() * group by (cluster, kind, exported_namespace, name) (flux:resource:state >= 4)`).in(cluster)
	q := had.Or(flux.Identity(), last)
	for _, kind := range slices.Sorted(maps.Keys(timeouts)) {
		q = q.Or(flux.Identity(), New(fmt.Sprintf(`
			(time() + %d) * group by (cluster, kind, exported_namespace, name) (flux:resource:state{kind=%q} >= 3)`,
			int64(timeouts[kind].Seconds()), kind)).in(cluster))
	}
	return q.Or(flux.Identity(), New(`
		time() * group by (cluster, kind, exported_namespace, name) (flux:resource:state >= 3)`).in(cluster))
}
