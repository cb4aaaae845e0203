package pipeline

import (
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Mismatch is an alert of the user's own, and its matchers that match no series, or exclude none.
type Mismatch struct {
	// Alert is its name.
	Alert string `json:"alert"`
	query.Idle
}

// Mismatches lists the user's own alerts with matchers that cannot do what they are written for, in their order.
func Mismatches(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []Mismatch {
	var all []Mismatch
	possible := possibleLabels(fm, facts)
	for _, g := range fm.Spec.Alerts.AdditionalGroups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			if idle := query.IdleMatchers(r.Expr.String(), possible); len(idle.Never)+len(idle.Always) > 0 {
				all = append(all, Mismatch{Alert: r.Alert, Idle: idle})
			}
		}
	}
	return all
}

// possibleLabels are the values that labels of metrics can have here. Nothing is known of a metric that the user records, or of a label
// that something between the source and the alert may add.
func possibleLabels(fm *v1alpha1.FluxMonitoring, facts facts.Facts) query.Possible {
	exposed := Exposure(fm, facts)
	added := func(label string) bool {
		return slices.ContainsFunc(facts.Prometheuses, func(i selection.Instance) bool { return slices.Contains(i.AddedLabels, label) })
	}
	return func(metric, label string) ([]string, bool) {
		if !exposed.Exposes(metric) || userRecords(fm, metric) || added(label) || mayBeRelabeled(fm, facts, exposed, metric) {
			return nil, false
		}
		return exposed.State.Values(metric, label)
	}
}

// mayBeRelabeled reports whether scraped series may get unknown labels on the way: by the user's relabelings or PodMonitors, or by those of
// a Prometheus. Recorded series keep the labels of their recording rule.
func mayBeRelabeled(fm *v1alpha1.FluxMonitoring, facts facts.Facts, exposed flux.Exposure, metric string) bool {
	if flux.IsRecorded(metric) || slices.Contains(flux.WorkRecords(), metric) {
		return false
	}
	scrape := &fm.Spec.Scrape
	ofController := !exposed.State.Exposes(metric)
	switch {
	case !v1alpha1.On(scrape.Enabled), ofController && len(scrape.Relabelings)+len(scrape.MetricRelabelings) > 0:
		return true
	case slices.ContainsFunc(facts.Prometheuses, func(i selection.Instance) bool { return i.Relabels }):
		return true
	}
	for _, p := range fm.Spec.Patches {
		if strings.Contains(strings.ToLower(p.Patch), "relabel") {
			return true
		}
	}
	return false
}
