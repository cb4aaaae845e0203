package controllers_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	fakediscovery "k8s.io/client-go/discovery/fake"
	clienttesting "k8s.io/client-go/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/exporter"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/served"
	"github.com/fluxmonitoring/operator/test/rig"
)

// fakeExporter has the health that a test gives it, and remembers what it was last to follow.
type fakeExporter struct {
	desired exporter.Desired
	health  exporter.Health
}

func (e *fakeExporter) Follow(_ context.Context, w exporter.Desired) { e.desired = w }

func (e *fakeExporter) Health() exporter.Health { return e.health }

// allServed are all kinds of Flux in one version.
func allServed() []flux.ServedKind {
	var kinds []flux.ServedKind
	for _, k := range flux.Kinds() {
		kinds = append(kinds, flux.ServedKind{Kind: k, Version: "v1"})
	}
	return kinds
}

// following is a StateReconciler of a cluster that serves all of Flux's kinds and has these FluxMonitorings.
func following(t *testing.T, own controllers.Exporter, all ...client.Object) *controllers.StateReconciler {
	t.Helper()
	scheme, err := kinds.Scheme()
	rig.Must(t, err)
	groups := map[string]*metav1.APIResourceList{}
	resources := &clienttesting.Fake{}
	for _, k := range flux.Kinds() {
		if groups[k.Group] == nil {
			groups[k.Group] = &metav1.APIResourceList{GroupVersion: k.Group + "/v1"}
			resources.Resources = append(resources.Resources, groups[k.Group])
		}
		groups[k.Group].APIResources = append(groups[k.Group].APIResources, metav1.APIResource{Name: k.Plural, Kind: k.Name})
	}
	client := fake.NewClientBuilder().WithScheme(scheme).WithObjects(all...).Build()
	return &controllers.StateReconciler{
		Client: client, Discovery: served.Discovery{CRDs: client, API: &fakediscovery.FakeDiscovery{Fake: resources}},
		Observer: &observe.Observer{Reader: client, Optional: &served.Kinds{}},
		Own:      own, Namespace: "fluxmonitoring-system", Trusted: controllers.Trusted{"fluxmonitoring-system", "monitoring"}, Changed: make(chan event.GenericEvent, 1),
	}
}

// runOnce reconciles once, and returns when the next run is due and whether the FluxMonitorings are to be reconciled.
func runOnce(t *testing.T, r *controllers.StateReconciler) (after time.Duration, changed bool) {
	t.Helper()
	result, err := r.Reconcile(t.Context(), ctrl.Request{})
	rig.Must(t, err)
	select {
	case <-r.Changed:
		return result.RequeueAfter, true
	default:
		return result.RequeueAfter, false
	}
}

// asking is a FluxMonitoring that has the state of its objects from a source.
func asking(name string, source v1alpha1.ResourceMetricsSource, with ...func(*v1alpha1.FluxMonitoring)) client.Object {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: name}}
	fm.Spec.ResourceMetrics.Source = source
	for _, change := range with {
		change(fm)
	}
	return fm
}

func withoutAlerts(fm *v1alpha1.FluxMonitoring) { fm.Spec.Alerts.Enabled = new(false) }

func withoutCompatibility(fm *v1alpha1.FluxMonitoring) {
	fm.Spec.ResourceMetrics.LegacyMetrics = v1alpha1.LegacyMetricsDisabled
}

func about(namespace string) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) { fm.Spec.Flux.Namespace = namespace }
}

func ofTenant(namespace string) func(*v1alpha1.FluxMonitoring) {
	return func(fm *v1alpha1.FluxMonitoring) { fm.Namespace = namespace }
}

func goingAway(fm *v1alpha1.FluxMonitoring) {
	fm.DeletionTimestamp, fm.Finalizers = &metav1.Time{Time: time.Unix(1, 0)}, []string{"somebody/elses"}
}

func TestTheExporterWatchesAndExportsWhatFluxMonitoringsNeed(t *testing.T) {
	const own, other = v1alpha1.ResourceMetricsSourceExporter, v1alpha1.ResourceMetricsSourceKubeStateMetrics
	named, first, everywhere := []string{"fluxmonitoring-system", "monitoring"}, []string{"flux-system", "fluxmonitoring-system", "monitoring"}, exporter.NamespaceSet{All: true}
	all := exporter.Desired{Kinds: allServed(), PriorityNamespaces: first, LegacyMetrics: everywhere}
	silent := exporter.Desired{Kinds: allServed(), PriorityNamespaces: first, WatchOnly: true}
	nothing := exporter.Desired{PriorityNamespaces: first, WatchOnly: true}
	for name, c := range map[string]struct {
		given   []client.Object
		nowhere bool
		want    exporter.Desired
	}{
		"there is no FluxMonitoring":           {nil, false, exporter.Desired{PriorityNamespaces: named, WatchOnly: true}},
		"alerts alone follow":                  {[]client.Object{asking("a", other)}, false, silent},
		"the source follows from the facts":    {[]client.Object{asking("a", "")}, false, all},
		"the state of objects is served":       {[]client.Object{asking("a", own)}, false, all},
		"without alerts too":                   {[]client.Object{asking("a", own, withoutAlerts)}, false, all},
		"beside one that has it elsewhere":     {[]client.Object{asking("a", other), asking("b", own)}, false, all},
		"neither of the two":                   {[]client.Object{asking("a", other, withoutAlerts)}, false, nothing},
		"one that is being deleted needs none": {[]client.Object{asking("a", own, goingAway)}, false, exporter.Desired{PriorityNamespaces: named, WatchOnly: true}},
		"where nothing is served alerts stay":  {[]client.Object{asking("a", own)}, true, silent},
		"and without alerts nothing":           {[]client.Object{asking("a", own, withoutAlerts)}, true, nothing},
		"compatibility is that of who is served": {
			[]client.Object{asking("a", other), asking("b", own, withoutCompatibility)}, false,
			exporter.Desired{Kinds: allServed(), PriorityNamespaces: first}},
		"a tenant has it for its own objects": {
			[]client.Object{asking("a", own, withoutCompatibility), asking("b", own, ofTenant("team-b")), asking("a", own, ofTenant("team-b")),
				asking("a", own, ofTenant("team-a")), asking("a", own, ofTenant("team-c"), withoutCompatibility)}, false,
			exporter.Desired{Kinds: allServed(), PriorityNamespaces: first, LegacyMetrics: exporter.NamespaceSet{Names: []string{"team-a", "team-b"}}}},
		"every Flux that the administrator has monitored comes first": {
			[]client.Object{asking("a", own, about("flux-two")), asking("b", own, about("flux-one"))}, false,
			exporter.Desired{Kinds: allServed(), PriorityNamespaces: []string{"flux-one", "flux-two", "fluxmonitoring-system", "monitoring"}, LegacyMetrics: everywhere}},
		"the Flux that a tenant names does not": {
			[]client.Object{asking("a", own), asking("b", own, ofTenant("team-b"), about("team-b"))}, false,
			exporter.Desired{Kinds: allServed(), PriorityNamespaces: first, LegacyMetrics: exporter.NamespaceSet{All: true, Names: []string{"team-b"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			e := &fakeExporter{health: exporter.Health{Listed: true, Serving: true, Failing: []exporter.KindFault{{Kind: "Bucket", Reason: "Forbidden"}}}}
			r := following(t, e, c.given...)
			want := facts.Exporter{Namespace: r.Namespace}
			if c.nowhere {
				r.Namespace, want.Namespace = "", ""
			}
			runOnce(t, r)
			g.Expect(e.desired).To(Equal(c.want))
			if !c.want.WatchOnly {
				want.Serving, want.Faults = true, []string{"Bucket: Forbidden"}
			}
			g.Expect(r.Exporter()).To(Equal(want), "what is not served has no faults")
		})
	}
}

func TestTimingsAreReportedWhenListedAndWhenChanged(t *testing.T) {
	g := NewWithT(t)
	e := &fakeExporter{}
	r := following(t, e, asking("a", v1alpha1.ResourceMetricsSourceKubeStateMetrics))
	waits := func(d time.Duration) map[string]flux.ReconcileTimings {
		return map[string]flux.ReconcileTimings{"Kustomization": {Interval: d}}
	}
	announced := func(h exporter.Health) bool {
		e.health = h
		_, changed := runOnce(t, r)
		return changed
	}
	g.Expect(announced(exporter.Health{Timings: waits(time.Minute)})).To(BeFalse())
	g.Expect(r.Known()).To(BeFalse(), "without the timings, rules would be written twice")
	g.Expect(announced(exporter.Health{Listed: true, Timings: waits(time.Hour)})).To(BeTrue())
	g.Expect(r.Known()).To(BeTrue())
	g.Expect(r.Timings()).To(Equal(waits(time.Hour)))
	g.Expect(announced(exporter.Health{Listed: true, Timings: waits(time.Hour)})).To(BeFalse())
	g.Expect(announced(exporter.Health{Listed: true, Timings: waits(2 * time.Hour)})).To(BeTrue())
	g.Expect(announced(exporter.Health{Timings: waits(time.Minute)})).To(BeFalse(), "some kinds are not listed")
	g.Expect(r.Timings()).To(Equal(waits(2 * time.Hour)))
}

func TestTimingsOfAnUnreadableKindAreUnknown(t *testing.T) {
	g := NewWithT(t)
	e := &fakeExporter{}
	r := following(t, e, asking("a", v1alpha1.ResourceMetricsSourceExporter))
	read, some, coarse := flux.ReconcileTimings{Interval: time.Hour}, flux.ReconcileTimings{Interval: time.Minute}, flux.ReconcileTimings{Interval: 5 * time.Minute}
	failing := []exporter.KindFault{{Kind: "Bucket", Reason: "Forbidden"}, {Kind: "Kustomization", Reason: "Forbidden"}}
	stillUnknown := map[string]flux.ReconcileTimings{
		"Bucket": {Unknown: true}, "Kustomization": {Interval: time.Hour, Unknown: true}, "HelmRelease": some,
	}
	for _, step := range []struct {
		given exporter.Health
		want  map[string]flux.ReconcileTimings
		why   string
	}{
		{exporter.Health{Timings: map[string]flux.ReconcileTimings{"Kustomization": read}}, map[string]flux.ReconcileTimings{"Kustomization": read}, "all is well"},
		{exporter.Health{Failing: failing, Timings: map[string]flux.ReconcileTimings{"HelmRelease": some}}, stillUnknown, "two fail, of one of which something was known"},
		{exporter.Health{Failing: failing, Timings: map[string]flux.ReconcileTimings{"HelmRelease": some}}, stillUnknown, "they go on to fail"},
		{exporter.Health{Failing: failing[1:], Timings: map[string]flux.ReconcileTimings{"Kustomization": coarse}},
			map[string]flux.ReconcileTimings{"Kustomization": coarse}, "what was read of a kind that fails since is known"},
		{exporter.Health{}, map[string]flux.ReconcileTimings{}, "all can be read, and nothing is there"},
		{exporter.Health{Failing: failing[:1]}, map[string]flux.ReconcileTimings{"Bucket": {Unknown: true}}, "nothing is known but that one fails"},
	} {
		e.health = step.given
		e.health.Listed = true
		runOnce(t, r)
		g.Expect(r.Timings()).To(Equal(step.want), step.why)
	}
}

func TestFluxMonitoringsWaitTenSecondsForAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		r := following(t, &fakeExporter{}, asking("a", v1alpha1.ResourceMetricsSourceExporter))
		after, _ := runOnce(t, r)
		g.Expect(r.Known()).To(BeFalse())
		g.Expect(after).To(Equal(10 * time.Second))
		<-time.After(after)
		runOnce(t, r)
		g.Expect(r.Known()).To(BeTrue())
	})
}

// Where no kind is watched, timings are unknown and not empty: otherwise the rules of the first FluxMonitoring would be written twice.
func TestWithoutWatchedKindsTimingsAreUnknown(t *testing.T) {
	g := NewWithT(t)
	r := following(t, &fakeExporter{health: exporter.Health{Listed: true}})
	runOnce(t, r)
	g.Expect(r.Known()).To(BeTrue())
	g.Expect(r.Timings()).To(BeNil())
}

func TestAnExporterThatDoesNotStartIsOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		e := &fakeExporter{health: exporter.Health{Listed: true}}
		r := following(t, e, asking("a", v1alpha1.ResourceMetricsSourceExporter))
		late := func() bool {
			runOnce(t, r)
			return r.Exporter().Overdue
		}
		g.Expect(late()).To(BeFalse())
		<-time.After(time.Minute)
		after, _ := runOnce(t, r)
		g.Expect(after).To(Equal(time.Minute))
		<-time.After(after)
		g.Expect(late()).To(BeTrue())
		e.health.Serving = true
		g.Expect(late()).To(BeFalse())
	})
}

// silentOn is discovery that fails for one group.
type silentOn struct {
	discovery.DiscoveryInterface
	group string
}

func (s *silentOn) ServerResourcesForGroupVersion(gv string) (*metav1.APIResourceList, error) {
	if s.group != "" && strings.HasPrefix(gv, s.group+"/") {
		return nil, apierrors.NewServiceUnavailable("away")
	}
	return s.DiscoveryInterface.ServerResourcesForGroupVersion(gv)
}

func TestAGroupThatDiscoveryCannotReadStaysServed(t *testing.T) {
	g := NewWithT(t)
	r := following(t, &fakeExporter{health: exporter.Health{Listed: true, Serving: true}}, asking("a", v1alpha1.ResourceMetricsSourceExporter))
	asked := &silentOn{DiscoveryInterface: r.Discovery.API}
	r.Discovery.API = asked
	runOnce(t, r)
	g.Expect(r.FluxKinds()).To(Equal(allServed()))

	asked.group = flux.GroupNotification
	r.ExporterChanged()
	_, err := r.Reconcile(t.Context(), ctrl.Request{})
	g.Expect(apierrors.IsServiceUnavailable(err)).To(BeTrue(), "it is tried again: %v", err)
	g.Expect(r.FluxKinds()).To(Equal(allServed()))
}

func TestTimingsOutsideAShardAreUnknown(t *testing.T) {
	g := NewWithT(t)
	r := following(t, &fakeExporter{health: exporter.Health{Listed: true, Timings: map[string]flux.ReconcileTimings{
		"Kustomization": {Interval: 10 * time.Minute, Timeout: 5 * time.Minute}, "HelmRelease": {Interval: 24 * time.Hour},
	}}}, asking("a", v1alpha1.ResourceMetricsSourceExporter))
	r.Sharded = true
	runOnce(t, r)
	want := map[string]flux.ReconcileTimings{}
	for _, k := range flux.Kinds() {
		want[k.Name] = flux.ReconcileTimings{Unknown: true}
	}
	want["Kustomization"] = flux.ReconcileTimings{Interval: time.Hour, Timeout: 5 * time.Minute, Unknown: true}
	want["HelmRelease"] = flux.ReconcileTimings{Interval: 24 * time.Hour, Unknown: true}
	g.Expect(r.Timings()).To(Equal(want))
}
