package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestIdleMatchersOfUsersAlertsAreFound(t *testing.T) {
	const (
		typed    = `{alert: A, expr: 'gotk_resource_info{type="GitRepository"} > 0'}`
		duration = `{alert: A, expr: 'rate(gotk_reconcile_duration_seconds_count{team="a"}[5m]) > 0'}`
		recorded = `{alert: A, expr: 'flux:resource:ready{team="a"}'}`
	)
	never := func(selector string) []pipeline.Mismatch {
		return []pipeline.Mismatch{{Alert: "A", Idle: query.Idle{Never: []string{selector}}}}
	}
	onInfo := never(`gotk_resource_info{type="GitRepository"}`)
	onDuration := never(`gotk_reconcile_duration_seconds_count{team="a"}`)
	onRecorded := never(`flux:resource:ready{team="a"}`)
	adds, relabels := selecting("k8s", "a", "b"), selecting("k8s", "a", "b")
	adds.AddedLabels, relabels.Relabels = []string{"team"}, true
	for name, c := range map[string]struct {
		rules, rest string
		instance    selection.Instance
		want        []pipeline.Mismatch
	}{
		"a label that no series has": {typed, "", selection.Instance{}, onInfo},
		"one that excludes nothing": {`{alert: A, expr: 'gotk_resource_info{kind!="HelmRelease"}'}`, "", selection.Instance{},
			[]pipeline.Mismatch{{Alert: "A", Idle: query.Idle{Always: []string{`gotk_resource_info{kind!="HelmRelease"}`}}}}},
		"several alerts, of which one is right":             {`{alert: Right, expr: 'gotk_resource_info{ready="False"}'}, ` + typed, "", selection.Instance{}, onInfo},
		"a recording of the user's own":                     {`{record: 'a:b', expr: 'gotk_resource_info{type="a"}'}`, "", selection.Instance{}, nil},
		"a metric that the user records":                    {`{record: gotk_resource_info, expr: up}, ` + typed, "", selection.Instance{}, nil},
		"a metric that nothing exposes":                     {`{alert: A, expr: 'gotk_resource_info{type="a"}'}`, "resourceMetrics: {source: Controllers}", selection.Instance{}, nil},
		"a configuration of the user's own":                 {typed, "resourceMetrics: {source: KubeStateMetrics}", selection.Instance{}, nil},
		"relabelings of the controllers, on another metric": {typed, "scrape: {metricRelabelings: [{targetLabel: type}]}", selection.Instance{}, onInfo},
		"a metric of the controllers":                       {duration, "", selection.Instance{}, onDuration},
		"the same, relabeled":                               {duration, "scrape: {metricRelabelings: [{targetLabel: team}]}", selection.Instance{}, nil},
		"a label that a Prometheus adds":                    {duration, "", adds, nil},
		"a Prometheus that relabels":                        {duration, "", relabels, nil},
		"relabelings by a patch": {typed, patch("{kind: PodMonitor}",
			"- {op: add, path: /spec/podMetricsEndpoints/0/metricRelabelings, value: []}"), selection.Instance{}, nil},
		"scrapes of the user's own":                     {duration, "scrape: {enabled: false}", selection.Instance{}, nil},
		"what is recorded, whatever is scraped":         {recorded, "scrape: {enabled: false, metricRelabelings: [{targetLabel: team}]}", relabels, onRecorded},
		"what is recorded, with what a Prometheus adds": {recorded, "", adds, nil},
	} {
		t.Run(name, func(t *testing.T) {
			facts := everything()
			facts.Prometheuses = []selection.Instance{c.instance}
			fm := monitoring(t, "alerts: {additionalGroups: [{name: mine, rules: ["+c.rules+"]}]}\n"+c.rest)
			NewWithT(t).Expect(pipeline.Mismatches(fm, facts)).To(Equal(c.want))
		})
	}
}

func TestNoGeneratedRuleHasAnIdleMatcher(t *testing.T) {
	reported := everything()
	reported.FluxOperatorNamespace = "flux-system"
	for name, c := range map[string]struct {
		spec  string
		facts facts.Facts
	}{
		"Exporter":         {"{clusterName: eu}", everything()},
		"KubeStateMetrics": {"resourceMetrics: {source: KubeStateMetrics}", everything()},
		"FluxOperator":     {"{}", reported},
		"Controllers":      {"{}", facts.Facts{Flux: fluxOf("v2.1.0", "source-controller", "kustomize-controller", "helm-controller")}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fm, objects := build(t, c.spec, c.facts)
			for _, rule := range rulesOf(objects) {
				expr := rule["expr"].(string)
				g.Expect(query.IdleMatchers(expr, pipeline.Possible(fm, c.facts))).To(Equal(query.Idle{}), expr)
			}
			g.Expect(len(rulesOf(objects))).To(BeNumerically(">", 10))
		})
	}
}
