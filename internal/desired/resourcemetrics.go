package desired

import (
	"fmt"
	"strings"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
)

// StateSource is where the state of Flux objects comes from for one FluxMonitoring.
type StateSource struct {
	// Source in effect; empty where nothing delivers.
	Source flux.StateSource
	// Reason for it, in a sentence, whoever chose it.
	Reason string
	// Missing says in a sentence what the source does not deliver here, and what to do; empty when it delivers all.
	Missing string
	// Uncertain is that it is not known to be missing.
	Uncertain bool
}

// ResourceMetrics resolves spec.resourceMetrics.source against the cluster as it is.
func ResourceMetrics(fm *v1alpha1.FluxMonitoring, facts facts.Facts) StateSource {
	if asked := fm.Spec.ResourceMetrics.SourceInEffect(); asked != v1alpha1.ResourceMetricsSourceAuto {
		return StateSource{
			Source:    flux.StateSource(asked),
			Reason:    fmt.Sprintf("spec.resourceMetrics.source asks for %s", asked),
			Missing:   missing(flux.StateSource(asked), facts),
			Uncertain: asked == v1alpha1.ResourceMetricsSourceControllers && uncertain(facts),
		}
	}
	return automatic(facts)
}

// automatic is the first source that delivers the state of every object. Controllers do only where each is known, and each kind has
// one that tells its state: of what was not recognised nothing is concluded.
func automatic(facts facts.Facts) StateSource {
	switch {
	case facts.Flux.Whole() && len(untold(facts)) == 0:
		return StateSource{Source: flux.Controllers, Reason: fmt.Sprintf(
			"the controllers of Flux %s tell the state of every kind they reconcile", facts.Flux.VersionInWords())}
	case facts.FluxOperatorNamespace != "":
		return StateSource{Source: flux.OperatorReport, Reason: fmt.Sprintf(
			"flux-operator reports on Flux in namespace %s, as often as its --reporting-interval says", facts.FluxOperatorNamespace)}
	case facts.Exporter.Namespace != "":
		return StateSource{Source: flux.Exporter, Reason: silence(facts)}
	}
	return StateSource{
		Reason: silence(facts),
		Missing: "nothing tells the state of Flux objects: run the operator with --exporter-bind-address, or set " +
			"spec.resourceMetrics.source to KubeStateMetrics",
	}
}

// missing says what a source does not deliver here.
func missing(source flux.StateSource, facts facts.Facts) string {
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
		if !facts.Flux.Whole() || len(untold(facts)) > 0 {
			return silence(facts) + ": set spec.resourceMetrics.source to Auto"
		}
	case flux.KubeStateMetrics:
	}
	return ""
}

// untold are the kinds of whose state no controller is known to tell.
func untold(facts facts.Facts) []string { return facts.Flux.Untold(facts.ServedByFlux()...) }

// uncertain reports whether it is not known that the controllers do not tell the state of every object.
func uncertain(facts facts.Facts) bool {
	kinds := untold(facts)
	return len(facts.Flux.Controllers) > 0 && (len(kinds) > 0 || !facts.Flux.Whole()) && facts.Flux.MayTell(kinds)
}

// silence says of which objects the controllers do not tell the state, or why that is not known.
func silence(facts facts.Facts) string {
	kinds := untold(facts)
	switch {
	case len(facts.Flux.Controllers) == 0:
		return fmt.Sprintf("no controller of Flux is found in namespace %s", facts.Flux.Namespace)
	case uncertain(facts) && len(facts.Flux.Unrecognised()) > 0:
		return fmt.Sprintf("it is not known which controller Deployment %s is", Listed(facts.Flux.Unrecognised()))
	case uncertain(facts) && len(kinds) == 0:
		return Unscraped(facts.Flux)
	case uncertain(facts):
		return fmt.Sprintf("it is not known whether the controllers of Flux %s export the state of %s", facts.Flux.VersionInWords(), Listed(kinds))
	case facts.Flux.Partly():
		return fmt.Sprintf("the controllers of Flux %s do not tell the state of %s", facts.Flux.VersionInWords(), Listed(kinds))
	}
	return fmt.Sprintf("the controllers of Flux %s do not tell the state of their objects", facts.Flux.VersionInWords())
}

// Listed puts names into words: one, two and three.
func Listed(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// exposure is what reaches Prometheus for one FluxMonitoring.
func exposure(fm *v1alpha1.FluxMonitoring, facts facts.Facts) flux.Exposure {
	source := ResourceMetrics(fm, facts).delivers(facts)
	return flux.Exposure{
		Flux: facts.Flux, Cardinality: cardinality(fm), State: source, Served: facts.ServedByFlux(),
		Guide: fm.Spec.ResourceMetrics.Compatible() && (source == flux.Exporter || source == flux.KubeStateMetrics),
	}
}

// delivers is the source, unless it is one that nothing runs of here.
func (s StateSource) delivers(facts facts.Facts) flux.StateSource {
	if s.Source == flux.Exporter && facts.Exporter.Namespace == "" ||
		s.Source == flux.OperatorReport && facts.FluxOperatorNamespace == "" {
		return ""
	}
	return s.Source
}
