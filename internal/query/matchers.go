package query

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Possible is which values a label of a metric can have, with the empty one if the label can be absent; false if that is not known.
type Possible func(metric, label string) (values []string, known bool)

// Idle are the matchers of an expression that select nothing, or exclude nothing, each as a selector of its own, in their order and each
// once.
type Idle struct {
	// Never are those that no series matches.
	Never []string
	// Always are those that exclude no series that can exist.
	Always []string
}

// IdleMatchers finds the matchers of an expression that match no series that can exist, or exclude none. A matcher on the absence of an
// absent label is neither, such as {foo=""} or {foo!~".+"}. An expression that does not parse has none.
func IdleMatchers(expr string, possible Possible) Idle {
	var idle Idle
	tree, err := read(expr)
	if err != nil {
		return idle
	}
	eachSelector(tree, func(s *parser.VectorSelector) {
		for _, m := range s.LabelMatchers {
			if m.Name == model.MetricNameLabel {
				continue
			}
			never, always := judge(m, selectedBy(s), possible)
			written := selectorOf(s, m)
			switch {
			case never && !slices.Contains(idle.Never, written):
				idle.Never = append(idle.Never, written)
			case always && !slices.Contains(idle.Always, written):
				idle.Always = append(idle.Always, written)
			}
		}
	})
	return idle
}

// impossibleValue is a value that no label has.
const impossibleValue = "\u0000"

// judge reports whether a matcher matches no value that a label can have on any of the metrics, or excludes none on any.
func judge(m *labels.Matcher, metrics []string, possible Possible) (never, always bool) {
	negated := m.Type == labels.MatchNotEqual || m.Type == labels.MatchNotRegexp
	never, always = true, negated && m.Matches("") && m.Matches(impossibleValue)
	for _, metric := range metrics {
		values, known := possible(metric, m.Name)
		if !known {
			return false, false
		}
		never = never && !slices.ContainsFunc(values, m.Matches)
		always = always && !slices.ContainsFunc(values, func(v string) bool { return !m.Matches(v) })
	}
	return never, always
}

// selectorOf is a selector with only one of its matchers, and the name.
func selectorOf(s *parser.VectorSelector, m *labels.Matcher) string {
	matchers := []*labels.Matcher{m}
	for _, other := range s.LabelMatchers {
		if other.Name == model.MetricNameLabel && s.Name == "" {
			matchers = []*labels.Matcher{other, m}
		}
	}
	return printed(&parser.VectorSelector{Name: s.Name, LabelMatchers: matchers})
}
