package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// scraped reports whether every Prometheus of spec.prometheus scrapes what it should. The condition is absent while scrape and alerts are
// turned off.
func scraped(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	no := func(reason, message string) conditionValue {
		return conditionValue{metav1.ConditionFalse, reason, message}
	}
	switch total := countForPrometheus(o.Desired); {
	case scrapeAndAlertsOff(fm) && total == 0:
		return conditionValue{}
	case len(o.Desired) == 0:
		return no(o.absenceReason(fm), "Flux is not found, see Ready")
	case notServedForPrometheus(o).reason != "":
		return notServedForPrometheus(o)
	case countForPrometheus(Applied(o))+countForPrometheus(o.MissingAPIs) < total:
		return no(v1alpha1.ReasonApplyFailed, "a PodMonitor or the PrometheusRule is not applied, see Ready")
	case outdatedForPrometheus(o).reason != "":
		return outdatedForPrometheus(o)
	}
	return selected(fm, o)
}

// selected reports whether every Prometheus of spec.prometheus scrapes what is applied: no by what the objects of the cluster show, yes only by
// what was seen in Prometheus.
func selected(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	no := func(reason, message string) conditionValue {
		return conditionValue{metav1.ConditionFalse, reason, message}
	}
	if sentences := pipeline.NotSelecting(fm.Status.Prometheuses); len(sentences) > 0 {
		return no(notSelectedReason(fm.Status.Prometheuses), firstOf(sentences, "status.prometheuses"))
	}
	if empty := pipeline.PodMonitorsWithoutSamples(Applied(o)); len(empty) > 0 {
		return no(v1alpha1.ReasonTargetsMissing, strings.Join(empty, ". "))
	}
	if lacking := unscraped(fm, o.Facts.Flux); lacking != "" {
		return no(v1alpha1.ReasonTargetsMissing, lacking)
	}
	if len(o.Facts.Prometheuses) == 0 && fm.Spec.Prometheus.Verify.Address == "" {
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNoPrometheus, pipeline.NoScraper(o.Facts)}
	}
	seen := seenScraped(fm, o)
	if unrecognised := pipeline.ControllersNotRecognised(o.Facts.Flux); unrecognised != "" {
		seen.message += ". But " + unrecognised
	}
	if seen.status == metav1.ConditionTrue {
		return seen
	}
	if paused := pipeline.Paused(o.Facts); len(paused) > 0 {
		return pausedValue(seen, paused)
	}
	return seen
}

// pausedValue is that changes do not reach a Prometheus. Whether that matters is unknown until it has been asked.
func pausedValue(seen conditionValue, paused []string) conditionValue {
	status := metav1.ConditionUnknown
	if seen.status == metav1.ConditionFalse {
		status = metav1.ConditionFalse
	}
	return conditionValue{
		status, v1alpha1.ReasonPrometheusPaused, pipeline.Listed(paused) + ": spec.paused is true, so changes do not reach it: set it to false",
	}
}

// notSelectedReason is the reason of the first issue of a Prometheus.
func notSelectedReason(statuses []v1alpha1.PrometheusStatus) string {
	for _, s := range statuses {
		if len(s.Issues) > 0 {
			return cmp.Or(issueReasons[s.Issues[0].Reason], v1alpha1.ReasonNotSelected)
		}
	}
	return v1alpha1.ReasonNotSelected
}

// issueReasons are the issues that are not about selectors.
var issueReasons = map[string]string{
	selection.NotRunning: v1alpha1.ReasonPrometheusNotAvailable, selection.TargetLimitTooLow: v1alpha1.ReasonLimitsTooLow,
}

// firstOf is the first sentence, and how many more are elsewhere.
func firstOf(sentences []string, elsewhere string) string {
	if len(sentences) == 1 {
		return sentences[0]
	}
	return fmt.Sprintf("%s (and %d more, see %s)", sentences[0], len(sentences)-1, elsewhere)
}

// unscraped says which controllers of Flux cannot be scraped although they should be; empty if all can.
func unscraped(fm *v1alpha1.FluxMonitoring, installed flux.Installation) string {
	switch {
	case !v1alpha1.On(fm.Spec.Scrape.Enabled):
		return ""
	case len(installed.Controllers) == 0:
		return pipeline.NoControllers(installed)
	}
	return pipeline.ControllersNotScraped(installed)
}

// scrapeAndAlertsOff reports whether the spec turns off scraping and alerts. Dashboards may still need recording rules.
func scrapeAndAlertsOff(fm *v1alpha1.FluxMonitoring) bool {
	return !v1alpha1.On(fm.Spec.Scrape.Enabled) && !v1alpha1.On(fm.Spec.Alerts.Enabled)
}

// countForPrometheus is how many of the objects a Prometheus should select.
func countForPrometheus(objects []*unstructured.Unstructured) int {
	return len(slices.DeleteFunc(slices.Clone(objects), func(u *unstructured.Unstructured) bool {
		return u.GroupVersionKind() != kinds.PodMonitor && u.GroupVersionKind() != kinds.PrometheusRule
	}))
}

// sourceMessage names the metrics source and says why it is this one.
func sourceMessage(source flux.StateSource, reason string) string {
	return fmt.Sprintf("the metrics source is %s, because %s", source, reason)
}

// resourceMetrics reports whether a metrics source exports the state of every Flux object.
func resourceMetrics(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	if !o.Facts.FluxFound() {
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonFluxNotFound, "Flux is not found, see Ready"}
	}
	s := pipeline.ResourceMetrics(fm, o.Facts)
	switch {
	case s.Unknown:
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonNotRecognised, s.Missing}
	case s.Missing != "" && s.Source == flux.Controllers && o.Facts.Flux.ExposesSomeState():
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonPartlyServed, s.Missing}
	case s.Missing != "":
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonNotServed, s.Missing}
	case len(pipeline.PrometheusesWithoutToken(fm, o.Facts, Applied(o))) > 0:
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonNoToken, strings.Join(pipeline.PrometheusesWithoutToken(fm, o.Facts, Applied(o)), ". ")}
	case s.Source == flux.Exporter:
		return exporterCondition(fm, o.Facts.Exporter, s.Reason)
	case s.Source == flux.KubeStateMetrics:
		return stateMetricsCondition(fm, o)
	}
	return conditionValue{metav1.ConditionTrue, v1alpha1.ReasonServed, sourceMessage(s.Source, s.Reason)}
}

// stateMetricsCondition is the value of ResourceMetrics while kube-state-metrics is the source, which only its series in Prometheus show.
func stateMetricsCondition(fm *v1alpha1.FluxMonitoring, o *Run) conditionValue {
	if o.Facts.Proof != nil && o.Facts.Proof.Rules.Status == metav1.ConditionTrue {
		return conditionValue{metav1.ConditionTrue, v1alpha1.ReasonServed, "Prometheus has the series of kube-state-metrics"}
	}
	return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonConfigurationGenerated, fmt.Sprintf(
		"kube-state-metrics needs the configuration in ConfigMap %s; the operator cannot see whether it uses it", desired.StateMetricsName(fm))}
}

// limitMessage says that the exporter omits objects, and names some of their namespaces.
func limitMessage(namespaces []string) string {
	of := ""
	if len(namespaces) > 0 {
		of = " of namespace " + strings.Join(namespaces, ", ")
	}
	return "the exporter omits objects" + of + ": raise --max-series, delete objects, or set --watch-label-selector"
}

// exporterCondition is the value of ResourceMetrics while the operator's own exporter is the source. An operator that has just begun to
// lead keeps what its predecessor reported.
func exporterCondition(fm *v1alpha1.FluxMonitoring, e facts.Exporter, reason string) conditionValue {
	served := conditionValue{metav1.ConditionTrue, v1alpha1.ReasonServed, sourceMessage(flux.Exporter, reason)}
	if len(e.TooDeep) > 0 {
		served.message += "; delete these objects, which nest so deeply that other clients cannot list their kind: " +
			strings.Join(e.TooDeep, ", ")
	}
	switch {
	case e.Limited:
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonSeriesLimitReached, limitMessage(e.Omitting)}
	case len(e.Faults) > 0:
		return conditionValue{metav1.ConditionFalse, v1alpha1.ReasonPartlyServed,
			"the exporter cannot read " + strings.Join(e.Faults, ", ")}
	case !e.Serving && !e.Overdue && fm.HasStateFrom(v1alpha1.ResourceMetricsSourceExporter) &&
		meta.IsStatusConditionTrue(fm.Status.Conditions, v1alpha1.ConditionResourceMetrics):
		return served
	case e.Overdue:
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonStarting,
			"the exporter has been reading the Flux objects for minutes: check the API server, and read the operator's log"}
	case !e.Serving:
		return conditionValue{metav1.ConditionUnknown, v1alpha1.ReasonStarting, "the exporter is reading the Flux objects for the first time"}
	}
	return served
}
