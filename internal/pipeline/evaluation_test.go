package pipeline_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
	"github.com/fluxmonitoring/operator/test/golden"
)

// blindOf is a Prometheus that selects rules everywhere, and PodMonitors in labelled namespaces alone.
func blindOf(name string) selection.Instance {
	i := selecting(name, "release", "kps")
	i.PodMonitors.Namespaces = &metav1.LabelSelector{MatchLabels: map[string]string{"scrape": "yes"}}
	return i
}

// onAbsence are the alerts that fire because nothing is scraped, each once.
func onAbsence(objects []*unstructured.Unstructured) map[string]bool {
	names := map[string]bool{}
	for _, rule := range rulesOf(objects) {
		if name, is := rule["alert"].(string); is && query.FiresOnNothing(rule["expr"].(string)) {
			names[name] = true
		}
	}
	return names
}

func TestEvaluationsWithoutSamplesMatchTheGoldenFile(t *testing.T) {
	changed := func(i selection.Instance, change func(*selection.Instance)) selection.Instance {
		change(&i)
		return i
	}
	sees, blind := selecting("sees", "release", "kps"), blindOf("blind")
	agent := changed(sees, func(i *selection.Instance) { i.Kind, i.Name = "PrometheusAgent", "agent" })
	receives := changed(blind, func(i *selection.Instance) { i.ReceivesSamples = true })
	paused := changed(sees, func(i *selection.Instance) { i.Paused = true })
	sharded := changed(sees, func(i *selection.Instance) { i.Shards = 2 })
	slow := changed(sees, func(i *selection.Instance) { i.EvaluationInterval = "1h" })
	limited := changed(sees, func(i *selection.Instance) { i.TargetLimit = 2 })
	stopped := changed(blind, func(i *selection.Instance) { i.Stopped = true })
	const unsharded = `, patches: [{target: {kind: PodMonitor}, patch: "- {op: add, path: /spec/podMetricsEndpoints/0/relabelings, value: ` +
		`[{targetLabel: __tmp_disable_sharding, replacement: all}]}"}]`
	evaluations := map[string]pipeline.Evaluation{}
	for name, c := range map[string]struct {
		rest         string
		prometheuses []selection.Instance
	}{
		"one that scrapes":                             {"", []selection.Instance{sees}},
		"one that does not":                            {"", []selection.Instance{blind}},
		"one that does not, beside one that does":      {"", []selection.Instance{blind, sees}},
		"one that does not, beside an agent that does": {"", []selection.Instance{blind, agent}},
		"one that others may write into":               {"", []selection.Instance{receives, agent}},
		"one of which nothing runs":                    {"", []selection.Instance{stopped}},
		"one that does not, beside a stopped":          {"", []selection.Instance{blind, stopped}},
		"one that is paused":                           {"", []selection.Instance{paused}},
		"one with shards":                              {"", []selection.Instance{sharded}},
		"one with shards that scrape the same":         {unsharded, []selection.Instance{sharded}},
		"one that evaluates too seldom":                {"", []selection.Instance{slow}},
		"one that scrapes too few":                     {"", []selection.Instance{limited}},
		"one that does not, where the user scrapes":    {", scrape: {enabled: false}", []selection.Instance{blind}},
	} {
		facts := everything()
		facts.Prometheuses = c.prometheuses
		fm, objects := build(t, "{dashboards: {enabled: false}"+c.rest+"}", facts)
		evaluations[name] = pipeline.EvaluationOf(fm, facts, objects)
		absence, nothing := onAbsence(objects), evaluations[name].NothingScraped
		if nothing && len(absence) > 0 || nothing == absence["FluxResourceMetricsAbsent"] {
			t.Errorf("%s: alerts on absence %v, though no alert fires because of selectors", name, absence)
		}
	}
	golden.YAML(t, "testdata/evaluations.yaml", evaluations)
}

func TestStatusesOfPrometheusesMatchTheGoldenFile(t *testing.T) {
	running, agent, edge := selecting("k8s", "release", "kps"), selecting("agent", "release", "other"), selecting("agent", "release", "kps")
	agent.Kind, edge.Kind = "PrometheusAgent", "PrometheusAgent"
	with := func(change func(*selection.Instance)) []selection.Instance {
		i := running
		change(&i)
		return []selection.Instance{i}
	}
	statuses := map[string][]v1alpha1.PrometheusStatus{}
	for name, c := range map[string]struct {
		spec         string
		prometheuses []selection.Instance
	}{
		"nothing is missing":                 {"", []selection.Instance{running, edge}},
		"no rules are desired":               {"alerts: {enabled: false}", []selection.Instance{running, edge}},
		"no PodMonitors are desired":         {"scrape: {enabled: false}", []selection.Instance{running, edge}},
		"it has no replica":                  {"", with(func(i *selection.Instance) { i.Stopped = true })},
		"it is being deleted":                {"", with(func(i *selection.Instance) { i.Deleting = true })},
		"its limit is too low":               {"", with(func(i *selection.Instance) { i.TargetLimit = 1 })},
		"it ignores namespace selectors":     {"", with(func(i *selection.Instance) { i.IgnoresNamespaceSelectors = true })},
		"another one requires another value": {"", []selection.Instance{running, selecting("other", "release", "other")}},
		"an agent requires another value":    {"", []selection.Instance{running, agent}},
		"it does not select the namespace":   {"", []selection.Instance{blindOf("k8s")}},
		"labels are the user's":              {"prometheus: {labelPolicy: Manual}", []selection.Instance{blindOf("k8s"), agent}},
	} {
		facts := everything()
		facts.Prometheuses = c.prometheuses
		fm, objects := build(t, "dashboards: {enabled: false}\n"+c.spec, facts)
		statuses[name] = pipeline.Prometheuses(fm, facts, objects)
	}
	golden.YAML(t, "testdata/prometheuses.yaml", statuses)
}
