// Package query holds every PromQL expression this operator uses, once: recordings, alerts and panels refer to the same
// values. A query is valid PromQL as it is written here; scope and window are put into it through the parser's syntax
// tree, never by formatting text. The package knows PromQL and, from package flux, which labels a metric carries. It
// knows nothing of alerts, dashboards, clusters or time.
package query

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Query is one PromQL expression. It is a value: every method returns a new one. Only New makes one.
type Query struct {
	text    string   // canonical PromQL
	window  string   // what stands in the range selectors' brackets instead of what text has, if anything
	metrics []string // that it selects; no method changes which
}

// Limit is a query and the number beyond which its value means trouble, as an alert compares them.
type Limit struct {
	Query Query
	Value float64
}

// promql admits what any supported Prometheus can be told to admit, so that no user's query is refused for a feature
// flag that cannot be seen from here.
var promql = parser.NewParser(parser.Options{
	EnableExperimentalFunctions:  true,
	ExperimentalDurationExpr:     true,
	EnableExtendedRangeSelectors: true,
	EnableBinopFillModifiers:     true,
})

// New returns the query of an expression. It panics when the expression does not parse: queries are written in code, and
// package variables make this the program's start.
func New(expr string) Query {
	tree := mustParse(expr)
	return Query{text: printed(tree), metrics: metricsOf(tree)}
}

func mustParse(expr string) parser.Expr {
	tree, err := promql.ParseExpr(expr)
	if err != nil {
		panic("query: " + expr + ": " + err.Error())
	}
	return tree
}

// Within narrows the query to series that match: every selector gets each matcher, unless it already says which values of
// that label it wants or its metric does not carry that label (flux.Carries).
func (q Query) Within(matchers ...*labels.Matcher) Query {
	tree := mustParse(q.text)
	eachSelector(tree, func(s *parser.VectorSelector) {
		s.LabelMatchers = append(s.LabelMatchers, missing(s, matchers)...)
	})
	q.text = printed(tree)
	return q
}

// missing returns the matchers that apply to a selector and that it does not fix by itself.
func missing(s *parser.VectorSelector, matchers []*labels.Matcher) []*labels.Matcher {
	var added []*labels.Matcher
	for _, m := range matchers {
		carried := func(metric string) bool { return flux.Carries(metric, m.Name) }
		if !fixes(s, m) && slices.ContainsFunc(selectedBy(s), carried) {
			added = append(added, m)
		}
	}
	return added
}

// fixes reports whether a selector says by itself which values of the matcher's label it wants. One that says which it does not
// want leaves the choice among the others.
func fixes(s *parser.VectorSelector, m *labels.Matcher) bool {
	return slices.ContainsFunc(s.LabelMatchers, func(own *labels.Matcher) bool {
		positive := own.Type == labels.MatchEqual || own.Type == labels.MatchRegexp
		return own.Name == m.Name && (positive || own.Type == m.Type && own.Value == m.Value)
	})
}

// Over puts a window into the query's range selectors: a duration such as 10m, or a dashboard's variable such as
// $__rate_interval. The queries of this package have one window each. A query without a range stays as it is.
func (q Query) Over(window string) Query {
	q.window = window
	return q
}

// Ago puts a time into the query's offsets. A query without an offset stays as it is.
func (q Query) Ago(d time.Duration) Query {
	tree := mustParse(q.text)
	eachSelector(tree, func(s *parser.VectorSelector) {
		if s.OriginalOffset != 0 {
			s.OriginalOffset = d
		}
	})
	q.text = printed(tree)
	return q
}

// Unless is what the query has but the other has not, by these labels.
func (q Query) Unless(by []string, other Query) Query {
	q.text = grouped(q.text)
	return q.joined("unless on ("+strings.Join(by, ", ")+")", other)
}

// And is what the query has and the other has too, by these labels.
func (q Query) And(by []string, other Query) Query {
	q.text = grouped(q.text)
	return q.joined("and on ("+strings.Join(by, ", ")+")", other)
}

// Or is what the query has, and of what it has not, by these labels, what the other has.
func (q Query) Or(by []string, other Query) Query {
	return q.joined("or on ("+strings.Join(by, ", ")+")", other)
}

// Above keeps what is greater than the threshold.
func (q Query) Above(threshold float64) Query { return q.compared(">", threshold) }

// AtLeast keeps what is greater than the threshold or equal to it.
func (q Query) AtLeast(threshold float64) Query { return q.compared(">=", threshold) }

func (q Query) compared(operator string, threshold float64) Query {
	q.text = printed(mustParse(grouped(q.text) + operator + strconv.FormatFloat(threshold, 'g', -1, 64)))
	return q
}

// grouped puts an expression with an operator into parentheses, so that another operator takes it as a whole.
func grouped(text string) string {
	if _, binary := mustParse(text).(*parser.BinaryExpr); binary {
		return "(" + text + ")"
	}
	return text
}

// OrZero answers 0 where the query has no result, so that a panel of one number does not say "No data" where it means
// none. Only for queries without labels in their result.
func (q Query) OrZero() Query {
	q.text = printed(mustParse(q.text + " or vector(0)"))
	return q
}

// joined combines two queries by one of the set operators, which may say by which labels. The windows of both are put into what
// is made of them: it panics where one has got its already.
func (q Query) joined(operator string, other Query) Query {
	if q.window != "" || other.window != "" {
		panic("query: a window is put into " + other.text + " before it is joined")
	}
	q.text = printed(mustParse(q.text + " " + operator + " (" + other.text + ")"))
	q.metrics = slices.Compact(slices.Sorted(slices.Values(slices.Concat(q.metrics, other.metrics))))
	return q
}

// String returns the expression as Prometheus, or with a dashboard's variable as Grafana, takes it.
func (q Query) String() string {
	if q.window == "" {
		return q.text
	}
	var text strings.Builder
	rest := 0
	for _, bracket := range ranges(mustParse(q.text), q.text) {
		text.WriteString(q.text[rest:bracket.start])
		text.WriteString(q.window)
		rest = bracket.end
	}
	text.WriteString(q.text[rest:])
	return text.String()
}

// Metrics returns the names of the metrics the query selects, sorted, each once.
func (q Query) Metrics() []string { return slices.Clone(q.metrics) }
