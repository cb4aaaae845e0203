package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/test/given"
	"github.com/fluxmonitoring/operator/test/golden"
)

func TestMetricsSourcesMatchTheGoldenFile(t *testing.T) {
	resolved := map[string]pipeline.StateSource{}
	for name, c := range map[string]struct {
		spec  string
		facts facts.Facts
	}{
		"the current Flux":                              {"{}", exporting(fluxOf("v2.9.4", flux.SourceController, flux.KustomizeController))},
		"an old Flux that exports every kind":           {"{}", exporting(fluxOf("v2.4.0", flux.SourceController, flux.KustomizeController))},
		"an old Flux that lacks a kind":                 {"{}", exporting(fluxOf("v2.4.0", flux.KustomizeController, flux.HelmController))},
		"flux-operator reports":                         {"{}", reporting(fluxOf("v2.9.4", flux.KustomizeController))},
		"an old Flux beside flux-operator":              {"{}", reporting(fluxOf("v2.1.0", flux.HelmController))},
		"the exporter is turned off":                    {"{}", facts.Facts{Flux: fluxOf("v2.9.4", flux.KustomizeController)}},
		"the version is not known":                      {"{}", exporting(fluxOf("", flux.SourceController+":sha"))},
		"a controller of an old Flux is not recognised": {"{}", exporting(unrecognised(fluxOf("v2.4.0", flux.SourceController, "gitops-b")))},
		"no controller of an old Flux is recognised":    {"{}", exporting(unrecognised(fluxOf("v2.4.0", "gitops-a", "gitops-b")))},
		"a controller of an old Flux is not scraped":    {"{}", exporting(lacking(fluxOf("v2.4.0", flux.SourceController), flux.HelmController))},
		"the controller of a served kind is not found": {"{}",
			withKinds(exporting(fluxOf("v2.4.0", flux.SourceController)), "GitRepository/v1", "Kustomization/v1")},
		"no controller is found": {"{}", withKinds(exporting(fluxOf("")), "Kustomization/v1")},

		"asks for the exporter":                      {"resourceMetrics: {source: Exporter}", reporting(fluxOf("v2.1.0", flux.KustomizeController))},
		"asks for kube-state-metrics":                {"resourceMetrics: {source: KubeStateMetrics}", exporting(fluxOf("", flux.KustomizeController))},
		"asks for an exporter that is turned off":    {"resourceMetrics: {source: Exporter}", facts.Facts{Flux: fluxOf("", flux.KustomizeController)}},
		"asks for a flux-operator that is not there": {"resourceMetrics: {source: FluxOperator}", exporting(fluxOf("", flux.KustomizeController))},
		"asks for controllers that export no state":  {"resourceMetrics: {source: Controllers}", exporting(fluxOf("v2.9.4", flux.KustomizeController))},
		"asks for controllers of unknown version":    {"resourceMetrics: {source: Controllers}", exporting(fluxOf("", flux.KustomizeController))},
	} {
		resolved[name] = pipeline.ResourceMetrics(monitoring(t, c.spec), c.facts)
	}
	golden.YAML(t, "testdata/sources.yaml", resolved)
}

// unrecognised is a Flux whose Deployments gitops-... are no controller that is known.
func unrecognised(installation flux.Installation) flux.Installation {
	for i, c := range installation.Controllers {
		if strings.HasPrefix(c.Name, "gitops-") {
			installation.Controllers[i].Component = ""
		}
	}
	return installation
}

// lacking is a Flux with a controller that cannot be scraped.
func lacking(installation flux.Installation, component string) flux.Installation {
	installation.Unscraped = append(installation.Unscraped, flux.Unscraped{Name: component, Component: component})
	return installation
}

func withKinds(facts facts.Facts, kinds ...string) facts.Facts {
	facts.FluxKinds = given.Kinds(kinds...)
	return facts
}

func reporting(installation flux.Installation) facts.Facts {
	facts := exporting(installation)
	facts.FluxOperatorNamespace = "flux-system"
	return facts
}

// An alert begins its for anew when its rule changes.
func TestAnotherMetricsSourceChangesNoCommonAlert(t *testing.T) {
	g := NewWithT(t)
	facts := everything()
	facts.FluxOperatorNamespace = "flux-system"
	byName := map[string]any{}
	for _, source := range []string{"Exporter", "KubeStateMetrics", "FluxOperator"} {
		_, objects := build(t, "resourceMetrics: {source: "+source+"}", facts)
		groups := pipeline.ListIn(pipeline.FirstOfKind(objects, "PrometheusRule").Object, "spec", "groups")
		g.Expect(groups[0]).To(HaveKeyWithValue("name", "FluxResources"))
		for _, group := range groups[1:] {
			for _, r := range pipeline.ListIn(group.(map[string]any), "rules") {
				rule := r.(map[string]any)
				if rule["alert"] == nil {
					continue
				}
				of := fmt.Sprint(rule["alert"], rule["labels"])
				if before, ok := byName[of]; ok {
					g.Expect(rule).To(Equal(before), source)
				}
				byName[of] = rule
			}
		}
	}
	g.Expect(byName).To(HaveKey(HavePrefix("ReconciliationFailure")))
}
