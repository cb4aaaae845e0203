// Package alerting sends a test alert to Alertmanagers, and judges where it gets to: which receiver Alertmanager chooses, whether something
// mutes the alert, and whether Alertmanager notified the receiver. It talks to Alertmanager by HTTP, and does not know how a connection gets
// there. It does not read a cluster.
package alerting

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

const (
	// AlertName is the name of every test alert. No rule has an alert of this name.
	AlertName = "FluxMonitoringTest"
	// testLabel marks a test alert.
	testLabel = "test"
	// lifetime is how long a test alert fires. Nobody has to end it.
	lifetime = 5 * time.Minute

	alertNameLabel  = "alertname"
	severityLabel   = "severity"
	defaultSeverity = string(v1alpha1.SeverityCritical)
)

// Alert is an alert in the form of Alertmanager's API v2.
type Alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

// Imitated says which real alert a test alert is routed like.
type Imitated struct {
	// Severity; empty for that of spec.alerts.labels, or critical.
	Severity string
	// ObjectNamespace is the namespace of the Flux object; empty for an alert about Flux as a whole.
	ObjectNamespace string
}

// NewAlert is a test alert with the labels that a real one has when this Prometheus sends it. Its label kind has the ID: Alertmanager groups
// by kind, so each test is a group of its own and is sent after groupWait. Without a Prometheus the alert has no external labels.
func NewAlert(fm *v1alpha1.FluxMonitoring, known facts.Facts, by *monitoringv1.Prometheus, like Imitated, id string, now time.Time) Alert {
	p := pipeline.AlertParams(fm, known)
	labels := map[string]string{flux.LabelNamespace: cmp.Or(like.ObjectNamespace, fm.Spec.FluxNamespace())}
	set := func(label, value string) {
		if value != "" {
			labels[label] = value
		}
	}
	set(flux.LabelObjectNamespace, like.ObjectNamespace)
	set(flux.LabelCluster, p.Cluster)
	maps.Copy(labels, p.Labels)
	set(severityLabel, cmp.Or(like.Severity, labels[severityLabel], defaultSeverity))
	maps.Copy(labels, map[string]string{alertNameLabel: AlertName, testLabel: "true", flux.LabelKind: "Test-" + id, flux.LabelName: fm.Name})
	if by != nil {
		addLabelsOf(by, fm, labels)
	}
	return Alert{
		Labels: labels, StartsAt: now, EndsAt: now.Add(lifetime),
		Annotations: map[string]string{
			"summary": fmt.Sprintf("This is a test of FluxMonitoring %s/%s. Nothing is broken.", fm.Namespace, fm.Name),
			"description": fmt.Sprintf("Somebody ran `kubectl fluxmon test-alert %s --namespace %s`. The alert ends automatically after %d minutes.",
				fm.Name, fm.Namespace, int(lifetime.Minutes())),
		},
	}
}

// addLabelsOf adds the labels that a Prometheus adds to an alert: the one that it enforces replaces the alert's, the external ones do not.
func addLabelsOf(by *monitoringv1.Prometheus, fm *v1alpha1.FluxMonitoring, labels map[string]string) {
	excluded := func(r monitoringv1.ObjectReference) bool {
		return r.Resource == monitoringv1.PrometheusRuleName && r.Namespace == fm.Namespace && (r.Name == "" || r.Name == fm.Name)
	}
	if enforced := by.Spec.EnforcedNamespaceLabel; enforced != "" && !slices.ContainsFunc(by.Spec.ExcludedFromEnforcement, excluded) {
		labels[enforced] = fm.Namespace
	}
	for label, value := range externalLabels(by) {
		if _, has := labels[label]; !has {
			labels[label] = value
		}
	}
}

// externalLabels of a Prometheus, without the one of the replica, which prometheus-operator drops from alerts.
func externalLabels(by *monitoringv1.Prometheus) map[string]string {
	labels := map[string]string{}
	maps.Copy(labels, by.Spec.ExternalLabels)
	name := "prometheus"
	if by.Spec.PrometheusExternalLabelName != nil {
		name = *by.Spec.PrometheusExternalLabelName
	}
	if name != "" {
		labels[name] = by.Namespace + "/" + by.Name
	}
	return labels
}

// Differences are the reasons why a real alert can have other labels than the test alert, a clause each.
func Differences(fm *v1alpha1.FluxMonitoring, by *monitoringv1.Prometheus) []string {
	var found []string
	for _, value := range fm.Spec.Alerts.Labels {
		if strings.Contains(value, "{{") {
			found = append(found, "spec.alerts.labels has a template")
			break
		}
	}
	if by == nil {
		return found
	}
	if by.Spec.AdditionalAlertRelabelConfigs != nil {
		found = append(found, "the Prometheus has additionalAlertRelabelConfigs")
	}
	if by.Spec.Alerting != nil && slices.ContainsFunc(by.Spec.Alerting.Alertmanagers, func(e monitoringv1.AlertmanagerEndpoints) bool {
		return len(e.AlertRelabelConfigs) > 0
	}) {
		found = append(found, "spec.alerting.alertmanagers of the Prometheus has alertRelabelings")
	}
	return found
}
