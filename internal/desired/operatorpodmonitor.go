package desired

import (
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// operatorMetrics are the operator's own metrics that Prometheus keeps: whether it works, how fast, at what cost. The rest, mostly of the
// Go runtime, is two thirds of the series, and no dashboard or alert reads it.
var operatorMetrics = []string{
	"controller_runtime_active_workers",
	"controller_runtime_max_concurrent_reconciles",
	"controller_runtime_reconcile_errors_total",
	"controller_runtime_reconcile_panics_total",
	"controller_runtime_reconcile_time_seconds_bucket",
	"controller_runtime_reconcile_time_seconds_count",
	"controller_runtime_reconcile_time_seconds_sum",
	"controller_runtime_reconcile_total",
	"fluxmonitoring_condition",
	"fluxmonitoring_deep_answers_total",
	"fluxmonitoring_operator_ready",
	"fluxmonitoring_restores_total",
	"fluxmonitoring_unobserved_generations",
	"go_gc_gomemlimit_bytes",
	"go_goroutines",
	"go_memstats_heap_inuse_bytes",
	"leader_election_master_status",
	"process_cpu_seconds_total",
	"process_resident_memory_bytes",
	"process_start_time_seconds",
	"rest_client_requests_total",
	"workqueue_depth",
	"workqueue_longest_running_processor_seconds",
}

// operatorPodMonitor scrapes the operator itself, if it serves its own metrics.
func operatorPodMonitor(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	if pipeline.OperatorJob(fm, facts) == "" || !facts.FluxFound() {
		return nil, nil
	}
	spec := scrapeOf(fm, facts.MetricsNamespace, exporterName, pipeline.OperatorPort)
	secure(&spec.PodMetricsEndpoints[0], facts)
	spec.PodMetricsEndpoints[0].MetricRelabelConfigs = []monitoringv1.RelabelConfig{{
		Action: "keep", SourceLabels: []monitoringv1.LabelName{"__name__"}, Regex: strings.Join(operatorMetrics, "|"),
	}}
	return podMonitorOf(fm, facts, pipeline.OperatorSuffix, spec)
}
