package selection

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestWhatKeepsAnInstanceFromItsWork(t *testing.T) {
	for name, c := range map[string]struct {
		given             Operation
		idle, slow, split string
	}{
		"nothing":      {},
		"deletion":     {given: Operation{Deleting: true, Stopped: true}, idle: "it is being deleted"},
		"no replicas":  {given: Operation{Stopped: true}, idle: "spec.replicas is 0, so nothing of it runs: set it to 1 or more"},
		"one shard":    {given: Operation{Shards: 1}},
		"a pause":      {given: Operation{Paused: true}},
		"a short time": {given: Operation{EvaluationInterval: "4m59s"}},
		"no time":      {given: Operation{EvaluationInterval: "often"}},
		"a long time between evaluations": {given: Operation{EvaluationInterval: "5m"},
			slow: "spec.evaluationInterval is 5m, so what is recorded has gone before it is read: set it below 5m"},
		"shards": {given: Operation{Shards: 2},
			split: "spec.shards is 2, and each shard has only the samples of its own targets. Have a ThanosRuler evaluate the " +
				"PrometheusRule, or set __tmp_disable_sharding by a relabeling of the PodMonitors in spec.patches"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(c.given.IdleReason()).To(Equal(c.idle))
			g.Expect(c.given.SlowReason()).To(Equal(c.slow))
			g.Expect(c.given.ShardedReason()).To(Equal(c.split))
		})
	}
}

func TestSatisfiableAndContradictorySelectors(t *testing.T) {
	for name, c := range map[string]struct {
		have       map[string]string
		a, b       string
		attainable bool // a, with the labels that are had
		contradict bool
	}{
		"two values of one label":        {nil, "matchLabels: {release: a}", "matchLabels: {release: b}", true, true},
		"one value that both admit":      {nil, "matchLabels: {release: a}", "matchExpressions: [{key: release, operator: In, values: [b, a]}]", true, false},
		"a label that the other forbids": {nil, "matchLabels: {team: a}", "matchExpressions: [{key: team, operator: DoesNotExist}]", true, true},
		"different labels":               {nil, "matchLabels: {team: a}", "matchLabels: {release: b}", true, false},
		"a label that is had otherwise":  {map[string]string{"team": "b"}, "matchLabels: {team: a}", "{}", false, false},
		"one that nothing meets":         {nil, "matchExpressions: [{key: a, operator: Exists}, {key: a, operator: DoesNotExist}]", "{}", false, false},
		"none":                           {nil, "none", "{}", false, false},
		"everything":                     {nil, "{}", "matchLabels: {a: b}", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			a, b := selector(t, c.a), selector(t, c.b)
			g.Expect(CanSatisfy(c.have, a)).To(Equal(c.attainable))
			g.Expect(AreContradictory(a, b)).To(Equal(c.contradict))
			g.Expect(AreContradictory(b, a)).To(Equal(c.contradict))
		})
	}
}
