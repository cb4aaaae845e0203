package flux

import (
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// relabeling is the drop list as Prometheus applies it: one regular expression, anchored.
func relabeling(c Cardinality) *regexp.Regexp {
	return regexp.MustCompile("^(?s:" + strings.Join(c.Drops(), "|") + ")$")
}

func TestALevelDropsAndKeeps(t *testing.T) {
	g := NewWithT(t)
	for level, c := range map[Cardinality]struct{ drops, keeps []string }{
		Standard: {[]string{
			"go_gc_duration_seconds", "go_gc_gogc_percent", "go_gc_heap_allocs_bytes_total", "go_gc_pauses_seconds_bucket",
			"go_sched_latencies_seconds_bucket", "go_godebug_non_default_behavior_http2client_events_total",
			"go_cpu_classes_gc_total_cpu_seconds_total", "go_memory_classes_total_bytes", "go_sync_mutex_wait_total_seconds_total",
		}, []string{
			"go_gc_gomemlimit_bytes", "go_goroutines", "go_info", "gotk_reconcile_duration_seconds_bucket",
			"controller_runtime_reconcile_time_seconds_bucket", "process_resident_memory_bytes",
		}},
		Minimal: {[]string{
			"gotk_reconcile_duration_seconds_bucket", "controller_runtime_reconcile_time_seconds_bucket", "go_goroutines",
			"go_info", "go_threads", "workqueue_adds_total", "workqueue_work_duration_seconds_bucket", "gotk_token_cached_items",
			"gotk_token_cache_evictions_total", "gotk_receiver_http_response_size_bytes_bucket", "process_open_fds",
			"controller_runtime_webhook_panics_total", "certwatcher_read_certificate_total",
		}, []string{
			"go_gc_gomemlimit_bytes", "gotk_reconcile_duration_seconds_count", "gotk_reconcile_duration_seconds_sum",
			"gotk_reconcile_condition", "gotk_suspend_status", "gotk_receiver_http_request_duration_seconds_count",
			"workqueue_queue_duration_seconds_bucket", "workqueue_depth", "controller_runtime_reconcile_total",
			"process_start_time_seconds", "process_cpu_seconds_total", "rest_client_requests_total", "up",
		}},
	} {
		for _, metric := range c.drops {
			g.Expect(relabeling(level).MatchString(metric)).To(BeTrue(), "%s %s", level, metric)
		}
		for _, metric := range c.keeps {
			g.Expect(relabeling(level).MatchString(metric)).To(BeFalse(), "%s %s", level, metric)
		}
	}
	g.Expect(Minimal.Drops()).To(ContainElements(Standard.Drops()))
	g.Expect(Full.Drops()).To(BeEmpty())
}

func TestAnUnsetCardinalityIsStandard(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Cardinality("").Drops()).To(Equal(Standard.Drops()))
	g.Expect(Cardinality("").keeps("go_sched_gomaxprocs_threads")).To(BeFalse())
}

func TestKeepsAgreesWithTheRelabeling(t *testing.T) {
	g := NewWithT(t)
	for _, level := range []Cardinality{Standard, Minimal} {
		for _, f := range Families() {
			for _, sample := range f.Samples() {
				g.Expect(level.keeps(sample)).To(Equal(!relabeling(level).MatchString(sample)), "%s %s", level, sample)
			}
		}
	}
}
