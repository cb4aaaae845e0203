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
func idleRun() (*v1alpha1.FluxMonitoring, *outcome) {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "flux", UID: "uid", ResourceVersion: "1"}}
	monitor := kinds.Metadata(kinds.PodMonitor)
	monitor.Name, monitor.UID, monitor.ResourceVersion = "flux", "of-flux", "7"
	o := &outcome{Run: status.Run{
		Live: []*metav1.PartialObjectMetadata{monitor},
		Facts: facts.Facts{
			Flux:   flux.Installation{Namespace: "flux-system", Controllers: []flux.Controller{{Name: "source-controller"}}},
			Served: map[schema.GroupVersionKind]bool{kinds.PodMonitor: true, kinds.PrometheusRule: true},
			Prometheuses: []selection.Instance{{Name: "k8s", PodMonitors: selection.Selectors{
				Objects: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "a"}},
			}}},
		},
	}}
	o.digest = digestOf(fm, o)
	return fm, o
}

func TestAFluxMonitoringIsIdleUntilWhatARunGoesByChanges(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.FluxMonitoring, *outcome){
		"its version":   func(fm *v1alpha1.FluxMonitoring, _ *outcome) { fm.ResourceVersion = "2" },
		"it is another": func(fm *v1alpha1.FluxMonitoring, _ *outcome) { fm.UID = "another" },
		"a fact":        func(_ *v1alpha1.FluxMonitoring, o *outcome) { o.Facts.Exporter.Limited = true },
		"a fact behind a pointer": func(_ *v1alpha1.FluxMonitoring, o *outcome) {
			o.Facts.Prometheuses[0].PodMonitors.Objects.MatchLabels["team"] = "b"
		},
		"a kind is not served":         func(_ *v1alpha1.FluxMonitoring, o *outcome) { o.Facts.Served[kinds.PodMonitor] = false },
		"the version of a live object": func(_ *v1alpha1.FluxMonitoring, o *outcome) { o.Live[0].ResourceVersion = "8" },
		"a live object is another":     func(_ *v1alpha1.FluxMonitoring, o *outcome) { o.Live[0].UID = "made-again" },
		"a live object is gone":        func(_ *v1alpha1.FluxMonitoring, o *outcome) { o.Live = nil },
		"a schema":                     func(_ *v1alpha1.FluxMonitoring, o *outcome) { o.revision++ },
		"a refusal":                    func(_ *v1alpha1.FluxMonitoring, o *outcome) { o.Refusal = "not here" },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var i idle
			fm, o := idleRun()
			i.keep(fm, o, false)
			fm, o = idleRun()
			g.Expect(i.is(fm, digestOf(fm, o))).To(BeTrue(), "nothing has changed")
			change(fm, o)
			g.Expect(i.is(fm, digestOf(fm, o))).To(BeFalse())
		})
	}
}

func TestARunThatIsNotWholeMakesNobodyIdle(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.FluxMonitoring, *outcome) (wrote bool){
		"the status was written": func(*v1alpha1.FluxMonitoring, *outcome) bool { return true },
		"an object was written":  func(_ *v1alpha1.FluxMonitoring, o *outcome) bool { o.Changes = make([]apply.Change, 1); return false },
		"a write failed": func(_ *v1alpha1.FluxMonitoring, o *outcome) bool {
			o.Failures = make([]*apply.Failure, 1)
			return false
		},
		"reading failed":                   func(_ *v1alpha1.FluxMonitoring, o *outcome) bool { o.Err = errors.New("no answer"); return false },
		"deletionPolicy does not hold yet": func(_ *v1alpha1.FluxMonitoring, o *outcome) bool { o.PolicyPending = true; return false },
		"a kind cannot be read": func(_ *v1alpha1.FluxMonitoring, o *outcome) bool {
			o.Facts.AddFault(kinds.Prometheus, errors.New("forbidden"))
			return false
		},
		"it is suspended":             func(fm *v1alpha1.FluxMonitoring, _ *outcome) bool { fm.Spec.Suspend = true; return false },
		"its namespace is going away": func(_ *v1alpha1.FluxMonitoring, o *outcome) bool { o.Terminating = true; return false },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var i idle
			fm, o := idleRun()
			i.keep(fm, o, false)
			wrote := change(fm, o)
			i.keep(fm, o, wrote)
			fm, o = idleRun()
			g.Expect(i.is(fm, digestOf(fm, o))).To(BeFalse(), "what was known before is forgotten too")
		})
	}
}

func TestWhoIsGoneIsNotRemembered(t *testing.T) {
	g := NewWithT(t)
	var i idle
	fm, o := idleRun()
	i.keep(fm, o, false)
	i.forget(types.NamespacedName{Namespace: fm.Namespace, Name: fm.Name})
	g.Expect(i.is(fm, digestOf(fm, o))).To(BeFalse())
}
