package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

const someSamples = 6 * perHour

// seriesOf are the series of an object by name, each with its labels.
func seriesOf(o *object) map[string][]timeSeries {
	by := map[string][]timeSeries{}
	for _, s := range o.series(newTotals(o.samples)) {
		by[s.Labels[1]] = append(by[s.Labels[1]], s)
	}
	return by
}

// present is how many of the series have a value at the i-th scrape.
func present(all []timeSeries, i int) (n int) {
	for _, s := range all {
		if !math.IsNaN(s.Values[i]) {
			n++
		}
	}
	return n
}

func TestAnObjectHasOneStateAtATime(t *testing.T) {
	g := NewWithT(t)
	fates := map[fate]bool{}
	for number := range 60 * round {
		o := newObject(number, someSamples)
		fates[o.fate] = true
		by := seriesOf(o)
		states := slices.Concat(by[flux.RecordedReady], by[flux.RecordedNotReady], by[flux.RecordedSuspended])
		for i := range someSamples {
			g.Expect(present(by[flux.StateInfo], i)).To(Equal(1), "%s %s at %d", o.kind, o.name, i)
			g.Expect(present(states, i)).To(Equal(1), "%s %s at %d", o.kind, o.name, i)
			g.Expect(present(by[flux.StateCondition], i)).To(Equal(4), "%s %s at %d", o.kind, o.name, i)
		}
	}
	g.Expect(fates).To(Equal(map[fate]bool{staysReady: true, fails: true, waits: true, getsSuspended: true, flaps: true}))
}

func TestDurationsOfAnObjectOnlyGrow(t *testing.T) {
	g := NewWithT(t)
	all := newObject(4, someSamples).durations()
	g.Expect(all).To(HaveLen(13))
	for _, s := range all {
		g.Expect(slices.IsSorted(s.Values)).To(BeTrue(), "%v", s.Labels)
	}
	sum, count, every := all[0], all[1], all[12]
	g.Expect(every.Labels[:4]).To(Equal([]string{"__name__", "gotk_reconcile_duration_seconds_bucket", "le", "+Inf"}))
	g.Expect(every.Values).To(Equal(count.Values))
	g.Expect(count.Values[someSamples-1]).To(BeNumerically(">", 5))
	g.Expect(sum.Values[someSamples-1]).To(BeNumerically(">", 0))
}

func TestAKustomizationIsBehindForTheScrapeAfterEachNewRevision(t *testing.T) {
	g := NewWithT(t)
	behind := 0
	for number := range 60 * round {
		o := newObject(number, someSamples)
		if o.kind != "Kustomization" || o.fate != staysReady || o.source.fate != staysReady || o.changes < 0 {
			continue
		}
		var at []int
		for i := range someSamples {
			if o.behind(i) {
				at = append(at, i%perHour)
			}
		}
		g.Expect(at).To(Equal(slices.Repeat([]int{o.changes}, 6)), o.name)
		behind++
	}
	g.Expect(behind).To(BeNumerically(">", 0))
}

func TestTheSameHistoryIsTheSameBytes(t *testing.T) {
	g := NewWithT(t)
	var first, second bytes.Buffer
	h := history{objects: 3 * round, hours: 1}
	h.write(&first)
	h.write(&second)
	g.Expect(first.Bytes()).To(Equal(second.Bytes()))
}

func TestPanelsSendTheQueriesOfGrafana(t *testing.T) {
	const rate = `rate(m{a=~"$a",b="${b:regex}"}[$__rate_interval])`
	for name, c := range map[string]struct {
		panel pagePanel
		over  time.Duration
		want  asked
	}{
		"a quarter of an hour has the points there are scrapes of": {
			pagePanel{Title: "T ", Width: 24, Queries: []pageQuery{{Expr: rate}}}, 15 * time.Minute,
			asked{panel: "T", expr: `rate(m{a=~".*",b="x|y"}[120s])`, over: 15 * time.Minute, step: 30 * time.Second},
		},
		"a day has a point for each pixel or two": {
			pagePanel{Title: "T", Width: 12, Queries: []pageQuery{{Expr: rate}}}, 24 * time.Hour,
			asked{panel: "T", expr: `rate(m{a=~".*",b="x|y"}[150s])`, over: 24 * time.Hour, step: 2 * time.Minute},
		},
		"a panel's own least step": {
			pagePanel{Title: "T", Width: 12, MinStep: "5m", Queries: []pageQuery{{Expr: rate}}}, time.Hour,
			asked{panel: "T", expr: `rate(m{a=~".*",b="x|y"}[330s])`, over: time.Hour, step: 5 * time.Minute},
		},
		"the whole range at once, and what is no variable": {
			pagePanel{Title: "T", Width: 6, Queries: []pageQuery{{Expr: `label_replace(m[$__range], "k", "$1", "l", "(.+)")`, Instant: true}}},
			time.Hour,
			asked{panel: "T", expr: `label_replace(m[3600s], "k", "$1", "l", "(.+)")`, instant: true, over: time.Hour, step: 30 * time.Second},
		},
	} {
		t.Run(name, func(t *testing.T) {
			asks := page{Panels: []pagePanel{c.panel}}.asks(map[string]string{"a": ".*", "b": "x|y"}, c.over)
			NewWithT(t).Expect(asks).To(Equal([]asked{c.want}))
		})
	}
}

func TestQueriesOfADashboardAreRead(t *testing.T) {
	pages := pagesOf([]byte(`{
		"uid": "u", "title": "T", "time": {"from": "now-6h"},
		"templating": {"list": [
			{"name": "datasource", "type": "datasource", "query": "prometheus"},
			{"name": "all", "type": "query", "includeAll": true, "allValue": ".*", "query": "label_values(up, a)"},
			{"name": "one", "type": "query", "query": {"query": "label_values(up, b)", "refId": "A"}},
			{"name": "word", "type": "textbox", "query": ""},
			{"name": "choice", "type": "custom", "query": "first,second"}]},
		"panels": [
			{"title": "row", "type": "row", "panels": [
				{"title": "inner", "gridPos": {"w": 6}, "datasource": {"type": "prometheus"}, "targets": [{"expr": "a", "instant": true}]}]},
			{"title": "outer", "gridPos": {"w": 12}, "interval": "1m", "datasource": {"type": "prometheus"},
				"targets": [{"expr": "b", "range": true}, {"expr": "c", "hide": true}]},
			{"title": "log", "gridPos": {"w": 24}, "datasource": {"type": "loki"}, "targets": [{"expr": "{d=\"e\"}"}]}]}`))
	variables := []pageVariable{
		{Name: "all", Query: "label_values(up, a)", All: true, AllValue: ".*"}, {Name: "one", Query: "label_values(up, b)"},
		{Name: "word"}, {Name: "choice", Value: "first"},
	}
	NewWithT(t).Expect(pages).To(Equal([]page{
		{UID: "u", Title: "T", From: "now-6h", Variables: variables,
			Panels: []pagePanel{{Title: "outer", Width: 12, MinStep: "1m", Queries: []pageQuery{{Expr: "b"}}}}},
		{UID: "u opened", Title: "T, its collapsed rows", From: "now-6h", Variables: variables,
			Panels: []pagePanel{{Title: "inner", Width: 6, Queries: []pageQuery{{Expr: "a", Instant: true}}}}},
	}))
}

func TestAVariableHasItsFirstChoice(t *testing.T) {
	g := NewWithT(t)
	values := []string{"a.b", "c"}
	g.Expect(pageVariable{All: true, AllValue: ".*"}.chosen(values)).To(Equal(".*"))
	g.Expect(pageVariable{All: true}.chosen(values)).To(Equal(`(a\.b|c)`))
	g.Expect(pageVariable{}.chosen(values)).To(Equal("a.b"))
	g.Expect(pageVariable{}.chosen(nil)).To(Equal(""))
}

func TestEveryQueryIsPromQL(t *testing.T) {
	for _, p := range ourPages() {
		g := NewWithT(t)
		values := map[string]string{}
		for _, v := range p.Variables {
			values[v.Name] = "x"
		}
		asks := p.asks(values, p.over())
		g.Expect(asks).NotTo(BeEmpty(), p.Title)
		for _, q := range asks {
			g.Expect(query.Parse(q.expr)).To(Succeed(), "%s: %s: %s", p.Title, q.panel, q.expr)
		}
	}
}

func TestADashboardOfAnotherProjectIsRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cluster.json")
	g := NewWithT(t)
	g.Expect(os.WriteFile(file, []byte(`{"uid": "flux-cluster", "title": "Theirs", "time": {"from": "now-15m"}, "panels": [
		{"title": "A", "gridPos": {"w": 6}, "datasource": {"type": "prometheus", "uid": "${source}"}, "targets": [{"expr": "up", "instant": true}]}]}`),
		0o600)).To(Succeed())
	g.Expect(upstreamPages([]string{file})).To(Equal([]page{{UID: "flux-cluster", Title: "Theirs", From: "now-15m",
		Panels: []pagePanel{{Title: "A", Width: 6, Queries: []pageQuery{{Expr: "up", Instant: true}}}}}}))
}

func TestPanelsThatBothHaveAreComparedByTitle(t *testing.T) {
	g := NewWithT(t)
	ours := &opened{
		asks:  []asked{{panel: "A"}, {panel: "A"}, {panel: "B"}},
		costs: []queryCost{{samples: 1, answer: 10}, {samples: 2, answer: 20}, {samples: 4, answer: 40}},
	}
	theirs := &opened{asks: []asked{{panel: "C"}, {panel: "A"}}, costs: []queryCost{{samples: 8}, {samples: 16}}}
	g.Expect(ours.common(theirs)).To(Equal([]string{"A"}))
	g.Expect(ours.of("A")).To(Equal(queryCost{samples: 3, answer: 30}))
	g.Expect(ours.of()).To(Equal(queryCost{samples: 7, answer: 70}))
}

func TestPrometheusRecordsTheOtherRules(t *testing.T) {
	g := NewWithT(t)
	alert, made, other := monitoringv1.Rule{Alert: "A"}, monitoringv1.Rule{Record: flux.RecordedReady}, monitoringv1.Rule{Record: "other"}
	g.Expect(further([]monitoringv1.RuleGroup{
		{Name: "alerts", Rules: []monitoringv1.Rule{alert}},
		{Name: "both", Rules: []monitoringv1.Rule{made, other, alert}},
	})).To(Equal([]monitoringv1.RuleGroup{{Name: "both", Rules: []monitoringv1.Rule{other}}}))
}
