package query

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// selector is a vector selector in the text of a query, without its offset or its range.
type selector struct {
	start    int
	text     string
	name     string
	matchers []*labels.Matcher
	metrics  []string
}

// end is the position at which the text of the query continues.
func (s selector) end() int { return s.start + len(s.text) }

// selectorsOf are the selectors of a tree, in the order of its text.
func selectorsOf(tree parser.Expr) []selector {
	var found []selector
	eachSelector(tree, func(s *parser.VectorSelector) {
		is := selector{start: int(s.PosRange.Start), name: s.Name, metrics: selectedBy(s)}
		found = append(found, is.with(s.LabelMatchers))
	})
	slices.SortFunc(found, func(a, b selector) int { return a.start - b.start })
	return found
}

// with is the selector with more matchers, as the parser prints it.
func (s selector) with(matchers []*labels.Matcher) selector {
	if len(matchers) == 0 {
		return s
	}
	s.matchers = slices.Concat(s.matchers, matchers)
	s.text = printed(&parser.VectorSelector{Name: s.name, LabelMatchers: s.matchers})
	return s
}

// missing returns the matchers that apply to a selector and that it does not fix itself.
func (s selector) missing(matchers []*labels.Matcher) []*labels.Matcher {
	var added []*labels.Matcher
	for _, m := range matchers {
		carried := func(metric string) bool { return flux.Carries(metric, m.Name) }
		if !s.fixes(m) && slices.ContainsFunc(s.metrics, carried) {
			added = append(added, m)
		}
	}
	return added
}

// fixes reports whether a selector selects values of the matcher's label itself. A negative matcher does not fix the label.
func (s selector) fixes(m *labels.Matcher) bool {
	return slices.ContainsFunc(s.matchers, func(own *labels.Matcher) bool {
		positive := own.Type == labels.MatchEqual || own.Type == labels.MatchRegexp
		return own.Name == m.Name && (positive || own.Type == m.Type && own.Value == m.Value)
	})
}

// shifted are selectors and ranges at positions that are so much later.
func shifted(selectors []selector, ranges []span, by int) ([]selector, []span) {
	selectors, ranges = slices.Clone(selectors), slices.Clone(ranges)
	for i := range selectors {
		selectors[i].start += by
	}
	for i := range ranges {
		ranges[i].start, ranges[i].end = ranges[i].start+by, ranges[i].end+by
	}
	return selectors, ranges
}

// moved are ranges in a text whose selectors have changed. A range follows its selector.
func moved(ranges []span, before, after []selector) []span {
	ranges = slices.Clone(ranges)
	for i, r := range ranges {
		by := 0
		for j := range before {
			if before[j].end() <= r.start {
				by = after[j].end() - before[j].end()
			}
		}
		ranges[i] = span{r.start + by, r.end + by}
	}
	return ranges
}
