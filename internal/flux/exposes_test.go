package flux

import (
	"testing"

	. "github.com/onsi/gomega"
)

var all = []string{SourceController, KustomizeController, HelmController, NotificationController}

// whole is a Flux of a version with the four usual components.
func whole(version string) Installation { return installation(version, all...) }

func TestExposesChecksVersionAndCardinality(t *testing.T) {
	for name, c := range map[string]struct {
		flux        Installation
		metric      string
		cardinality Cardinality
		state       StateSource
		want        bool
	}{
		"reconciliations are always counted":                {whole("v2.9.4"), "gotk_reconcile_duration_seconds_count", Minimal, "", true},
		"buckets are kept by Standard":                      {whole("v2.9.4"), "gotk_reconcile_duration_seconds_bucket", Standard, "", true},
		"buckets are dropped by Minimal":                    {whole("v2.9.4"), "gotk_reconcile_duration_seconds_bucket", Minimal, "", false},
		"a histogram's name alone is no sample":             {whole("v2.9.4"), "gotk_reconcile_duration_seconds", Full, "", false},
		"conditions are gone since 2.5":                     {whole("v2.5.0"), "gotk_reconcile_condition", Full, "", false},
		"conditions were there in 2.4":                      {whole("v2.4.0"), "gotk_reconcile_condition", Full, "", true},
		"helm-controller dropped conditions in 2.2":         {installation("v2.2.0", HelmController), "gotk_suspend_status", Full, "", false},
		"helm-controller had conditions in 2.1":             {installation("v2.1.2", HelmController), "gotk_suspend_status", Full, "", true},
		"panics are counted since 2.4":                      {whole("v2.3.0"), "controller_runtime_reconcile_panics_total", Full, "", false},
		"an unknown version may be a new one":               {whole(""), "controller_runtime_reconcile_panics_total", Full, "", true},
		"an unknown version may be an old one":              {whole(""), "gotk_reconcile_condition", Full, "", true},
		"an unknown controller may be any":                  {installation("v2.9.4", ""), "gotk_receiver_http_request_duration_seconds_count", Full, "", true},
		"an unknown controller is not of another project":   {installation("v2.9.4", ""), "leader_election_master_status", Full, "", false},
		"no notification-controller, no webhooks":           {installation("v2.9.4", SourceController), "gotk_receiver_http_request_duration_seconds_count", Full, "", false},
		"with notification-controller there are webhooks":   {whole("v2.9.4"), "gotk_receiver_http_request_duration_seconds_count", Minimal, "", true},
		"the memory limit survives every level":             {whole("v2.9.4"), "go_gc_gomemlimit_bytes", Minimal, "", true},
		"the memory limit is not exposed before 2.4":        {whole("v2.3.0"), "go_gc_gomemlimit_bytes", Full, "", false},
		"a metric that is not Flux's is not exposed":        {whole("v2.9.4"), "kube_pod_info", Full, "", false},
		"a namespace without controllers exposes nothing":   {installation("v2.9.4"), "up", Full, "", false},
		"recordings follow the object state":                {whole("v2.9.4"), RecordedNotReady, Standard, Exporter, true},
		"no source, no recordings":                          {whole("v2.4.0"), RecordedNotReady, Standard, "", false},
		"the exporter exports stalled objects":              {whole("v2.4.0"), RecordedStalled, Standard, Exporter, true},
		"controllers do not export stalled objects":         {whole("v2.4.0"), RecordedStalled, Standard, Controllers, false},
		"flux-operator does not export stalled objects":     {whole("v2.9.4"), RecordedStalled, Standard, OperatorReport, false},
		"recordings follow the object state, gone":          {whole("v2.9.4"), RecordedNotReady, Standard, Controllers, false},
		"recordings follow the object state, perhaps there": {whole(""), RecordedNotReady, Standard, Controllers, true},
		"recordings follow the object state, there":         {whole("v2.4.0"), RecordedNotReady, Minimal, Controllers, true},
	} {
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
	g.Expect(whole("v2.1.2").KindsWithoutState()).To(BeEmpty())
	g.Expect(installation("", KustomizeController).KindsWithoutState()).To(Equal([]string{"Kustomization"}), "it is not known")
	g.Expect(installation("v2.4.0", "").KindsWithoutState("Kustomization", "Alert", "FluxInstance")).To(Equal([]string{"Kustomization"}), "no controller is known to")
	g.Expect(installation("v2.4.0", KustomizeController).KindsWithoutState("Kustomization", "Bucket")).To(Equal([]string{"Bucket"}), "its controller is not found")
}

func TestOnlyControllersLackTheStateOfSomeKinds(t *testing.T) {
	g := NewWithT(t)
	flux := whole("v2.3.0")
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
