package controllers

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/internal/status"
)

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

func TestAFluxMonitoringIsIdleUntilWhatARunGoesByChanges(t *testing.T) {
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

func TestARunThatIsNotWholeMakesNobodyIdle(t *testing.T) {
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

func TestWhoIsGoneIsNotRemembered(t *testing.T) {
	g := NewWithT(t)
	var l lastRuns
	fm, o := idleRun()
	l.keep(fm, o, false)
	l.forget(types.NamespacedName{Namespace: fm.Namespace, Name: fm.Name})
	g.Expect(l.idle(fm, digestOf(fm, o))).To(BeFalse())
}
