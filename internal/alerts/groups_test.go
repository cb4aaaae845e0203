package alerts

import (
	"fmt"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/test/golden"
)

func TestGroupsMatchTheGoldenFiles(t *testing.T) {
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
			g := NewWithT(t)
			rendered := groups(g, p)
			withinLimit(g, rendered)
			content, err := yaml.Marshal(rendered)
			g.Expect(err).NotTo(HaveOccurred())
			golden.File(t, "testdata/"+name, string(content))
		})
	}
}

func TestAnAlertIsRenderedOnlyWhereItsMetricsAre(t *testing.T) {
	budget := []string{"FluxErrorBudgetBurn", "FluxErrorBudgetBurnFast", "FluxErrorBudgetBurnSlow"}
	exporter := []string{"FluxExporterIncomplete", "FluxNotificationsFailing"}
	unscraped := params("v2.9.4")
	unscraped.Job, unscraped.OperatorJob = "", ""
	for name, c := range map[string]struct {
		params  Params
		without []string
	}{
		"all on the current Flux":                          {params("v2.9.4"), nil},
		"all with the cardinality Minimal":                 {withCardinality(params("v2.9.4"), flux.Minimal), nil},
		"none on the exporter with kube-state-metrics":     {from(params("v2.9.4"), flux.KubeStateMetrics), exporter},
		"none on sources or conditions with flux-operator": {from(params("v2.9.4"), flux.OperatorReport), slices.Concat(exporter, noSources)},
		"none on failures with the controllers of Flux 2.4": {from(params("v2.4.0"), flux.Controllers), slices.Concat(exporter, noSources, budget,
			sinceAfter(4), []string{"FluxResourceBlockedByDependency", "FluxResourceFlapping"})},
		"none on controllers, exporter and operator that others scrape": {unscraped, slices.Concat(exporter, ofGroups(ControlPlaneGroup), ofOperator())},
		"none on metrics that Flux 2.3 did not export":                  {params("v2.3.0"), sinceAfter(3)},
		"none on the error budget without an objective":                 {withObjective(0), budget},
		"none that cannot fire, with a low objective":                   {withObjective(90), budget[1:2]},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			slices.Sort(c.without)
			missing := notRendered(g, c.params)
			g.Expect(missing).To(Equal(c.without), "not exposed here, see internal/flux/metrics.go and internal/flux/cardinality.go: %v",
				notExposed(c.params, missing))
		})
	}
}

// noSources are the alerts that need the objects' sources or conditions other than Ready.
var noSources = []string{"FluxKustomizationBehindSource", "FluxMonitoringNotReady", "FluxResourceStalled", "FluxSourceBlocksDependents"}

// sinceAfter are the alerts on metrics that Flux exports only since a later minor version of Flux 2 than this.
func sinceAfter(minor int) []string {
	return namesOf(func(a alert) bool {
		return slices.ContainsFunc(flux.Families(), func(f flux.Family) bool {
			var since int
			_, err := fmt.Sscanf(f.Since, "2.%d", &since)
			isUsed := slices.ContainsFunc(f.Samples(), func(s string) bool { return slices.Contains(a.query.Metrics(), s) })
			return err == nil && since > minor && isUsed && !a.ofOperator
		})
	})
}

// notExposed are the metrics of each alert that do not reach Prometheus.
func notExposed(p Params, names []string) map[string][]string {
	metrics := map[string][]string{}
	for _, name := range names {
		a, _ := entry(name)
		metrics[name] = slices.DeleteFunc(slices.Clone(a.query.Metrics()), p.Exposes)
	}
	return metrics
}

// ofGroups are the alerts of groups, in order.
func ofGroups(groups ...string) []string {
	return namesOf(func(a alert) bool { return slices.Contains(groups, a.group) })
}

func ofOperator() []string { return namesOf(func(a alert) bool { return a.ofOperator }) }

func namesOf(is func(alert) bool) []string {
	var names []string
	for _, a := range catalogue {
		if is(a) {
			names = append(names, a.name)
		}
	}
	return names
}

// notRendered are the alerts of the catalogue that have no rule, sorted.
func notRendered(g Gomega, p Params) []string {
	rendered := shipped(g, p)
	missing := slices.DeleteFunc(Names(), func(name string) bool { return slices.Contains(rendered, name) })
	return slices.Clip(append([]string(nil), missing...))
}

func TestAlertsOnAControllerNeedTheController(t *testing.T) {
	g := NewWithT(t)
	source := Params{Exposure: flux.Exposure{Flux: fluxOf("v2.9.4", flux.SourceController)}, Job: "a/b"}
	webhooks := []string{"FluxReceiverWebhookErrors"}
	g.Expect(shipped(g, source)).To(ConsistOf(append(slices.DeleteFunc(ofGroups(ControlPlaneGroup), func(name string) bool {
		return slices.Contains(webhooks, name)
	}), "ReconciliationFailure")))
	none := Params{Exposure: flux.Exposure{Flux: fluxOf("v2.9.4")}, Job: "a/b"}
	g.Expect(shipped(g, none)).To(Equal([]string{"ReconciliationFailure"}))
}

// withObjective is params with an objective for the error budget.
func withObjective(objective float64) Params {
	p := params("v2.9.4")
	p.Objective = objective
	return p
}

func TestTheLimitsOfTheErrorBudgetFollowTheObjective(t *testing.T) {
	for objective, want := range map[float64][]string{
		99:      {" > 0.144", " > 0.06", " > 0.01"},
		99.5:    {" > 0.072", " > 0.03", " > 0.005"},
		99.9999: {" > 0.0000144", " > 0.000006", " > 0.000001"},
		94:      {" > 0.864", " > 0.36", " > 0.06"},
	} {
		for i, name := range []string{"FluxErrorBudgetBurnFast", "FluxErrorBudgetBurn", "FluxErrorBudgetBurnSlow"} {
			g := NewWithT(t)
			g.Expect(theRule(g, withObjective(objective), name).Expr.StrVal).To(HaveSuffix(want[i]), "%s at %v %%", name, objective)
		}
	}
	g := NewWithT(t)
	p := withObjective(99.5)
	p.Overrides = []Override{{Name: "FluxErrorBudgetBurn", Threshold: "0.5"}}
	g.Expect(theRule(g, p, "FluxErrorBudgetBurn").Expr.StrVal).To(HaveSuffix(" > 0.5"), "an override wins over the objective")
}

func withCardinality(p Params, c flux.Cardinality) Params {
	p.Cardinality = c
	return p
}

func TestTheGuidesAlertIsIneffectiveWithoutAMetricsSource(t *testing.T) {
	g := NewWithT(t)
	none := []string{"ReconciliationFailure"}
	g.Expect(Ineffective(from(params("v2.9.4"), ""))).To(Equal(none))
	g.Expect(Ineffective(from(params("v2.9.4"), flux.Controllers))).To(Equal(none))
	g.Expect(Ineffective(from(params("v2.4.0"), flux.Controllers))).To(BeEmpty())
	for _, source := range []flux.StateSource{flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport} {
		g.Expect(Ineffective(from(params("v2.9.4"), source))).To(BeEmpty(), source)
	}
	off := from(overridden(Override{Name: "ReconciliationFailure", Enabled: new(false)}), "")
	g.Expect(Ineffective(off)).To(BeEmpty(), "what is not shipped is not ineffective")
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

func TestLabelsAndAnnotationsAreAddedToAlertsOnly(t *testing.T) {
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

func TestEveryAlertHasASeverityTextsAndARunbook(t *testing.T) {
	g := NewWithT(t)
	for _, group := range groups(g, params("v2.4.0")) {
		for _, r := range group.Rules {
			if r.Alert == "" {
				continue
			}
			if r.Alert != HeartbeatName {
				g.Expect(r.Labels["severity"]).To(BeElementOf("critical", "warning", "info"), r.Alert)
			}
			g.Expect(r.Annotations["summary"]).To(HaveSuffix("."), r.Alert)
			g.Expect(r.Annotations["description"]).To(MatchRegexp("`(kubectl|flux) [^`]+`"), r.Alert)
			g.Expect(r.Annotations["runbook_url"]).To(Equal(DefaultRunbookURL+"/"+r.Alert+".md"), r.Alert)
		}
	}
}

func TestRecordingsAreInTheFirstTwoGroups(t *testing.T) {
	g := NewWithT(t)
	all := groups(g, params("v2.9.4"))
	g.Expect(Recordings(params("v2.9.4"))).To(Equal(all[:2]))
	g.Expect(all[:2]).To(HaveEach(HaveField("Rules", HaveEach(And(HaveField("Alert", BeEmpty()), HaveField("Record", HavePrefix("flux:")))))))
	g.Expect(all[2:]).To(HaveEach(HaveField("Rules", HaveEach(HaveField("Record", BeEmpty())))))
}

func TestThresholdsAreThoseOfTheRules(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	thresholds := Thresholds(p)
	g.Expect(thresholds).To(HaveKeyWithValue("FluxControllerMemoryHigh", query.Limit{Query: query.MemoryRatio, Value: 0.9}))
	g.Expect(thresholds).NotTo(HaveKey("FluxControllerDown"), "it has none")
	p.Overrides = []Override{{Name: "FluxControllerMemoryHigh", Threshold: "0.75"}}
	g.Expect(Thresholds(p)).To(HaveKeyWithValue("FluxControllerMemoryHigh", query.Limit{Query: query.MemoryRatio, Value: 0.75}))
}
