package desired

import (
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/selection"
)

const (
	// operatorSuffix ends the name of the PodMonitor of the operator's own metrics.
	operatorSuffix = "-fluxmonitoring"
	// operatorPort is the name of the port of the operator's pods that serves them.
	operatorPort = "metrics"
)

// operatorMetrics are those of the operator's own metrics that are kept: whether it works, how fast, at what cost. The rest, the
// Go runtime's above all, is two thirds of the series, and nobody asks for them.
var operatorMetrics = []string{
	"controller_runtime_active_workers",
	"controller_runtime_max_concurrent_reconciles",
	"controller_runtime_reconcile_errors_total",
	"controller_runtime_reconcile_panics_total",
	"controller_runtime_reconcile_time_seconds_bucket",
	"controller_runtime_reconcile_time_seconds_count",
	"controller_runtime_reconcile_time_seconds_sum",
	"controller_runtime_reconcile_total",
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

// operatorPodMonitor has the operator itself scraped, where it serves metrics of its own.
func operatorPodMonitor(fm *v1alpha1.FluxMonitoring, facts facts.Facts) ([]*unstructured.Unstructured, error) {
	if operatorJob(fm, facts) == "" || !facts.FluxFound() {
		return nil, nil
	}
	spec := scrapeOf(fm, facts.MetricsNamespace, exporterName, operatorPort)
	secure(&spec.PodMetricsEndpoints[0], facts)
	spec.PodMetricsEndpoints[0].MetricRelabelConfigs = []monitoringv1.RelabelConfig{{
		Action: "keep", SourceLabels: []monitoringv1.LabelName{"__name__"}, Regex: strings.Join(operatorMetrics, "|"),
	}}
	return podMonitorOf(fm, facts, operatorSuffix, spec)
}

// watchedJob is operatorJob where whoever evaluates the alerts may find the operator's pods: a Prometheus that ignores namespace selectors does not
// look into another namespace, and would take the operator there for one that is down.
func watchedJob(fm *v1alpha1.FluxMonitoring, facts facts.Facts) string {
	evaluators := slices.DeleteFunc(slices.Clone(facts.Prometheuses), func(i selection.Instance) bool { return !i.EvaluatesRules() })
	near := fm.Namespace == facts.MetricsNamespace || len(evaluators) == 0
	if near || slices.ContainsFunc(evaluators, func(i selection.Instance) bool { return !i.IgnoresNamespaceSelectors }) {
		return operatorJob(fm, facts)
	}
	return ""
}

// operatorJob is the job of the operator's own metrics; empty where nothing here has them scraped.
func operatorJob(fm *v1alpha1.FluxMonitoring, facts facts.Facts) string {
	if !v1alpha1.On(fm.Spec.Scrape.Enabled) || facts.MetricsNamespace == "" {
		return ""
	}
	return fm.Namespace + "/" + fm.Name + operatorSuffix
}
