package pipeline

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/selection"
)

const (
	// OperatorSuffix ends the name of the PodMonitor of the operator's own metrics.
	OperatorSuffix = "-fluxmonitoring"
	// OperatorPort is the name of the port on which the operator's pods export its own metrics.
	OperatorPort = "metrics"
	// ExporterPort is the name of the port on which the operator's pods export the state of Flux objects.
	ExporterPort = "exporter"
)

// StateSuffix ends the name of the PodMonitor of a metrics source; empty if the source has none.
func StateSuffix(source flux.StateSource) string {
	switch source {
	case flux.Exporter:
		return "-exporter"
	case flux.OperatorReport:
		return "-flux-operator"
	case flux.KubeStateMetrics, flux.Controllers:
	}
	return ""
}

// Job is the value of the label job of the series scraped by the PodMonitor of the controllers; empty if there is none.
func Job(fm *v1alpha1.FluxMonitoring) string {
	if !v1alpha1.On(fm.Spec.Scrape.Enabled) {
		return ""
	}
	return jobOf(fm, "")
}

// StateJob is the job of the series with the state of objects, if they have a PodMonitor of their own.
func StateJob(fm *v1alpha1.FluxMonitoring, facts facts.Facts) string {
	suffix := StateSuffix(Exposure(fm, facts).State)
	if suffix == "" || !v1alpha1.On(fm.Spec.Scrape.Enabled) {
		return ""
	}
	return jobOf(fm, suffix)
}

// OperatorJob is the job of the operator's own metrics; empty if no PodMonitor of this FluxMonitoring scrapes them.
func OperatorJob(fm *v1alpha1.FluxMonitoring, facts facts.Facts) string {
	if !v1alpha1.On(fm.Spec.Scrape.Enabled) || facts.MetricsNamespace == "" {
		return ""
	}
	return jobOf(fm, OperatorSuffix)
}

// evaluatedOperatorJob is OperatorJob if a Prometheus that evaluates the alerts can find the operator's pods. One that ignores namespace
// selectors cannot find them in another namespace, and its alerts would report the operator as down.
func evaluatedOperatorJob(fm *v1alpha1.FluxMonitoring, facts facts.Facts) string {
	evaluators := slices.DeleteFunc(slices.Clone(facts.Prometheuses), func(i selection.Instance) bool { return !i.EvaluatesRules() })
	near := fm.Namespace == facts.MetricsNamespace || len(evaluators) == 0
	if near || slices.ContainsFunc(evaluators, func(i selection.Instance) bool { return !i.IgnoresNamespaceSelectors }) {
		return OperatorJob(fm, facts)
	}
	return ""
}

// jobOf is the job of the PodMonitor with this suffix.
func jobOf(fm *v1alpha1.FluxMonitoring, suffix string) string {
	return fm.Namespace + "/" + fm.Name + suffix
}

// OwnerOf is the value of the label by which the alerts of a FluxMonitoring are routed to its receivers.
func OwnerOf(fm *v1alpha1.FluxMonitoring) string { return fm.Namespace + "/" + fm.Name }

// Notifies reports whether an AlertmanagerConfig is to notify receivers of the alerts, or to send the heartbeat.
func Notifies(fm *v1alpha1.FluxMonitoring) bool { return HasReceivers(fm) || HasHeartbeat(fm) }

// HasReceivers reports whether receivers are to be notified of the alerts.
func HasReceivers(fm *v1alpha1.FluxMonitoring) bool {
	return v1alpha1.On(fm.Spec.Alerts.Enabled) && fm.Spec.Notifications != nil && len(fm.Spec.Notifications.Receivers) > 0
}

// HasHeartbeat reports whether the heartbeat is to be sent.
func HasHeartbeat(fm *v1alpha1.FluxMonitoring) bool {
	return v1alpha1.On(fm.Spec.Alerts.Enabled) && fm.Spec.Notifications != nil && fm.Spec.Notifications.Heartbeat != nil
}

// UnsentSeverities are the known severities of which the receivers are not notified. An alert with a severity of the user's own is always
// sent.
func UnsentSeverities(fm *v1alpha1.FluxMonitoring) []string {
	var unsent []string
	for _, severity := range v1alpha1.Severities() {
		if !slices.Contains(fm.Spec.Notifications.SeveritiesInEffect(), severity) {
			unsent = append(unsent, string(severity))
		}
	}
	return unsent
}

// AlertParams are what the catalogue of alerts depends on.
func AlertParams(fm *v1alpha1.FluxMonitoring, facts facts.Facts) alerts.Params {
	spec := &fm.Spec.Alerts
	objective, _ := Objective(spec) // where the rules are generated, the error is reported
	return alerts.Params{
		Exposure: Exposure(fm, facts), Job: Job(fm), StateJob: StateJob(fm, facts), ExporterJob: jobOf(fm, StateSuffix(flux.Exporter)),
		Cluster: fm.Spec.ClusterName, OperatorJob: evaluatedOperatorJob(fm, facts), OperatorNamespace: facts.MetricsNamespace,
		Labels: withOwner(fm, spec.Labels), Annotations: spec.Annotations, RunbookURL: spec.RunbookURL, FluxOperatorURL: spec.FluxOperatorURL,
		Waits: facts.Timings, Objective: objective, Overrides: overrides(fm),
		RuleFile: fm.Namespace + "-" + fm.Name, Notified: notified(fm, facts), Heartbeat: heartbeatLabels(fm),
	}
}

// Objective is how many objects of a hundred should not fail; 0 if the spec has no error budget. A CRD that is older than this operator may
// let other text through than a percentage.
func Objective(spec *v1alpha1.AlertsSpec) (float64, error) {
	if spec.ErrorBudget == nil {
		return 0, nil
	}
	percent, err := strconv.ParseFloat(spec.ErrorBudget.Objective, 64)
	if err != nil || math.IsNaN(percent) || percent <= 0 || percent >= 100 {
		return 0, fmt.Errorf("%q is not a percentage above 0 and below 100, such as 99.5", spec.ErrorBudget.Objective)
	}
	return percent, nil
}

func overrides(fm *v1alpha1.FluxMonitoring) []alerts.Override {
	result := make([]alerts.Override, 0, len(fm.Spec.Alerts.Overrides))
	for _, r := range fm.Spec.Alerts.Overrides {
		result = append(result, alerts.Override{
			Name: string(r.Name), Enabled: r.Enabled, For: duration(r.For), KeepFiringFor: duration(r.KeepFiringFor),
			Severity: string(r.Severity), Threshold: r.Threshold, Labels: withOwner(fm, r.Labels), Annotations: r.Annotations,
		})
	}
	return result
}

func duration(d v1alpha1.Duration) *monitoringv1.Duration {
	if d == "" {
		return nil
	}
	result := monitoringv1.Duration(d)
	return &result
}

// withOwner adds the label by which alerts are routed to the receivers, if there are any.
func withOwner(fm *v1alpha1.FluxMonitoring, labels map[string]string) map[string]string {
	if !HasReceivers(fm) {
		return labels
	}
	result := map[string]string{}
	maps.Copy(result, labels)
	result[alertmanager.OwnerLabel] = OwnerOf(fm)
	return result
}
