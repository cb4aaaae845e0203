package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

var all = []string{SourceController, KustomizeController, HelmController, NotificationController}

// exposures are whether a metric reaches Prometheus from an installation.
var exposures = map[string]struct {
	flux        Installation
	metric      string
	cardinality Cardinality
	state       StateSource
	want        bool
}{
	"reconciliations are always counted": {
		installation("v2.9.4", all...), "gotk_reconcile_duration_seconds_count", Minimal, "", true},
	"buckets are kept by Standard": {
		installation("v2.9.4", all...), "gotk_reconcile_duration_seconds_bucket", Standard, "", true},
	"buckets are dropped by Minimal": {
		installation("v2.9.4", all...), "gotk_reconcile_duration_seconds_bucket", Minimal, "", false},
	"a histogram's name alone is no sample": {
		installation("v2.9.4", all...), "gotk_reconcile_duration_seconds", Full, "", false},
	"conditions are gone since 2.5": {
		installation("v2.5.0", all...), "gotk_reconcile_condition", Full, "", false},
	"conditions were there in 2.4": {
		installation("v2.4.0", all...), "gotk_reconcile_condition", Full, "", true},
	"helm-controller dropped conditions in 2.2": {
		installation("v2.2.0", HelmController), "gotk_suspend_status", Full, "", false},
	"helm-controller had conditions in 2.1": {
		installation("v2.1.2", HelmController), "gotk_suspend_status", Full, "", true},
	"panics are counted since 2.4": {
		installation("v2.3.0", all...), "controller_runtime_reconcile_panics_total", Full, "", false},
	"an unknown version may be a new one": {
		installation("", all...), "controller_runtime_reconcile_panics_total", Full, "", true},
	"an unknown version may be an old one": {
		installation("", all...), "gotk_reconcile_condition", Full, "", true},
	"a controller that is not recognised may be any": {
		installation("v2.9.4", ""), "gotk_receiver_http_request_duration_seconds_count", Full, "", true},
	"a controller that is not recognised is none of another project": {
		installation("v2.9.4", ""), "leader_election_master_status", Full, "", false},
	"without notification-controller there are no webhooks": {
		installation("v2.9.4", SourceController), "gotk_receiver_http_request_duration_seconds_count", Full, "", false},
	"with notification-controller there are": {
		installation("v2.9.4", all...), "gotk_receiver_http_request_duration_seconds_count", Minimal, "", true},
	"the memory limit survives every level": {
		installation("v2.9.4", all...), "go_gc_gomemlimit_bytes", Minimal, "", true},
	"the memory limit is not exposed before 2.4": {
		installation("v2.3.0", all...), "go_gc_gomemlimit_bytes", Full, "", false},
	"a metric that is not Flux's is not exposed": {
		installation("v2.9.4", all...), "kube_pod_info", Full, "", false},
	"a namespace without controllers exposes nothing": {
		installation("v2.9.4"), "up", Full, "", false},
	"recordings follow the object state, told by the exporter": {
		installation("v2.9.4", all...), RecordedNotReady, Standard, Exporter, true},
	"no source, no recordings": {
		installation("v2.4.0", all...), RecordedNotReady, Standard, "", false},
	"the exporter tells of stalled objects": {
		installation("v2.4.0", all...), RecordedStalled, Standard, Exporter, true},
	"controllers do not tell of stalled objects": {
		installation("v2.4.0", all...), RecordedStalled, Standard, Controllers, false},
	"flux-operator does not tell of stalled objects": {
		installation("v2.9.4", all...), RecordedStalled, Standard, OperatorReport, false},
	"recordings follow the object state, gone": {
		installation("v2.9.4", all...), RecordedNotReady, Standard, Controllers, false},
	"recordings follow the object state, perhaps there": {
		installation("", all...), RecordedNotReady, Standard, Controllers, true},
	"recordings follow the object state, there": {
		installation("v2.4.0", all...), RecordedNotReady, Minimal, Controllers, true},
}

func TestExposesChecksVersionAndCardinality(t *testing.T) {
	for name, c := range exposures {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(Exposure{Flux: c.flux, Cardinality: c.cardinality, State: c.state}.Exposes(c.metric)).To(Equal(c.want))
		})
	}
}

func TestKnownMetricsAreExposedOrRecorded(t *testing.T) {
	g := NewWithT(t)
	for metric, known := range map[string]bool{
		"gotk_reconcile_duration_seconds_count": true, "gotk_reconcile_duration_seconds": false, "gotk_suspend_status": true,
		"gotk_token_cache_events_total": false, "gotk_cache_events_total": false, "gotk_event_http_requests_inflight": false,
		StateInfo: true, StateReport: true, RecordedReady: true, RecordedStalled: true, RecordedBehind: true,
		"flux:resource:nothing": false, "kube_pod_info": false,
	} {
		g.Expect(IsKnown(metric)).To(Equal(known), metric)
	}
}

func TestKindsLostTheirStateAtDifferentVersions(t *testing.T) {
	g := NewWithT(t)
	flux := installation("v2.3.0", KustomizeController, HelmController)
	g.Expect(flux.ExposesStateOf("Kustomization")).To(BeTrue())
	g.Expect(flux.ExposesStateOf("HelmRelease")).To(BeFalse())
	g.Expect(flux.ExposesStateOf("GitRepository")).To(BeFalse(), "source-controller is not installed")
	g.Expect(flux.ExposesStateOf("Deployment")).To(BeFalse())
	g.Expect(flux.KindsWithoutState()).To(Equal([]string{"HelmRelease"}))
	g.Expect(installation("v2.1.2", all...).KindsWithoutState()).To(BeEmpty())
	g.Expect(installation("", KustomizeController).KindsWithoutState()).To(Equal([]string{"Kustomization"}), "it is not known")
	g.Expect(installation("v2.4.0", "").KindsWithoutState("Kustomization", "Alert", "FluxInstance")).To(Equal([]string{"Kustomization"}), "no controller is known to")
	g.Expect(installation("v2.4.0", KustomizeController).KindsWithoutState("Kustomization", "Bucket")).To(Equal([]string{"Bucket"}), "its controller is not found")
}

func TestOnlyControllersLackTheStateOfSomeKinds(t *testing.T) {
	g := NewWithT(t)
	flux := installation("v2.3.0", all...)
	for _, source := range []StateSource{Exporter, KubeStateMetrics, OperatorReport} {
		g.Expect(Exposure{Flux: flux, State: source}.HasStateOf("HelmRelease")).To(BeTrue(), source)
	}
	g.Expect(Exposure{Flux: flux, State: Controllers}.HasStateOf("HelmRelease")).To(BeFalse())
	g.Expect(Exposure{Flux: flux, State: Controllers}.HasStateOf("Kustomization")).To(BeTrue())
	g.Expect(Exposure{Flux: flux}.HasStateOf("Kustomization")).To(BeFalse())
}

func TestFamiliesAreDescribedWhole(t *testing.T) {
	g := NewWithT(t)
	for _, f := range append(Families(), StateFamilies()...) {
		g.Expect(f.Help).To(HaveSuffix("."), f.Name)
		g.Expect(f.Type).To(BeElementOf(Counter, Gauge, Histogram), f.Name)
		for _, c := range f.Components {
			g.Expect(Components()).To(ContainElement(c), f.Name)
		}
		for _, bound := range []string{f.Since, f.Until} {
			_, ok := parseRelease(bound)
			g.Expect(ok || bound == "").To(BeTrue(), "%s: %q", f.Name, bound)
		}
	}
}

func TestServedKindsCountIfAControllerIsUnrecognised(t *testing.T) {
	g := NewWithT(t)
	of := func(i Installation) []string {
		here := Exposure{Flux: i, Served: []string{"Kustomization", "HelmRelease", "Alert"}}
		return append(here.KindsOf(RoleReconciler), here.KindsOf(RoleNotification)...)
	}
	g.Expect(of(installation("v2.9.4", KustomizeController))).To(Equal([]string{"Kustomization"}), "all are recognised")
	g.Expect(of(installation("v2.9.4", KustomizeController, ""))).To(Equal([]string{"Kustomization", "HelmRelease"}))
	g.Expect(of(installation(""))).To(Equal([]string{"Kustomization", "HelmRelease"}), "none is found")
	unscraped := installation("v2.9.4", KustomizeController)
	unscraped.Unscraped = []Unscraped{{Name: "helm-controller", Component: HelmController}}
	g.Expect(of(unscraped)).To(Equal([]string{"Kustomization", "HelmRelease"}))
}
