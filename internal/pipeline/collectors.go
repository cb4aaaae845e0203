package pipeline

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// work is what a collector or a ruler does with generated objects.
type work struct {
	// who does it, with which objects, and what it does.
	who, reads, does string
	// by are the kinds that can do it without a Prometheus object.
	by []schema.GroupVersionKind
}

var (
	scraping = work{
		who: "collector", reads: "these PodMonitors", does: "scrapes Flux",
		by: []schema.GroupVersionKind{kinds.VMAgent, kinds.VMSingle, kinds.OpenTelemetryCollector},
	}
	evaluating = work{
		who: "ruler", reads: "PrometheusRules", does: "evaluates the alerts",
		by: []schema.GroupVersionKind{kinds.VMAlert},
	}
)

// managed are services that read other kinds than the operator generates.
var managed = []struct {
	kind schema.GroupVersionKind
	name string
}{
	{kinds.GooglePodMonitoring, "Google Managed Prometheus"},
	{kinds.AzurePodMonitor, "Azure Monitor"},
}

// NoScraper says that no instance is selected, and what can scrape Flux instead. The operator cannot see whether it does.
func NoScraper(facts facts.Facts) string {
	if !facts.PrometheusesServed() {
		return notServed(facts, scraping)
	}
	return noneSelected(facts, scraping)
}

// NoEvaluator says that no Prometheus is selected, and what can evaluate the alerts instead. The operator cannot see whether it does.
func NoEvaluator(facts facts.Facts) string {
	switch {
	case len(facts.Prometheuses) > 0:
		return orElse(facts, "a PrometheusAgent evaluates no rules", evaluating,
			"check the ruler that gets its samples, or have spec.prometheus select a Prometheus")
	case !facts.Served[kinds.Prometheus]:
		return notServed(facts, evaluating)
	}
	return noneSelected(facts, evaluating)
}

func notServed(facts facts.Facts, w work) string {
	return orElse(facts, "the cluster does not serve Prometheus", w, "check the "+w.who+" that you use, or install one")
}

func noneSelected(facts facts.Facts, w work) string {
	return orElse(facts, "spec.prometheus selects no Prometheus", w, "create one, widen its selectors, or check the "+w.who+" that you use")
}

// orElse adds to a problem what may do the work instead, or that a service does not, or else what to do.
func orElse(facts facts.Facts, problem string, w work, otherwise string) string {
	var seen []string
	for _, kind := range w.by {
		if facts.Served[kind] {
			seen = append(seen, kind.Kind)
		}
	}
	if len(seen) > 0 {
		return fmt.Sprintf("%s. The operator cannot see whether %s %s: check there", problem, strings.Join(seen, " or "), w.does)
	}
	for _, m := range managed {
		if facts.Served[m.kind] {
			return fmt.Sprintf("%s; %s does not read %s: check your %s", problem, m.name, w.reads, w.who)
		}
	}
	return problem + ": " + otherwise
}
