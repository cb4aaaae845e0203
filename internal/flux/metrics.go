package flux

import (
	"slices"
	"strings"
)

// MetricType is the type of a metric family, which decides the names of its samples.
type MetricType string

// The metric types of Flux's controllers.
const (
	Counter   MetricType = "counter"
	Gauge     MetricType = "gauge"
	Histogram MetricType = "histogram"
)

// Family is one metric family as some of the controllers export it.
type Family struct {
	// Name without the suffixes of a histogram's samples.
	Name string
	// Type of the family.
	Type MetricType
	// Labels the family has besides those of the scrape target, as they are spelled after the scrape.
	Labels []string
	// Components that export it. Empty means all of them.
	Components []string
	// Since and Until are the first and last Flux minor version that export it, such as 2.4. Empty is open.
	Since, Until string
	// Help says in a sentence what it measures, with its unit.
	Help string
}

// Samples returns the names of the family's samples.
func (f Family) Samples() []string {
	if f.Type != Histogram {
		return []string{f.Name}
	}
	return []string{f.Name + "_bucket", f.Name + "_count", f.Name + "_sum"}
}

func (f Family) has(sample string) bool {
	return strings.HasPrefix(sample, f.Name) && slices.Contains(f.Samples(), sample)
}

var (
	objectLabels     = []string{LabelKind, LabelName, LabelObjectNamespace}
	conditionLabels  = append(slices.Clone(objectLabels), "status", "type")
	httpLabels       = []string{"code", "handler", "method"}
	controllerLabels = []string{"controller"}
	queueLabels      = []string{LabelName, "controller"}
)

// families is what the controllers expose, measured on their binaries or read in their sources. A family that changed
// at different versions in different controllers has a row for each. The image controllers and source-watcher expose
// gotk_reconcile_duration_seconds in all likelihood; it was not measured, so they are not named for it.
var families = []Family{
	{Name: "gotk_reconcile_duration_seconds", Type: Histogram, Labels: append([]string{"le"}, objectLabels...),
		Components: []string{SourceController, KustomizeController, HelmController, NotificationController},
		Help:       "Seconds a reconciliation of one object took. Its count is the number of reconciliations."},
	{Name: "gotk_reconcile_condition", Type: Gauge, Labels: conditionLabels, Until: "2.4",
		Components: []string{SourceController, KustomizeController, NotificationController, ImageReflectorController},
		Help:       "1 for the status the object's condition has, 0 for the others."},
	{Name: "gotk_reconcile_condition", Type: Gauge, Labels: conditionLabels, Until: "2.1",
		Components: []string{HelmController},
		Help:       "1 for the status the object's condition has, 0 for the others."},
	{Name: "gotk_suspend_status", Type: Gauge, Labels: objectLabels, Until: "2.4",
		Components: []string{SourceController, KustomizeController, NotificationController, ImageReflectorController},
		Help:       "1 while the object is suspended, else 0."},
	{Name: "gotk_suspend_status", Type: Gauge, Labels: objectLabels, Until: "2.1",
		Components: []string{HelmController},
		Help:       "1 while the object is suspended, else 0."},
	{Name: "gotk_receiver_http_request_duration_seconds", Type: Histogram, Labels: append([]string{"le"}, httpLabels...),
		Components: []string{NotificationController},
		Help:       "Seconds the webhook receiver took to answer."},
	{Name: "gotk_event_http_request_duration_seconds", Type: Histogram, Labels: append([]string{"le"}, httpLabels...),
		Components: []string{NotificationController},
		Help:       "Seconds the event server took to answer the other controllers."},
	{Name: "controller_runtime_reconcile_total", Type: Counter, Labels: []string{"controller", "result"},
		Help: "Reconciliations by result. A periodic success and a failed Kustomization both end as requeue_after."},
	{Name: "controller_runtime_reconcile_errors_total", Type: Counter, Labels: controllerLabels,
		Help: "Reconciliations that returned an error. A failed Kustomization does not."},
	{Name: "controller_runtime_reconcile_time_seconds", Type: Histogram, Labels: []string{"controller", "le"},
		Help: "Seconds a reconciliation took, by controller."},
	{Name: "controller_runtime_max_concurrent_reconciles", Type: Gauge, Labels: controllerLabels,
		Help: "Workers a controller has. Present from the moment the controller starts, that is, once its pod leads."},
	{Name: "controller_runtime_active_workers", Type: Gauge, Labels: controllerLabels,
		Help: "Workers that are reconciling."},
	{Name: "controller_runtime_reconcile_panics_total", Type: Counter, Labels: controllerLabels, Since: "2.4",
		Help: "Panics caught in reconciliations."},
	{Name: "controller_runtime_reconcile_timeouts_total", Type: Counter, Labels: controllerLabels, Since: "2.8",
		Help: "Reconciliations that ran into their timeout."},
	{Name: "workqueue_depth", Type: Gauge, Labels: append([]string{"priority"}, queueLabels...),
		Help: "Objects waiting for a worker."},
	{Name: "workqueue_queue_duration_seconds", Type: Histogram, Labels: append([]string{"le"}, queueLabels...),
		Help: "Seconds an object waited for a worker."},
	{Name: "workqueue_retries_total", Type: Counter, Labels: queueLabels,
		Help: "Objects put back into the queue with a delay: after an error, and after every success until the next interval."},
	{Name: "workqueue_longest_running_processor_seconds", Type: Gauge, Labels: queueLabels,
		Help: "Seconds the longest running reconciliation has taken so far."},
	{Name: "rest_client_requests_total", Type: Counter, Labels: []string{"code", "host", "method"},
		Help: "Requests to Kubernetes API servers."},
	{Name: "process_start_time_seconds", Type: Gauge, Help: "When the process started, in seconds since 1970."},
	{Name: "process_cpu_seconds_total", Type: Counter, Help: "CPU time used, in seconds."},
	{Name: "process_resident_memory_bytes", Type: Gauge, Help: "Resident memory in bytes."},
	{Name: "go_gc_gomemlimit_bytes", Type: Gauge, Since: "2.4",
		Help: "GOMEMLIMIT in bytes. Flux's manifests set it to the container's limit; unset it is 9.2e18."},
	{Name: "go_goroutines", Type: Gauge, Help: "Goroutines that exist."},
}

// otherFamilies are families that are not the controllers': what Prometheus writes of what it scrapes and evaluates, wherever a controller
// is scraped, and what the operator at hand exposes.
var otherFamilies = []Family{
	{Name: "up", Type: Gauge, Help: "1 when the last scrape of the target succeeded, else 0. Written by Prometheus."},
	{Name: "scrape_duration_seconds", Type: Gauge, Help: "Seconds the last scrape of the target took. Written by Prometheus."},
	{Name: "scrape_samples_post_metric_relabeling", Type: Gauge,
		Help: "Samples of the last scrape of the target that were kept. Written by Prometheus."},
	{Name: "ALERTS", Type: Gauge, Labels: []string{"alertname", "alertstate", "severity"},
		Help: "1 for each alert that is pending or fires. Written by Prometheus, with the alert's labels."},
	{Name: "leader_election_master_status", Type: Gauge, Labels: []string{LabelName}, Components: []string{MonitoringOperator},
		Help: "1 while the pod leads, else 0."},
	{Name: "fluxmonitoring_operator_ready", Type: Gauge, Components: []string{MonitoringOperator},
		Help: "1 while the pod's /readyz is ok, else 0."},
	{Name: "fluxmonitoring_unobserved_generations", Type: Gauge, Labels: []string{LabelName, LabelObjectNamespace},
		Components: []string{MonitoringOperator},
		Help:       "Generations of a FluxMonitoring that no operator has reported on. Absent where there is none."},
	{Name: "fluxmonitoring_condition", Type: Gauge, Labels: []string{LabelName, LabelObjectNamespace, "type"},
		Components: []string{MonitoringOperator},
		Help:       "1 while a condition of a FluxMonitoring is True, 0 while it is False. Absent while it is Unknown."},
}

// stackFamilies is what Prometheus and Alertmanager export about themselves, as far as alerts use it. Whether a Prometheus scrapes them is
// not known, so they are no metrics of Flux: nothing is said of alerts of others that use them.
var stackFamilies = []Family{
	{Name: "alertmanager_notifications_failed_total", Type: Counter, Labels: []string{"integration", "reason", "receiver_name"},
		Help: "Notifications that failed. receiver_name needs Alertmanager's feature flag receiver-name-in-metrics."},
	{Name: "prometheus_notifications_alertmanagers_discovered", Type: Gauge, Help: "Alertmanagers that Prometheus sends alerts to."},
	{Name: "prometheus_notifications_dropped_total", Type: Counter, Labels: []string{"alertmanager"},
		Help: "Alerts that Prometheus could not send to an Alertmanager."},
	{Name: "prometheus_rule_evaluation_failures_total", Type: Counter, Labels: []string{LabelRuleGroup},
		Help: "Evaluations of a rule that failed."},
	{Name: "prometheus_rule_group_iterations_missed_total", Type: Counter, Labels: []string{LabelRuleGroup},
		Help: "Evaluations of a group that Prometheus skipped because the one before took too long."},
	{Name: "prometheus_rule_group_rules", Type: Gauge, Labels: []string{LabelRuleGroup}, Help: "Rules of a group."},
}

// StackFamilies returns what is known of the metrics of Prometheus and Alertmanager. The rows are shared: do not change them.
func StackFamilies() []Family { return slices.Clone(stackFamilies) }

// Families returns what is known of the controllers' metrics. The rows are shared: do not change them.
func Families() []Family {
	return slices.Clone(families)
}

// OtherFamilies returns what is known of metrics that are not the controllers' own. The rows are shared: do not change them.
func OtherFamilies() []Family { return slices.Clone(otherFamilies) }
