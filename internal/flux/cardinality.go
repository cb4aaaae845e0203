package flux

import (
	"regexp"
	"slices"
	"strings"
)

// Cardinality is how much of what the controllers expose a scrape keeps.
type Cardinality string

// The levels of cardinality.
const (
	// Full keeps everything: about 810 samples of a source-controller with seven objects.
	Full Cardinality = "Full"
	// Standard drops the Go runtime's inner workings, a quarter of all samples, and keeps all about Flux. It is the
	// default.
	Standard Cardinality = "Standard"
	// Minimal keeps what the alerts and dashboards here use.
	Minimal Cardinality = "Minimal"
)

// standardDrops are families of the Go runtime that no alert or dashboard here uses. Of go_gc_ everything goes but
// go_gc_gomemlimit_bytes, against which memory is judged; the expression says so without lookahead, which Prometheus
// does not have.
var standardDrops = []string{
	`go_cpu_.*`,
	`go_gc_(?:[^g]|g[^o]|go[^m]).*`,
	`go_godebug_.*`,
	`go_memory_classes_.*`,
	`go_sched_.*`,
	`go_sync_.*`,
}

// minimalDrops are the further families no alert or dashboard here uses, or not beyond a single panel. Most of it are
// histogram buckets: 11 of 13 series gotk_reconcile_duration_seconds has for each object, and 41 a controller.
var minimalDrops = []string{
	`certwatcher_.*`,
	`controller_runtime_reconcile_(?:errors|timeouts)_total`,
	`controller_runtime_reconcile_time_seconds_(?:bucket|count|sum)`,
	`controller_runtime_(?:conversion_)?webhook_.*`,
	`controller_runtime_terminal_reconcile_errors_total`,
	`go_(?:[^g]|g[^c]).*`,
	`gotk_(?:event|receiver)_http_(?:request_duration_seconds_(?:bucket|sum)|requests_inflight|response_size_bytes_.*)`,
	`gotk_reconcile_duration_seconds_bucket`,
	`gotk_(?:cache|token_cache)_.*`,
	`gotk_token_cached_items`,
	`leader_election_.*`,
	`process_(?:max_fds|network_.*|open_fds|virtual_memory_.*)`,
	`workqueue_(?:adds_total|queue_duration_seconds_(?:count|sum)|retries_total|unfinished_work_seconds)`,
	`workqueue_work_duration_seconds_(?:bucket|count|sum)`,
}

// Drops returns the metric names a scrape drops at this level, as alternatives of one anchored regular expression. Full
// has none; an unknown or empty level is taken as Standard.
func (c Cardinality) Drops() []string {
	switch c {
	case Full:
		return nil
	case Minimal:
		return slices.Concat(standardDrops, minimalDrops)
	case Standard:
		return slices.Clone(standardDrops)
	default:
		return slices.Clone(standardDrops)
	}
}

var (
	standardPattern = anchored(standardDrops)
	minimalPattern  = anchored(slices.Concat(standardDrops, minimalDrops))
)

func anchored(alternatives []string) *regexp.Regexp {
	return regexp.MustCompile("^(?:" + strings.Join(alternatives, "|") + ")$")
}

// keeps reports whether a scrape at this level keeps the metric.
func (c Cardinality) keeps(metric string) bool {
	switch c {
	case Full:
		return true
	case Minimal:
		return !minimalPattern.MatchString(metric)
	case Standard:
		return !standardPattern.MatchString(metric)
	default:
		return !standardPattern.MatchString(metric)
	}
}
