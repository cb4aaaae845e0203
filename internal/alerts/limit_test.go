package alerts

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// mostRules is how many rules a group may have in Mimir and Grafana Cloud, as they are set up.
const mostRules = 20

// shards is a Flux of these components, each with so many shards.
func shards(version string, n int, components ...string) flux.Installation {
	i := fluxOf(version, components...)
	for _, c := range components {
		for shard := range n {
			name := fmt.Sprintf("%s-shard%d", c, shard+1)
			i.Controllers = append(i.Controllers, flux.Controller{Name: name, App: name, Component: c})
		}
	}
	return i
}

// withinLimit expects that no group is too large, that each has a name of its own, and that no rule is in two of them.
func withinLimit(g Gomega, groups []monitoringv1.RuleGroup) {
	names, rules := map[string]bool{}, map[string]bool{}
	for _, group := range groups {
		g.Expect(len(group.Rules)).To(And(BeNumerically(">", 0), BeNumerically("<=", mostRules)), group.Name)
		g.Expect(names).NotTo(HaveKey(group.Name))
		names[group.Name] = true
		for _, r := range group.Rules {
			rule := r.Record + r.Alert + " " + r.Labels["app"]
			g.Expect(rules).NotTo(HaveKey(rule))
			rules[rule] = true
		}
	}
}

func TestManyShardsAreDividedAmongGroups(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Flux = shards("v2.9.4", 10, flux.HelmController, flux.KustomizeController, flux.SourceController)
	withinLimit(g, groups(g, p))
	g.Expect(rules(g, p, "FluxControllerDown")).To(HaveLen(33))
	g.Expect(rules(g, p, "FluxControllerNotReconciling")).To(HaveLen(33))
}

func TestNoGroupIsTooLarge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		version := rapid.SampledFrom([]string{"v2.0.0", "v2.2.3", "v2.4.0", "v2.9.4", ""}).Draw(t, "version")
		p := Params{
			Exposure: flux.Exposure{
				Flux:        shards(version, rapid.IntRange(0, 40).Draw(t, "shards"), flux.Components()...),
				Cardinality: rapid.SampledFrom([]flux.Cardinality{flux.Full, flux.Standard, flux.Minimal}).Draw(t, "cardinality"),
				State:       rapid.SampledFrom(append([]flux.StateSource{""}, stateSources...)).Draw(t, "state"),
			},
			Job:      rapid.SampledFrom([]string{"", "monitoring/flux"}).Draw(t, "job"),
			StateJob: rapid.SampledFrom([]string{"", "monitoring/flux-exporter"}).Draw(t, "state job"),
			Cluster:  rapid.SampledFrom([]string{"", "production-1"}).Draw(t, "cluster"),
			Labels:   map[string]string{"team": "platform"},
		}
		if rapid.Bool().Draw(t, "waits") {
			p.Waits = map[string]flux.ReconcileTimings{}
			for _, k := range flux.Kinds() {
				wait := rapid.Map(rapid.Int64Range(0, 1<<62), func(ns int64) time.Duration { return time.Duration(ns) })
				p.Waits[k.Name] = flux.ReconcileTimings{Interval: wait.Draw(t, "interval"), Timeout: wait.Draw(t, "timeout"), Retry: wait.Draw(t, "retry")}
			}
		}
		for _, name := range rapid.SliceOf(rapid.SampledFrom(namesOf(func(a alert) bool { return !a.isHeartbeat }))).Draw(t, "overrides") {
			p.Overrides = append(p.Overrides, Override{Name: name, For: duration("1m"), Severity: "page"})
		}
		withinLimit(g, groups(g, p))
	})
}

// A rule that moves to another group begins anew, so a new controller must not move the rules of others.
func TestAnotherControllerChangesNoOtherGroup(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Flux = shards("v2.9.4", 12, flux.KustomizeController, flux.SourceController)
	before := groups(g, p)
	for at := range p.Flux.Controllers {
		more := p
		more.Flux.Controllers = append([]flux.Controller{}, p.Flux.Controllers[:at]...)
		more.Flux.Controllers = append(more.Flux.Controllers, flux.Controller{Name: "a", App: "a", Component: flux.HelmController})
		more.Flux.Controllers = append(more.Flux.Controllers, p.Flux.Controllers[at:]...)
		g.Expect(groups(g, more)).To(ContainElements(before))
	}
}

// The alerts that mute ReconciliationFailure and have the same for must fire at the same evaluation.
func TestAlertsThatMuteTheGuidesAlertAreInItsGroup(t *testing.T) {
	g := NewWithT(t)
	p := params("v2.9.4")
	p.Flux = shards("v2.9.4", 40, flux.Components()...)
	for _, group := range groups(g, p) {
		if group.Name == GuideGroup {
			g.Expect(group.Rules).To(HaveExactElements(HaveField("Alert", "FluxManyResourcesNotReady"), HaveField("Alert", "FluxSourceBlocksDependents"),
				HaveField("Alert", "ReconciliationFailure")))
		}
	}
}
