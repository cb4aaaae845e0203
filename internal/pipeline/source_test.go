package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/given"
)

// resolutions are where the state of objects comes from, and why.
var resolutions = map[string]struct {
	spec  string
	facts facts.Facts
	want  pipeline.StateSource
}{
	"the exporter, for the controllers of the current Flux tell nothing": {
		"{}", exporting(fluxOf("v2.9.4", flux.SourceController, flux.KustomizeController)), pipeline.StateSource{
			Source: flux.Exporter,
			Reason: "the controllers of Flux v2.9.4 do not export the state of their objects"}},
	"the controllers, where they tell of every kind": {
		"{}", exporting(fluxOf("v2.4.0", flux.SourceController, flux.KustomizeController)), pipeline.StateSource{
			Source: flux.Controllers,
			Reason: "the controllers of Flux v2.4.0 export the state of every kind that they reconcile"}},
	"the exporter, where one kind is missing": {
		"{}", exporting(fluxOf("v2.4.0", flux.SourceController, flux.KustomizeController, flux.HelmController)), pipeline.StateSource{
			Source: flux.Exporter,
			Reason: "the controllers of Flux v2.4.0 do not export the state of HelmRelease"}},
	"flux-operator, where it reports": {
		"{}", reporting(fluxOf("v2.9.4", flux.KustomizeController)), pipeline.StateSource{
			Source: flux.OperatorReport, Reason: "flux-operator exports the state of Flux in namespace flux-system"}},
	"the controllers before flux-operator": {
		"{}", reporting(fluxOf("v2.1.0", flux.HelmController)), pipeline.StateSource{
			Source: flux.Controllers, Reason: "the controllers of Flux v2.1.0 export the state of every kind that they reconcile"}},
	"nothing, where the exporter is turned off": {
		"{}", facts.Facts{Flux: fluxOf("v2.9.4", flux.KustomizeController)}, pipeline.StateSource{
			Reason: "the controllers of Flux v2.9.4 do not export the state of their objects",
			Missing: "no metrics source exports the state of Flux objects: run the operator with --exporter-bind-address, or set " +
				"spec.resourceMetrics.source to KubeStateMetrics"}},
	"what is asked for": {
		"resourceMetrics: {source: Exporter}", reporting(fluxOf("v2.1.0", flux.KustomizeController)), pipeline.StateSource{
			Source: flux.Exporter, Reason: "spec.resourceMetrics.source is Exporter"}},
	"kube-state-metrics, only when it is asked for": {
		"resourceMetrics: {source: KubeStateMetrics}", exporting(fluxOf("v2.9.4", flux.KustomizeController)), pipeline.StateSource{
			Source: flux.KubeStateMetrics, Reason: "spec.resourceMetrics.source is KubeStateMetrics"}},
	"an exporter that is turned off": {
		"resourceMetrics: {source: Exporter}", facts.Facts{Flux: fluxOf("", flux.KustomizeController)}, pipeline.StateSource{
			Source: flux.Exporter, Reason: "spec.resourceMetrics.source is Exporter",
			Missing: "the operator runs with --exporter-bind-address=0, so nothing is exported: set it to an address such as :8082"}},
	"a flux-operator that is not there": {
		"resourceMetrics: {source: FluxOperator}", exporting(fluxOf("", flux.KustomizeController)), pipeline.StateSource{
			Source: flux.OperatorReport, Reason: "spec.resourceMetrics.source is FluxOperator",
			Missing: "there is no FluxReport, so no flux-operator reports here: install it, or set spec.resourceMetrics.source to Auto"}},
	"controllers that tell nothing any more": {
		"resourceMetrics: {source: Controllers}", exporting(fluxOf("v2.9.4", flux.KustomizeController)), pipeline.StateSource{
			Source: flux.Controllers, Reason: "spec.resourceMetrics.source is Controllers",
			Missing: "the controllers of Flux v2.9.4 do not export the state of their objects: set spec.resourceMetrics.source to Auto"}},
	"controllers of which it is not known": {
		"resourceMetrics: {source: Controllers}", exporting(fluxOf("", flux.KustomizeController)), pipeline.StateSource{
			Source: flux.Controllers, Reason: "spec.resourceMetrics.source is Controllers", Unknown: true,
			Missing: "the operator does not know whether the controllers of Flux of unknown version export the state of Kustomization: " +
				"set spec.resourceMetrics.source to Auto"}},
	"the exporter, where the version is not known": {
		"{}", exporting(fluxOf("", flux.SourceController+":sha")), pipeline.StateSource{
			Source: flux.Exporter,
			Reason: "the operator does not know whether the controllers of Flux of unknown version export the state of GitRepository, " +
				"OCIRepository, HelmRepository, HelmChart and Bucket"}},
	"the exporter, where a controller of an old Flux is not recognised": {
		"{}", exporting(unrecognised(fluxOf("v2.4.0", flux.SourceController, "gitops-b"))), pipeline.StateSource{
			Source: flux.Exporter, Reason: "the operator does not know which controller Deployment gitops-b is"}},
	"the exporter, where no controller of an old Flux is recognised": {
		"{}", exporting(unrecognised(fluxOf("v2.4.0", "gitops-a", "gitops-b"))), pipeline.StateSource{
			Source: flux.Exporter, Reason: "the operator does not know which controller Deployment gitops-a and gitops-b is"}},
	"the exporter, where a controller of an old Flux is not scraped": {
		"{}", exporting(lacking(fluxOf("v2.4.0", flux.SourceController), flux.HelmController)), pipeline.StateSource{
			Source: flux.Exporter, Reason: "Deployment flux-system/helm-controller looks like helm-controller and is not scraped: give it " +
				"a container port whose name begins with http-prom"}},
	"the exporter, where the controller of a kind that is served is not found": {
		"{}", withKinds(exporting(fluxOf("v2.4.0", flux.SourceController)), "GitRepository/v1", "Kustomization/v1"), pipeline.StateSource{
			Source: flux.Exporter, Reason: "the controllers of Flux v2.4.0 do not export the state of Kustomization"}},
	"the exporter, where no controller is found": {
		"{}", withKinds(exporting(fluxOf("")), "Kustomization/v1"), pipeline.StateSource{
			Source: flux.Exporter, Reason: "no controller of Flux is found in namespace flux-system"}},
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

func TestTheStateOfObjectsComesFrom(t *testing.T) {
	for name, c := range resolutions {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(pipeline.ResourceMetrics(monitoring(t, c.spec), c.facts)).To(Equal(c.want))
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
		objects, err := desired.Objects(monitoring(t, "resourceMetrics: {source: "+source+"}"), facts)
		must(t, err)
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

func TestAPrometheusThatMayNotLookElsewhereIsToldWhereTheExporterIs(t *testing.T) {
	blindfolded := selecting("server", "release", "kps")
	blindfolded.IgnoresNamespaceSelectors = true
	facts := everything()
	facts.Prometheuses = []selection.Instance{blindfolded}
	fm := monitoring(t, "{}")
	objects, err := desired.Objects(fm, facts)
	must(t, err)
	NewWithT(t).Expect(messagesOf(pipeline.Prometheuses(fm, facts, objects)[0].Issues)).To(Equal([]string{
		"spec.ignoreNamespaceSelectors is true, so the PodMonitor finds pods in monitoring only: create the FluxMonitoring in namespace flux-system",
		"spec.ignoreNamespaceSelectors is true, so PodMonitor flux-exporter does not find the operator in namespace " +
			"fluxmonitoring-system: scrape its port exporter by a PodMonitor there, or run the operator in namespace monitoring",
		"spec.ignoreNamespaceSelectors is true, so PodMonitor flux-fluxmonitoring does not find the operator in namespace " +
			"fluxmonitoring-system: scrape its port metrics by a PodMonitor there, or run the operator in namespace monitoring",
	}))
}
