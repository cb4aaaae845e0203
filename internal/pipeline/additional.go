package pipeline

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// Ineffective lists the generated alerts that can never fire here, because no source of their metrics reaches Prometheus.
func Ineffective(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []string {
	if !v1alpha1.On(fm.Spec.Alerts.Enabled) {
		return nil
	}
	return alerts.Ineffective(AlertParams(fm, facts))
}

// AlertWithoutMetrics is an alert of the user's own, and the metrics of Flux that it selects and nothing exports or records here.
type AlertWithoutMetrics struct {
	// Alert is its name.
	Alert string `json:"alert"`
	// Metrics are sorted.
	Metrics []string `json:"metrics"`
}

// AlertsWithoutMetrics lists the user's own alerts on metrics of Flux that nothing exports or records here, in their order.
func AlertsWithoutMetrics(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []AlertWithoutMetrics {
	var all []AlertWithoutMetrics
	for _, g := range fm.Spec.Alerts.AdditionalGroups {
		for _, r := range g.Rules {
			if metrics := metricsNotExposed(fm, facts, r.Expr.String()); r.Alert != "" && len(metrics) > 0 {
				all = append(all, AlertWithoutMetrics{Alert: r.Alert, Metrics: metrics})
			}
		}
	}
	return all
}

// metricsNotExposed are the metrics of Flux that an expression selects and that nothing exports or records here. Another check reports an
// expression that does not parse.
func metricsNotExposed(fm *v1alpha1.FluxMonitoring, facts facts.Facts, expr string) []string {
	if query.Parse(expr) != nil {
		return nil
	}
	exposed := Exposure(fm, facts)
	return slices.DeleteFunc(query.New(expr).Metrics(), func(metric string) bool {
		return !isKnownMetric(metric) || exposed.Exposes(metric) || userRecords(fm, metric)
	})
}

// isKnownMetric reports whether the operator knows what exports a metric: the known ones of Flux, and those with the names of recording
// rules.
func isKnownMetric(metric string) bool {
	return flux.IsRecorded(metric) || strings.HasPrefix(metric, "gotk_") && flux.IsKnown(metric)
}

// userRecords reports whether one of the user's own rules records a series of this name.
func userRecords(fm *v1alpha1.FluxMonitoring, metric string) bool {
	for _, g := range fm.Spec.Alerts.AdditionalGroups {
		for _, r := range g.Rules {
			if r.Record == metric {
				return true
			}
		}
	}
	return false
}
