package desired

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// resolutions are where the state of objects comes from, and why.
var resolutions = map[string]struct {
	spec  string
	facts observe.Facts
	want  StateSource
}{
	"the exporter, for the controllers of the current Flux tell nothing": {
		"{}", exporting(fluxOf("v2.9.4", flux.SourceController, flux.KustomizeController)), StateSource{
			Source: flux.Exporter,
			Reason: "the controllers of Flux v2.9.4 do not tell the state of their objects"}},
	"the controllers, where they tell of every kind": {
		"{}", exporting(fluxOf("v2.4.0", flux.SourceController, flux.KustomizeController)), StateSource{
			Source: flux.Controllers,
			Reason: "the controllers of Flux v2.4.0 tell the state of every kind they reconcile"}},
	"the exporter, where one kind is missing": {
		"{}", exporting(fluxOf("v2.4.0", flux.SourceController, flux.KustomizeController, flux.HelmController)), StateSource{
			Source: flux.Exporter,
			Reason: "the controllers of Flux v2.4.0 do not tell the state of HelmRelease"}},
	"flux-operator, where it reports": {
		"{}", reporting(fluxOf("v2.9.4", flux.KustomizeController)), StateSource{
			Source: flux.OperatorReport, Reason: "flux-operator reports on Flux in namespace flux-system, as often as its --reporting-interval says"}},
	"the controllers before flux-operator": {
		"{}", reporting(fluxOf("v2.1.0", flux.HelmController)), StateSource{
			Source: flux.Controllers, Reason: "the controllers of Flux v2.1.0 tell the state of every kind they reconcile"}},
	"nothing, where the exporter is turned off": {
		"{}", observe.Facts{Flux: fluxOf("v2.9.4", flux.KustomizeController)}, StateSource{
			Reason: "the controllers of Flux v2.9.4 do not tell the state of their objects",
			Missing: "nothing tells the state of Flux objects: run the operator with --exporter-bind-address, or set " +
				"spec.resourceMetrics.source to KubeStateMetrics"}},
	"what is asked for": {
		"resourceMetrics: {source: Exporter}", reporting(fluxOf("v2.1.0", flux.KustomizeController)), StateSource{
			Source: flux.Exporter, Reason: "spec.resourceMetrics.source asks for Exporter"}},
	"kube-state-metrics, only when it is asked for": {
		"resourceMetrics: {source: KubeStateMetrics}", exporting(fluxOf("v2.9.4", flux.KustomizeController)), StateSource{
			Source: flux.KubeStateMetrics, Reason: "spec.resourceMetrics.source asks for KubeStateMetrics"}},
	"an exporter that is turned off": {
		"resourceMetrics: {source: Exporter}", observe.Facts{Flux: fluxOf("", flux.KustomizeController)}, StateSource{
			Source: flux.Exporter, Reason: "spec.resourceMetrics.source asks for Exporter",
			Missing: "the operator runs with --exporter-bind-address=0, so nothing is exported: set it to an address such as :8082"}},
	"a flux-operator that is not there": {
		"resourceMetrics: {source: FluxOperator}", exporting(fluxOf("", flux.KustomizeController)), StateSource{
			Source: flux.OperatorReport, Reason: "spec.resourceMetrics.source asks for FluxOperator",
			Missing: "there is no FluxReport, so no flux-operator reports here: install it, or set spec.resourceMetrics.source to Auto"}},
	"controllers that tell nothing any more": {
		"resourceMetrics: {source: Controllers}", exporting(fluxOf("", flux.KustomizeController)), StateSource{
			Source: flux.Controllers, Reason: "spec.resourceMetrics.source asks for Controllers",
			Missing: "the controllers of Flux of unknown version do not tell the state of their objects: set spec.resourceMetrics.source to Auto"}},
}

func exporting(installation flux.Installation) observe.Facts {
	return observe.Facts{Flux: installation, Exporter: observe.ExporterFacts{Namespace: "fluxmonitoring-system", Serving: true}}
}

func reporting(installation flux.Installation) observe.Facts {
	facts := exporting(installation)
	facts.FluxOperatorNamespace = "flux-system"
	return facts
}

func TestTheStateOfObjectsComesFrom(t *testing.T) {
	for name, c := range resolutions {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(ResourceMetrics(monitoring(t, c.spec), c.facts)).To(Equal(c.want))
		})
	}
}

// An alert loses its clock when its rule changes.
func TestAChangeOfTheSourceChangesNoAlertThatBothSourcesShip(t *testing.T) {
	g := NewWithT(t)
	facts := everything()
	facts.FluxOperatorNamespace = "flux-system"
	byName := map[string]any{}
	for _, source := range []string{"Exporter", "KubeStateMetrics", "FluxOperator"} {
		objects, err := prometheusRule(monitoring(t, "resourceMetrics: {source: "+source+"}"), facts)
		must(t, err)
		groups := listed(objects[0].Object, "spec", "groups")
		g.Expect(groups[0]).To(HaveKeyWithValue("name", "FluxResources"))
		for _, group := range groups[1:] {
			for _, r := range listed(group.(map[string]any), "rules") {
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

func TestAPrometheusThatMayNotLookElsewhereIsToldWhereTheExporterIs(t *testing.T) {
	blindfolded := selecting("server", "release", "kps")
	blindfolded.IgnoresNamespaceSelectors = true
	facts := everything()
	facts.Prometheuses = []selection.Instance{blindfolded}
	fm := monitoring(t, "{}")
	objects, err := Objects(fm, facts)
	must(t, err)
	NewWithT(t).Expect(Prometheuses(fm, facts, objects)[0].Missing).To(Equal([]string{
		"spec.ignoreNamespaceSelectors is true, so the PodMonitor finds pods in monitoring only: create the FluxMonitoring in namespace flux-system",
		"spec.ignoreNamespaceSelectors is true, so PodMonitor flux-exporter does not find the operator in namespace " +
			"fluxmonitoring-system: scrape its port exporter by a PodMonitor there, or run the operator in namespace monitoring",
		"spec.ignoreNamespaceSelectors is true, so PodMonitor flux-fluxmonitoring does not find the operator in namespace " +
			"fluxmonitoring-system: scrape its port metrics by a PodMonitor there, or run the operator in namespace monitoring",
	}))
}
