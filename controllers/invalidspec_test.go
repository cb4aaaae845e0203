package controllers

import (
	"strings"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/internal/status"
	"github.com/fluxmonitoring/operator/test/cost"
)

// wrong is a FluxMonitoring whose patch takes some work until it is found wrong.
func wrong() *v1alpha1.FluxMonitoring {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "flux", UID: "1", Generation: 3}}
	const add = `{"op": "add", "path": "/metadata/labels/a", "value": "b"},`
	fm.Spec.Patches = []kustomize.Patch{{Patch: "[" + strings.Repeat(add, 900) + `{"op": "remove", "path": "/absent"}]`, Target: &kustomize.Selector{Kind: "PodMonitor"}}}
	return fm
}

func someFlux() facts.Facts {
	return facts.Facts{
		Flux: flux.Installation{Controllers: []flux.Controller{{Name: "source-controller"}}}, FluxNamespaceExists: true,
		Timings: map[string]flux.ReconcileTimings{"Kustomization": {}},
	}
}

func TestASpecThatIsFoundWrongIsNotLookedAtAgain(t *testing.T) {
	g := NewWithT(t)
	r, fm := &FluxMonitoringReconciler{}, wrong()
	run := func() *reconcileResult {
		o := &reconcileResult{Run: status.Run{Facts: someFlux()}}
		o.inputs = inputsOf(fm, o.Facts)
		render.Desire(fm, &o.Run, nil, r.lastRuns.invalid(fm, o.inputs))
		r.lastRuns.keep(fm, o, true)
		return o
	}
	first := run()
	g.Expect(first.Invalid).To(MatchError(ContainSubstring("nonexistent key")))
	var again *reconcileResult
	g.Expect(cost.Allocated(func() { again = run() })).To(BeNumerically("<", 64<<10))
	g.Expect(again.Invalid).To(BeIdenticalTo(first.Invalid))

	fm.Spec.Patches, fm.Generation = nil, 4
	g.Expect(run().Invalid).To(BeNil())
}

func TestWhatIsWrongIsRememberedForTheSameSpecAndTheSameClusterOnly(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*v1alpha1.FluxMonitoring, *facts.Facts)
		known  bool
	}{
		"nothing changes":      {func(*v1alpha1.FluxMonitoring, *facts.Facts) {}, true},
		"its labels change":    {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.Labels = map[string]string{"a": "b"} }, true},
		"its spec changes":     {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.Generation++ }, false},
		"it is created anew":   {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.UID = "2" }, false},
		"another has its name": {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.Namespace = "other" }, false},
		"a controller is added": {func(_ *v1alpha1.FluxMonitoring, f *facts.Facts) {
			f.Flux.Controllers = append(f.Flux.Controllers, flux.Controller{})
		}, false},
		"a kind is served":       {func(_ *v1alpha1.FluxMonitoring, f *facts.Facts) { f.FluxKinds = []flux.ServedKind{{Version: "v1"}} }, false},
		"objects take longer":    {func(_ *v1alpha1.FluxMonitoring, f *facts.Facts) { f.Timings = nil }, false},
		"the exporter is turned": {func(_ *v1alpha1.FluxMonitoring, f *facts.Facts) { f.Exporter.Limited = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var all lastRuns
			fm, facts := wrong(), someFlux()
			o := &reconcileResult{Run: status.Run{Facts: facts}, inputs: inputsOf(fm, facts)}
			render.Desire(fm, &o.Run, nil, nil)
			all.keep(fm, o, true)
			fm, facts = wrong(), someFlux()
			c.change(fm, &facts)
			g.Expect(all.invalid(fm, inputsOf(fm, facts)) != nil).To(Equal(c.known))
		})
	}
}

func TestWhatWasWrongIsForgottenWithItsResource(t *testing.T) {
	g := NewWithT(t)
	var all lastRuns
	o := &reconcileResult{Run: status.Run{Facts: someFlux()}}
	render.Desire(wrong(), &o.Run, nil, nil)
	all.keep(wrong(), o, true)
	g.Expect(entries(&all)).To(Equal(1))
	o.Invalid = nil
	all.keep(wrong(), o, true)
	g.Expect(entries(&all)).To(Equal(0))
}

func entries(all *lastRuns) (count int) {
	all.known.Range(func(any, any) bool { count++; return true })
	return count
}
