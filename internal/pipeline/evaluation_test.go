package pipeline_test

import (
	"testing"

	"github.com/fluxmonitoring/operator/api/v1alpha1"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// blindOf is a Prometheus that selects rules everywhere, and PodMonitors in labelled namespaces alone.
func blindOf(name string) selection.Instance {
	i := selecting(name, "release", "kps")
	i.PodMonitors.Namespaces = &metav1.LabelSelector{MatchLabels: map[string]string{"scrape": "yes"}}
	return i
}

// onNothing are the alerts of a PrometheusRule that fire because nothing arrives, each once.
func onNothing(objects []*unstructured.Unstructured) map[string]bool {
	names := map[string]bool{}
	for _, g := range pipeline.ListIn(pipeline.FirstOfKind(objects, kinds.PrometheusRule.Kind).Object, "spec", "groups") {
		for _, r := range pipeline.ListIn(g.(map[string]any), "rules") {
			rule := r.(map[string]any)
			if name, is := rule["alert"].(string); is && query.FiresOnNothing(rule["expr"].(string)) {
				names[name] = true
			}
		}
	}
	return names
}

func TestWhoEvaluatesWithoutSamples(t *testing.T) {
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
	const missing = "spec.podMonitorNamespaceSelector requires label scrape=yes on namespace monitoring"
	const lacks = "Prometheus monitoring/blind evaluates the alerts and does not scrape all of Flux: " + missing
	const unsharded = `, patches: [{target: {kind: PodMonitor}, patch: "- {op: add, path: /spec/podMetricsEndpoints/0/relabelings, value: ` +
		`[{targetLabel: __tmp_disable_sharding, replacement: all}]}"}]`
	for name, c := range map[string]struct {
		rest           string
		prometheuses   []selection.Instance
		blind, unknown []string
		unheard        bool
	}{
		"one that scrapes":                             {"", []selection.Instance{sees}, nil, nil, false},
		"one that does not":                            {"", []selection.Instance{blind}, []string{lacks}, nil, true},
		"one that does not, beside one that does":      {"", []selection.Instance{blind, sees}, []string{lacks}, nil, false},
		"one that does not, beside an agent that does": {"", []selection.Instance{blind, agent}, []string{lacks}, nil, true},
		"one that others may write into": {"", []selection.Instance{receives, agent}, nil, []string{"Prometheus monitoring/blind evaluates the " +
			"alerts and does not scrape all of Flux (" + missing + "): the operator cannot see whether it gets the samples from elsewhere"}, false},
		"one of which nothing runs":           {"", []selection.Instance{stopped}, nil, nil, false},
		"one that does not, beside a stopped": {"", []selection.Instance{blind, stopped}, []string{lacks}, nil, true},
		"one that is paused": {"", []selection.Instance{paused}, nil, []string{"Prometheus monitoring/sees: spec.paused is true, so " +
			"prometheus-operator gives it no new rules: set it to false"}, false},
		"one with shards":                      {"", []selection.Instance{sharded}, []string{"Prometheus monitoring/sees: " + sharded.ShardedReason()}, nil, true},
		"one with shards that scrape the same": {unsharded, []selection.Instance{sharded}, nil, nil, false},
		"one that evaluates too seldom":        {"", []selection.Instance{slow}, []string{"Prometheus monitoring/sees: " + slow.SlowReason()}, nil, false},
		"one that scrapes too few": {"", []selection.Instance{limited}, []string{"Prometheus monitoring/sees evaluates the alerts and does not " +
			"scrape all of Flux: it scrapes no target of a PodMonitor with more than 2 targets, and there are 7 controllers: raise " +
			"spec.enforcedTargetLimit or spec.targetLimit"}, nil, false},
		"one that does not, where the user scrapes": {", scrape: {enabled: false}", []selection.Instance{blind}, nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fm, facts := monitoring(t, "{dashboards: {enabled: false}"+c.rest+"}"), everything()
			facts.Prometheuses = c.prometheuses
			objects, err := desired.Objects(fm, facts)
			must(t, err)
			e := pipeline.EvaluationOf(fm, facts, objects)
			g.Expect(e.WithoutSamples).To(Equal(c.blind))
			g.Expect(e.Unknown).To(Equal(c.unknown))
			g.Expect(e.NothingScraped).To(Equal(c.unheard))
			if c.unheard {
				g.Expect(onNothing(objects)).To(BeEmpty(), "nobody is woken because of selectors")
			} else {
				g.Expect(onNothing(objects)).To(HaveKey("FluxResourceMetricsAbsent"))
			}
		})
	}
}

func TestNobodyIsAskedForALabelThatTheOperatorLeavesOut(t *testing.T) {
	agent := selecting("agent", "release", "other")
	agent.Kind = "PrometheusAgent"
	const away = "spec.podMonitorNamespaceSelector requires label scrape=yes on namespace monitoring"
	for name, c := range map[string]struct {
		policy       string
		prometheuses []selection.Instance
		missing      [][]string
	}{
		"where the namespace is not looked into": {"Auto", []selection.Instance{blindOf("k8s")}, [][]string{{away}}},
		"where another demands another value": {"Auto", []selection.Instance{selecting("k8s", "release", "kps"), agent}, [][]string{nil, {
			"no label matches both its spec.podMonitorSelector and that of Prometheus monitoring/k8s: widen one of them, or have " +
				"spec.prometheus select only one of the two"}}},
		"where labels are the user's": {"Manual", []selection.Instance{blindOf("k8s"), agent}, [][]string{
			{away, "spec.podMonitorSelector requires label release=kps on the PodMonitor", "spec.ruleSelector requires label release=kps on the PrometheusRule"},
			{"spec.podMonitorSelector requires label release=other on the PodMonitor"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			facts := everything()
			facts.Prometheuses = c.prometheuses
			fm := monitoring(t, "{dashboards: {enabled: false}, prometheus: {labelPolicy: "+c.policy+"}}")
			objects, err := desired.Objects(fm, facts)
			must(t, err)
			var missing [][]string
			for _, s := range pipeline.Prometheuses(fm, facts, objects) {
				missing = append(missing, messagesOf(s.Issues))
			}
			NewWithT(t).Expect(missing).To(Equal(c.missing))
		})
	}
}

// messagesOf are the messages of issues; nil if there are none.
func messagesOf(issues []v1alpha1.PrometheusIssue) []string {
	var all []string
	for _, i := range issues {
		all = append(all, i.Message)
	}
	return all
}

func TestEachIssueOfAPrometheusHasAReasonAndAField(t *testing.T) {
	running := selecting("k8s", "release", "kps")
	with := func(change func(*selection.Instance)) []selection.Instance {
		i := running
		change(&i)
		return []selection.Instance{i}
	}
	for name, c := range map[string]struct {
		prometheuses []selection.Instance
		want         [][2]string
	}{
		"nothing is missing":   {[]selection.Instance{running}, nil},
		"it has no replica":    {with(func(i *selection.Instance) { i.Stopped = true }), [][2]string{{selection.NotRunning, "spec.replicas"}}},
		"it is being deleted":  {with(func(i *selection.Instance) { i.Deleting = true }), [][2]string{{selection.NotRunning, ""}}},
		"its limit is too low": {with(func(i *selection.Instance) { i.TargetLimit = 1 }), [][2]string{{selection.TargetLimitTooLow, "spec.targetLimit"}}},
		"it finds pods only in the namespace of a PodMonitor": {
			with(func(i *selection.Instance) { i.IgnoresNamespaceSelectors = true }), [][2]string{
				{selection.NamespaceSelectorIgnored, "spec.ignoreNamespaceSelectors"},
				{selection.NamespaceSelectorIgnored, "spec.ignoreNamespaceSelectors"},
				{selection.NamespaceSelectorIgnored, "spec.ignoreNamespaceSelectors"},
			},
		},
		"another one requires another value of the label": {
			[]selection.Instance{running, selecting("other", "release", "other")}, [][2]string{
				{selection.SelectorsConflict, "spec.podMonitorSelector"}, {selection.SelectorsConflict, "spec.ruleSelector"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			facts := everything()
			facts.Prometheuses = c.prometheuses
			fm := monitoring(t, "{dashboards: {enabled: false}}")
			objects, err := desired.Objects(fm, facts)
			must(t, err)
			var got [][2]string
			for _, s := range pipeline.Prometheuses(fm, facts, objects) {
				for _, i := range s.Issues {
					got = append(got, [2]string{i.Reason, i.Field})
				}
			}
			NewWithT(t).Expect(got).To(Equal(c.want))
		})
	}
}
