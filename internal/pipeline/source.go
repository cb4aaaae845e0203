package pipeline

import (
	"fmt"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
)

// StateSource is the metrics source of one FluxMonitoring.
type StateSource struct {
	// Source in effect; empty if none exports here.
	Source flux.StateSource
	// Reason why it is this source, in a sentence.
	Reason string
	// Missing says in a sentence what the source does not export here, and what to do; empty if it exports everything.
	Missing string
	// Unknown: it is not known whether something is missing.
	Unknown bool
}

// ResourceMetrics is the metrics source in effect, from spec.resourceMetrics.source and the facts.
func ResourceMetrics(fm *v1alpha1.FluxMonitoring, facts facts.Facts) StateSource {
	if asked := fm.Spec.ResourceMetrics.SourceInEffect(); asked != v1alpha1.ResourceMetricsSourceAuto {
		return StateSource{
			Source:  flux.StateSource(asked),
			Reason:  fmt.Sprintf("spec.resourceMetrics.source is %s", asked),
			Missing: missingFrom(flux.StateSource(asked), facts),
			Unknown: asked == v1alpha1.ResourceMetricsSourceControllers && mayExport(facts),
		}
	}
	return autoSource(facts)
}

// autoSource is the first source that exports the state of every object. The controllers do if each is recognised, and each kind has one
// that exports its state.
func autoSource(facts facts.Facts) StateSource {
	switch {
	case facts.Flux.IsComplete() && len(kindsWithoutState(facts)) == 0:
		return StateSource{Source: flux.Controllers, Reason: fmt.Sprintf(
			"the controllers of Flux %s export the state of every kind that they reconcile", facts.Flux.VersionText())}
	case facts.FluxOperatorNamespace != "":
		return StateSource{Source: flux.OperatorReport, Reason: fmt.Sprintf(
			"flux-operator exports the state of Flux in namespace %s", facts.FluxOperatorNamespace)}
	case facts.Exporter.Namespace != "":
		return StateSource{Source: flux.Exporter, Reason: whyNoState(facts)}
	}
	return StateSource{
		Reason: whyNoState(facts),
		Missing: "no metrics source exports the state of Flux objects: run the operator with --exporter-bind-address, or set " +
			"spec.resourceMetrics.source to KubeStateMetrics",
	}
}

// missingFrom says what a source does not export here.
func missingFrom(source flux.StateSource, facts facts.Facts) string {
	switch source {
	case flux.Exporter:
		if facts.Exporter.Namespace == "" {
			return "the operator runs with --exporter-bind-address=0, so nothing is exported: set it to an address such as :8082"
		}
	case flux.OperatorReport:
		if facts.FluxOperatorNamespace == "" {
			return "there is no FluxReport, so no flux-operator reports here: install it, or set spec.resourceMetrics.source to Auto"
		}
	case flux.Controllers:
		if !facts.Flux.IsComplete() || len(kindsWithoutState(facts)) > 0 {
			return whyNoState(facts) + ": set spec.resourceMetrics.source to Auto"
		}
	case flux.KubeStateMetrics:
	}
	return ""
}

// kindsWithoutState are the kinds whose state no controller is known to export.
func kindsWithoutState(facts facts.Facts) []string {
	return facts.Flux.KindsWithoutState(facts.ServedByFlux()...)
}

// mayExport reports whether the controllers may export the state of every object, though it is not known.
func mayExport(facts facts.Facts) bool {
	kinds := kindsWithoutState(facts)
	return len(facts.Flux.Controllers) > 0 && (len(kinds) > 0 || !facts.Flux.IsComplete()) && facts.Flux.MayExposeStateOf(kinds)
}

// whyNoState says of which objects the controllers do not export the state, or why that is not known.
func whyNoState(facts facts.Facts) string {
	kinds := kindsWithoutState(facts)
	switch {
	case len(facts.Flux.Controllers) == 0:
		return fmt.Sprintf("no controller of Flux is found in namespace %s", facts.Flux.Namespace)
	case mayExport(facts) && len(facts.Flux.Unrecognised()) > 0:
		return fmt.Sprintf("the operator does not know which controller Deployment %s is", Listed(facts.Flux.Unrecognised()))
	case mayExport(facts) && len(kinds) == 0:
		return ControllersNotScraped(facts.Flux)
	case mayExport(facts):
		return fmt.Sprintf("the operator does not know whether the controllers of Flux %s export the state of %s",
			facts.Flux.VersionText(), Listed(kinds))
	case facts.Flux.ExposesSomeState():
		return fmt.Sprintf("the controllers of Flux %s do not export the state of %s", facts.Flux.VersionText(), Listed(kinds))
	}
	return fmt.Sprintf("the controllers of Flux %s do not export the state of their objects", facts.Flux.VersionText())
}

// Exposure is which metrics reach Prometheus for one FluxMonitoring.
func Exposure(fm *v1alpha1.FluxMonitoring, facts facts.Facts) flux.Exposure {
	source := ResourceMetrics(fm, facts).delivering(facts)
	return flux.Exposure{
		Flux: facts.Flux, Cardinality: flux.Cardinality(fm.Spec.Scrape.CardinalityInEffect()), State: source, Served: facts.ServedByFlux(),
		LegacyMetrics: fm.Spec.ResourceMetrics.HasLegacyMetrics() && (source == flux.Exporter || source == flux.KubeStateMetrics),
	}
}

// delivering is the source, unless nothing of it runs here.
func (s StateSource) delivering(facts facts.Facts) flux.StateSource {
	if s.Source == flux.Exporter && facts.Exporter.Namespace == "" ||
		s.Source == flux.OperatorReport && facts.FluxOperatorNamespace == "" {
		return ""
	}
	return s.Source
}
