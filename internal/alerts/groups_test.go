package alerts

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

func TestGroupsAreAsTheGoldenFilesHaveThem(t *testing.T) {
	sharded := params("v2.9.4")
	sharded.Flux.Controllers = append(sharded.Flux.Controllers, flux.Controller{
		Name: "source-controller-shard1", App: "source-controller-shard1", Component: flux.SourceController})
	sharded.Cluster = "production-1"
	sharded.Cardinality = flux.Minimal
	for name, p := range map[string]Params{
		"flux-2.9.yaml":         params("v2.9.4"),
		"flux-2.2.yaml":         from(params("v2.2.3"), flux.Controllers),
		"report.yaml":           from(params("v2.9.4"), flux.OperatorReport),
		"state-metrics.yaml":    from(params("v2.9.4"), flux.KubeStateMetrics),
		"sharded-minimal.yaml":  sharded,
		"no-controllers.yaml":   {Exposure: flux.Exposure{Flux: fluxOf("v2.9.4")}, Job: "monitoring/flux"},
		"source-and-apply.yaml": {Exposure: flux.Exposure{Flux: fluxOf("", flux.SourceController, flux.KustomizeController)}, Job: "a/b"},
	} {
		t.Run(name, func(t *testing.T) {
			expectGolden(t, name, groups(NewWithT(t), p))
		})
	}
}

func TestTheSameParamsGiveTheSameGroups(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.4.0")
	p.Labels = map[string]string{"team": "platform", "tier": "1", "a": "b"}
	for range 20 {
		g.Expect(groups(g, p)).To(Equal(groups(g, p)))
	}
}

func TestAnAlertIsShippedOnlyWhereItsMetricsAre(t *testing.T) {
	everything := []string{"FluxManyResourcesNotReady", "FluxSourceNotReady", "ReconciliationFailure", "FluxRootNotReady",
		"FluxRootSourceNotReady", "FluxResourceNotReady", "FluxDependencyNotReady",
		"FluxResourceStalled", "FluxRevisionNotApplied", "FluxResourceFlapping", "FluxResourceSuspended",
		"FluxControllerMetricsMissing",
		"FluxControllerRestarting", "FluxControllerMemoryHigh", "FluxAPIServerErrors", "FluxReceiverErrors",
		"FluxReconcilePanic", "FluxReconcileStuck", "FluxWorkqueueLatencyHigh",
		"FluxWorkersSaturated", "FluxControllerDown", "FluxNoReconciliations", "FluxResourceMetricsMissing", "FluxExporterIncomplete", "FluxMonitoringNotReady",
		"FluxMonitoringNotReconciled", "FluxMonitoringOperatorDown", "FluxMonitoringOperatorNotReady", "FluxMonitoringOperatorNoLeader",
		"FluxMonitoringOperatorFailing", "FluxMonitoringOperatorPanic", "FluxMonitoringOperatorBackedUp", "FluxMonitoringOperatorStuck",
		"FluxErrorBudgetBurnFast", "FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow"}
	without := func(names ...string) []string {
		return slices.DeleteFunc(slices.Clone(everything), func(name string) bool { return slices.Contains(names, name) })
	}
	current := params("v2.9.4")
	unscraped := params("v2.9.4")
	unscraped.Job, unscraped.OperatorJob = "", ""
	for name, c := range map[string]struct {
		params Params
		want   []string
	}{
		"all of them on the current Flux":       {params("v2.9.4"), everything},
		"all of them where only little is kept": {withCardinality(params("v2.9.4"), flux.Minimal), everything},
		"all but what is about the exporter with kube-state-metrics": {
			from(current, flux.KubeStateMetrics), without("FluxExporterIncomplete")},
		"what flux-operator tells enough for": {from(current, flux.OperatorReport), without("FluxExporterIncomplete",
			"FluxMonitoringNotReady", "FluxSourceNotReady", "FluxResourceStalled", "FluxRevisionNotApplied")},
		"what the controllers of old tell enough for": {from(params("v2.4.0"), flux.Controllers), without("FluxExporterIncomplete",
			"FluxMonitoringNotReady", "FluxSourceNotReady", "FluxDependencyNotReady", "FluxResourceStalled", "FluxRevisionNotApplied",
			"FluxResourceFlapping",
			"FluxErrorBudgetBurnFast", "FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow")},
		"what is recorded where others scrape": {unscraped, []string{"FluxManyResourcesNotReady", "FluxSourceNotReady", "ReconciliationFailure",
			"FluxRootNotReady", "FluxRootSourceNotReady", "FluxResourceNotReady", "FluxDependencyNotReady", "FluxResourceStalled", "FluxRevisionNotApplied", "FluxResourceFlapping",
			"FluxResourceSuspended", "FluxResourceMetricsMissing", "FluxMonitoringNotReady",
			"FluxErrorBudgetBurnFast", "FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow"}},
		"no panics and no memory limit before Flux 2.4": {
			params("v2.3.0"), without("FluxReconcilePanic", "FluxControllerMemoryHigh")},
		"no webhooks without notification-controller": {
			Params{Exposure: flux.Exposure{Flux: fluxOf("v2.9.4", flux.SourceController)}, Job: "a/b"},
			[]string{"ReconciliationFailure", "FluxControllerMetricsMissing", "FluxControllerRestarting",
				"FluxControllerMemoryHigh", "FluxAPIServerErrors", "FluxReconcilePanic", "FluxReconcileStuck",
				"FluxWorkqueueLatencyHigh", "FluxWorkersSaturated", "FluxControllerDown", "FluxNoReconciliations"}},
		"only the guide's where there is no controller": {
			Params{Exposure: flux.Exposure{Flux: fluxOf("v2.9.4")}, Job: "a/b"}, []string{"ReconciliationFailure"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(shipped(g, c.params)).To(Equal(c.want))
		})
	}
}

func withCardinality(p Params, c flux.Cardinality) Params {
	p.Cardinality = c
	return p
}

func TestTheGuidesAlertIsIneffectiveWhereNothingTellsTheStateOfObjects(t *testing.T) {
	g := NewWithT(t)
	none := []string{"ReconciliationFailure"}
	g.Expect(Ineffective(from(params("v2.9.4"), ""))).To(Equal(none))
	g.Expect(Ineffective(from(params("v2.9.4"), flux.Controllers))).To(Equal(none))
	g.Expect(Ineffective(from(params("v2.4.0"), flux.Controllers))).To(BeEmpty())
	for _, source := range []flux.StateSource{flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport} {
		g.Expect(Ineffective(from(params("v2.9.4"), source))).To(BeEmpty(), source)
	}
	off := from(overridden(Override{Name: "ReconciliationFailure", Enabled: pointer(false)}), "")
	g.Expect(Ineffective(off)).To(BeEmpty(), "what is not shipped is not ineffective")
}

func TestTheCatalogueIsNamedInOrder(t *testing.T) {
	NewWithT(t).Expect(Names()).To(Equal([]string{
		"FluxAPIServerErrors", "FluxControllerDown", "FluxControllerMemoryHigh", "FluxControllerMetricsMissing",
		"FluxControllerRestarting", "FluxDependencyNotReady", "FluxErrorBudgetBurn", "FluxErrorBudgetBurnFast",
		"FluxErrorBudgetBurnSlow", "FluxExporterIncomplete", "FluxManyResourcesNotReady",
		"FluxMonitoringNotReady", "FluxMonitoringNotReconciled", "FluxMonitoringOperatorBackedUp", "FluxMonitoringOperatorDown", "FluxMonitoringOperatorFailing",
		"FluxMonitoringOperatorNoLeader", "FluxMonitoringOperatorNotReady", "FluxMonitoringOperatorPanic", "FluxMonitoringOperatorStuck",
		"FluxNoReconciliations",
		"FluxReceiverErrors", "FluxReconcilePanic", "FluxReconcileStuck", "FluxResourceFlapping", "FluxResourceMetricsMissing",
		"FluxResourceNotReady", "FluxResourceStalled", "FluxResourceSuspended", "FluxRevisionNotApplied", "FluxRootNotReady",
		"FluxRootSourceNotReady", "FluxSourceNotReady", "FluxWorkersSaturated", "FluxWorkqueueLatencyHigh", "ReconciliationFailure",
	}))
}

func TestAnAlertOnAControllerHasARuleForEachOfThem(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Flux.Controllers = []flux.Controller{
		{Name: "source-controller", App: "source-controller", Component: flux.SourceController},
		{Name: "source-controller-shard1", App: "source-controller-shard1", Component: flux.SourceController},
		{Name: "twin", App: "source-controller", Component: flux.SourceController},
		{Name: "unlabelled", Component: flux.SourceController},
	}
	expressions := map[string]string{}
	for _, r := range rules(g, p, "FluxControllerDown") {
		expressions[r.Labels["app"]] = r.Expr.StrVal
		g.Expect(r.Labels).To(HaveKeyWithValue("namespace", "flux-system"))
		g.Expect(r.Annotations["summary"]).To(Equal(r.Labels["app"] + " is down."))
		g.Expect(r.Annotations["description"]).NotTo(ContainSubstring("$labels"))
	}
	g.Expect(expressions).To(Equal(map[string]string{
		"source-controller":        `absent(up{app="source-controller",job="monitoring/flux"} == 1)`,
		"source-controller-shard1": `absent(up{app="source-controller-shard1",job="monitoring/flux"} == 1)`,
	}))
}

func TestTheClusterIsOnEveryRule(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.4.0")
	p.Cluster = "production-1"
	for _, group := range groups(g, p) {
		for _, r := range group.Rules {
			g.Expect(r.Labels).To(HaveKeyWithValue("cluster", "production-1"), r.Record+r.Alert)
		}
	}
	g.Expect(theRule(g, p, "FluxResourceSuspended").Expr.StrVal).To(Equal(
		`max by (cluster, kind, exported_namespace, name) (flux:resource:suspended{cluster="production-1",kind!="FluxMonitoring"})`))
	g.Expect(theRule(g, p, "FluxReconcileStuck").Expr.StrVal).To(ContainSubstring(`{cluster=~"|production-1",job=`),
		"scraped series need not have the label, but another cluster's are not ours")
}

func TestWithoutAClusterThereIsNoClusterLabel(t *testing.T) {
	g := NewWithT(t)
	for _, group := range groups(g, params("v2.4.0")) {
		for _, r := range group.Rules {
			g.Expect(r.Labels).NotTo(HaveKey("cluster"), r.Record+r.Alert)
		}
	}
}

func TestLabelsAndAnnotationsAreAddedToEveryAlertAndToNoRecording(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Labels = map[string]string{"team": "platform"}
	p.Annotations = map[string]string{"dashboard": "https://grafana.example.com"}
	p.RunbookURL = "https://wiki.example.com/flux/"
	for _, group := range groups(g, p) {
		for _, r := range group.Rules {
			if r.Alert == "" {
				g.Expect(r.Labels).To(BeEmpty())
				continue
			}
			g.Expect(r.Labels).To(HaveKeyWithValue("team", "platform"))
			g.Expect(r.Annotations).To(HaveKeyWithValue("dashboard", "https://grafana.example.com"))
			g.Expect(r.Annotations).To(HaveKeyWithValue("runbook_url", "https://wiki.example.com/flux/"+r.Alert+".md"))
		}
	}
}

func TestEveryAlertTellsWhatItMeansAndWhatToDoNext(t *testing.T) {
	g := NewWithT(t)
	for _, group := range groups(g, params("v2.4.0")) {
		for _, r := range group.Rules {
			if r.Alert == "" {
				continue
			}
			g.Expect(r.Labels["severity"]).To(BeElementOf("critical", "warning", "info"), r.Alert)
			g.Expect(r.Annotations["summary"]).To(HaveSuffix("."), r.Alert)
			g.Expect(r.Annotations["description"]).To(MatchRegexp("`(kubectl|flux) [^`]+`"), r.Alert)
			g.Expect(r.Annotations["runbook_url"]).To(Equal(DefaultRunbookURL+"/"+r.Alert+".md"), r.Alert)
		}
	}
}

func TestWhatIsNotSetIsNotEmitted(t *testing.T) {
	g := NewWithT(t)
	r := theRule(g, params("v2.9.4"), "FluxReconcilePanic")
	g.Expect(r.For).To(BeNil())
	g.Expect(r.KeepFiringFor).To(BeNil())
	g.Expect(groups(g, params("v2.9.4"))[0]).To(HaveField("Rules", HaveEach(HaveField("Labels", BeEmpty()))))
	for _, group := range groups(g, params("v2.9.4")) {
		if group.Name != WorkRecordingGroup { // which has one
			g.Expect(group.Interval).To(BeNil(), group.Name)
		}
	}
}

func TestWhatDashboardsStandOnIsRecordedWithoutAnyAlert(t *testing.T) {
	g := NewWithT(t)
	all := groups(g, params("v2.9.4"))
	g.Expect(Recordings(params("v2.9.4"))).To(Equal(all[:2]))
	g.Expect(all[:2]).To(HaveEach(HaveField("Rules", HaveEach(And(HaveField("Alert", BeEmpty()), HaveField("Record", HavePrefix("flux:")))))))
	g.Expect(all[2:]).To(HaveEach(HaveField("Rules", HaveEach(HaveField("Record", BeEmpty())))))
}

func BenchmarkGroups(b *testing.B) {
	p := params("v2.4.0")
	for b.Loop() {
		if _, err := Groups(p); err != nil {
			b.Fatal(err)
		}
	}
}

func TestThresholdsAreThoseTheRulesFireBeyond(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	thresholds := Thresholds(p)
	g.Expect(thresholds).To(HaveKeyWithValue("FluxControllerMemoryHigh", query.Limit{Query: query.MemoryRatio, Value: 0.9}))
	g.Expect(thresholds).NotTo(HaveKey("FluxControllerDown"), "it has none")
	p.Overrides = []Override{{Name: "FluxControllerMemoryHigh", Threshold: "0.75"}}
	g.Expect(Thresholds(p)).To(HaveKeyWithValue("FluxControllerMemoryHigh", query.Limit{Query: query.MemoryRatio, Value: 0.75}))
}
