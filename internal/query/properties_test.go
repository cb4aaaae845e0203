package query

import (
	"maps"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/model/labels"
	"pgregory.net/rapid"
)

var (
	anyQuery   = rapid.SampledFrom(everyQuery())
	anyWindow  = rapid.SampledFrom([]string{"10m", "2h", "1w", "$__rate_interval", "$__range"})
	anyMatcher = rapid.Custom(func(t *rapid.T) *labels.Matcher {
		label := rapid.SampledFrom([]string{"job", "cluster", "namespace", "exported_namespace", "kind", "app", "x"}).Draw(t, "label")
		kind := rapid.SampledFrom([]labels.MatchType{labels.MatchEqual, labels.MatchNotEqual}).Draw(t, "type")
		return labels.MustNewMatcher(kind, label, rapid.String().Draw(t, "value"))
	})
)

func everyQuery() []Query {
	all := Catalogue()
	queries := make([]Query, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		queries = append(queries, all[name])
	}
	return queries
}

// Queries are combined without parsing them again.
func TestAQueryKnowsWhereItsPartsAre(t *testing.T) {
	by := []string{"namespace", "name"}
	steps := []func(t *rapid.T, q Query) Query{
		func(t *rapid.T, q Query) Query { return q.Within(rapid.SliceOf(anyMatcher).Draw(t, "matchers")...) },
		func(t *rapid.T, q Query) Query { return q.And(by, anyQuery.Draw(t, "and")) },
		func(t *rapid.T, q Query) Query { return q.Or(by, anyQuery.Draw(t, "or")) },
		func(t *rapid.T, q Query) Query { return q.Unless(by, anyQuery.Draw(t, "unless")) },
		func(t *rapid.T, q Query) Query { return q.Above(rapid.Float64().Draw(t, "above")) },
		func(_ *rapid.T, q Query) Query { return q.AtLeast(-1e6) },
		func(_ *rapid.T, q Query) Query { return q.OrZero() },
		func(_ *rapid.T, q Query) Query { return q.Ago(time.Hour) },
	}
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuery.Draw(t, "query")
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(steps)-1), 0, 4).Draw(t, "steps") {
			q = steps[i](t, q)
		}
		g, again := NewWithT(t), queryOf(printed(mustParse(q.text)))
		g.Expect(q.text).To(Equal(again.text), "it is as the parser prints it")
		for i := range again.selectors { // the order of matchers is of no concern
			again.selectors[i].matchers = q.selectors[i].matchers
		}
		g.Expect(q).To(Equal(again))
	})
}

func TestWithinAndOverCommuteAndMayBeRepeated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, q := NewWithT(t), anyQuery.Draw(t, "query")
		matchers, window := rapid.SliceOf(anyMatcher).Draw(t, "matchers"), anyWindow.Draw(t, "window")
		within, over := q.Within(matchers...), q.Over(window)
		g.Expect(Parse(within.String())).To(Succeed())
		g.Expect(Parse(within.Over("10m").String())).To(Succeed())
		g.Expect(within.Within(matchers...)).To(Equal(within))
		g.Expect(over.Over(window).String()).To(Equal(over.String()))
		g.Expect(over.Within(matchers...).String()).To(Equal(within.Over(window).String()))
		scoped := within.Over(window).Above(1)
		g.Expect(scoped.Metrics()).To(Equal(q.Metrics()))
		g.Expect(New(scoped.text).Metrics()).To(Equal(q.Metrics()), "the metrics are those that the text selects")
		g.Expect(New(q.OrZero().text).Metrics()).To(Equal(q.Metrics()))
	})
}

func FuzzParse(f *testing.F) {
	for _, q := range everyQuery() {
		f.Add(q.String())
	}
	f.Add("up{")
	f.Add("rate(up[5m:1m] offset (1m+2m))")
	f.Fuzz(func(t *testing.T, expr string) {
		if Parse(expr) != nil {
			return
		}
		g := NewWithT(t)
		q := New(expr).Within(Is("job", "a/b"))
		g.Expect(Parse(q.String())).To(Succeed())
		g.Expect(q.Within(Is("job", "a/b"))).To(Equal(q))
		g.Expect(Parse(q.Over("7m").String())).To(Succeed())
	})
}
