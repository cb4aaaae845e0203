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
	run := func() *outcome {
		o := &outcome{Run: status.Run{Facts: someFlux()}}
		o.desire(fm, r.faults.recall(fm, o.Facts))
		r.faults.keep(fm, o.Facts, o.Invalid)
		return o
	}
	first := run()
	g.Expect(first.Invalid).To(MatchError(ContainSubstring("nonexistent key")))
	var again *outcome
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
			var all faults
			fm, facts := wrong(), someFlux()
			o := &outcome{Run: status.Run{Facts: facts}}
			o.desire(fm, nil)
			all.keep(fm, facts, o.Invalid)
			fm, facts = wrong(), someFlux()
			c.change(fm, &facts)
			g.Expect(all.recall(fm, facts) != nil).To(Equal(c.known))
		})
	}
}

func TestWhatWasWrongIsForgottenWithItsResource(t *testing.T) {
	g := NewWithT(t)
	var all faults
	o := &outcome{Run: status.Run{Facts: someFlux()}}
	o.desire(wrong(), nil)
	all.keep(wrong(), o.Facts, o.Invalid)
	g.Expect(entries(&all)).To(Equal(1))
	all.keep(wrong(), o.Facts, nil)
	g.Expect(entries(&all)).To(Equal(0))
}

func entries(all *faults) (count int) {
	all.known.Range(func(any, any) bool { count++; return true })
	return count
}
