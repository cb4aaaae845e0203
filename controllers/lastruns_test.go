package controllers

import (
	"errors"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/apis/kustomize"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/internal/status"
	"github.com/fluxmonitoring/operator/test/cost"
)

// unpatchable is a FluxMonitoring with an invalid patch, which takes some work to evaluate.
func unpatchable() *v1alpha1.FluxMonitoring {
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

func TestAnInvalidSpecIsNotRenderedAgain(t *testing.T) {
	g := NewWithT(t)
	r, fm := &FluxMonitoringReconciler{}, unpatchable()
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

func TestAnInvalidSpecIsRememberedForTheSameInputsOnly(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*v1alpha1.FluxMonitoring, *facts.Facts)
		known  bool
	}{
		"nothing changes":      {func(*v1alpha1.FluxMonitoring, *facts.Facts) {}, true},
		"its labels change":    {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.Labels = map[string]string{"a": "b"} }, true},
		"its spec changes":     {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.Generation++ }, false},
		"it is created anew":   {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.UID = "2" }, false},
		"another has its name": {func(fm *v1alpha1.FluxMonitoring, _ *facts.Facts) { fm.Namespace = "other" }, false},
		"a fact changes":       {func(_ *v1alpha1.FluxMonitoring, f *facts.Facts) { f.Exporter.Limited = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var all lastRuns
			fm, facts := unpatchable(), someFlux()
			o := &reconcileResult{Run: status.Run{Facts: facts}, inputs: inputsOf(fm, facts)}
			render.Desire(fm, &o.Run, nil, nil)
			all.keep(fm, o, true)
			fm, facts = unpatchable(), someFlux()
			c.change(fm, &facts)
			g.Expect(all.invalid(fm, inputsOf(fm, facts)) != nil).To(Equal(c.known))
		})
	}
}

func TestAValidSpecIsNotRemembered(t *testing.T) {
	g := NewWithT(t)
	var all lastRuns
	o := &reconcileResult{Run: status.Run{Facts: someFlux()}}
	render.Desire(unpatchable(), &o.Run, nil, nil)
	all.keep(unpatchable(), o, true)
	g.Expect(entries(&all)).To(Equal(1))
	o.Invalid = nil
	all.keep(unpatchable(), o, true)
	g.Expect(entries(&all)).To(Equal(0))
}

func entries(all *lastRuns) (count int) {
	all.known.Range(func(any, any) bool { count++; return true })
	return count
}

// idleRun is a FluxMonitoring, and a run over it that has nothing to do. Each call makes new ones.
func idleRun() (*v1alpha1.FluxMonitoring, *reconcileResult) {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "flux", UID: "uid", ResourceVersion: "1"}}
	monitor := kinds.Metadata(kinds.PodMonitor)
	monitor.Name, monitor.UID, monitor.ResourceVersion = "flux", "of-flux", "7"
	o := &reconcileResult{Run: status.Run{
		Live: []*metav1.PartialObjectMetadata{monitor},
		Facts: facts.Facts{
			Flux:   flux.Installation{Namespace: "flux-system", Controllers: []flux.Controller{{Name: "source-controller"}}},
			Served: map[schema.GroupVersionKind]bool{kinds.PodMonitor: true, kinds.PrometheusRule: true},
			Prometheuses: []selection.Instance{{Name: "k8s", PodMonitors: selection.Selectors{
				Objects: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "a"}},
			}}},
		},
	}}
	o.inputs = inputsOf(fm, o.Facts)
	o.digest = digestOf(fm, o)
	return fm, o
}

func TestAFluxMonitoringIsIdleUntilAnInputChanges(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.FluxMonitoring, *reconcileResult){
		"its version":   func(fm *v1alpha1.FluxMonitoring, _ *reconcileResult) { fm.ResourceVersion = "2" },
		"it is another": func(fm *v1alpha1.FluxMonitoring, _ *reconcileResult) { fm.UID = "another" },
		"a fact":        func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) { o.Facts.Exporter.Limited = true },
		"a fact behind a pointer": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) {
			o.Facts.Prometheuses[0].PodMonitors.Objects.MatchLabels["team"] = "b"
		},
		"a kind is not served":         func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) { o.Facts.Served[kinds.PodMonitor] = false },
		"the version of a live object": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) { o.Live[0].ResourceVersion = "8" },
		"a live object is another":     func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) { o.Live[0].UID = "made-again" },
		"a live object is gone":        func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) { o.Live = nil },
		"a schema":                     func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) { o.schemaRevision++ },
		"a refusal":                    func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) { o.Refusal = "not here" },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var l lastRuns
			fm, o := idleRun()
			l.keep(fm, o, false)
			fm, o = idleRun()
			g.Expect(l.idle(fm, digestOf(fm, o))).To(BeTrue(), "nothing has changed")
			change(fm, o)
			o.inputs = inputsOf(fm, o.Facts)
			g.Expect(l.idle(fm, digestOf(fm, o))).To(BeFalse())
		})
	}
}

func TestAnIncompleteRunMakesNoFluxMonitoringIdle(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.FluxMonitoring, *reconcileResult) (wrote bool){
		"the status was written": func(*v1alpha1.FluxMonitoring, *reconcileResult) bool { return true },
		"an object was written": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) bool {
			o.Changes = make([]apply.Change, 1)
			return false
		},
		"a write failed": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) bool {
			o.Failures = make([]*apply.Failure, 1)
			return false
		},
		"reading failed": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) bool {
			o.Err = errors.New("no answer")
			return false
		},
		"deletionPolicy does not hold yet": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) bool { o.PolicyPending = true; return false },
		"a kind cannot be read": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) bool {
			o.Facts.AddFault(kinds.Prometheus, errors.New("forbidden"))
			return false
		},
		"it is suspended":             func(fm *v1alpha1.FluxMonitoring, _ *reconcileResult) bool { fm.Spec.Suspend = true; return false },
		"its namespace is going away": func(_ *v1alpha1.FluxMonitoring, o *reconcileResult) bool { o.Terminating = true; return false },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var l lastRuns
			fm, o := idleRun()
			l.keep(fm, o, false)
			wrote := change(fm, o)
			l.keep(fm, o, wrote)
			fm, o = idleRun()
			g.Expect(l.idle(fm, digestOf(fm, o))).To(BeFalse(), "what was known before is forgotten too")
		})
	}
}

func TestADeletedFluxMonitoringIsForgotten(t *testing.T) {
	g := NewWithT(t)
	var l lastRuns
	fm, o := idleRun()
	l.keep(fm, o, false)
	l.forget(types.NamespacedName{Namespace: fm.Namespace, Name: fm.Name})
	g.Expect(l.idle(fm, digestOf(fm, o))).To(BeFalse())
}
