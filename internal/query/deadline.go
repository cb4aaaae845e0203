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
	// ExporterDeadline is the time until which each object that is not ready may stay so, from its own timeout and from whether it has
	// failed.
	ExporterDeadline = New(`
		max by (cluster, kind, exported_namespace, name) (
			label_replace(gotk_resource_deadline_seconds, "kind", "$1", "customresource_kind", "(.+)"))`)
)

// deadline is the query of flux.RecordedDeadline. The exporter exports it. It keeps its value while the state is not ready and the exporter
// exports nothing about the object: the state may be that of an earlier scrape, and is repeated while the source is silent.
//
// The other sources do not export how long an object may take, or that it failed before it retried. Their deadline is recorded when the
// object fails, and the failure is kept until the object is ready. An object that progresses has the longest timeout of its kind, from the
// time when it first does.
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
