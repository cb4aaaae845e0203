// Package query has every PromQL expression of this operator, once: recording rules, alerts and panels refer to the same values. A query is
// valid PromQL as it is written here; methods add matchers and windows at positions that the parser has found, never by formatting text.
// The package knows PromQL and, from package flux, the labels of a metric. It does not know alerts, dashboards, clusters or time.
package query

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Query is one PromQL expression. It is a value: every method returns a new one. Only New makes one. An expression is parsed once: a query
// keeps the positions in its text that methods change.
type Query struct {
	text      string     // canonical PromQL, as the parser prints it
	window    string     // what stands in the range selectors' brackets instead of what text has, if anything
	metrics   []string   // that it selects
	selectors []selector // in their order, and shared: nobody changes them
	ranges    []span     // between the brackets of range selectors, likewise
	binary    bool       // an operator is at the top
}

// Limit is a query and the threshold with which an alert compares its value.
type Limit struct {
	Query Query
	Value float64
}

// promql accepts what any supported Prometheus can be configured to accept, so that no user's query is refused because of a feature flag
// that the operator cannot see.
var promql = parser.NewParser(parser.Options{
	EnableExperimentalFunctions:  true,
	ExperimentalDurationExpr:     true,
	EnableExtendedRangeSelectors: true,
	EnableBinopFillModifiers:     true,
})

// New returns the query of an expression. It panics if the expression does not parse: queries are written in code, and package variables
// make this the program's start.
func New(expr string) Query {
	return queryOf(printed(mustParse(expr)))
}

// queryOf is the query of a canonical text.
func queryOf(text string) Query {
	tree := mustParse(text)
	_, binary := tree.(*parser.BinaryExpr)
	return Query{text: text, metrics: metricsOf(tree), selectors: selectorsOf(tree), ranges: rangesOf(tree, text), binary: binary}
}

func mustParse(expr string) parser.Expr {
	tree, err := promql.ParseExpr(expr)
	if err != nil {
		panic("query: " + expr + ": " + err.Error())
	}
	return tree
}

// Within narrows the query to series that match: every selector gets each matcher, unless it already selects values of that label, or its
// metric does not have the label (flux.Carries).
func (q Query) Within(matchers ...*labels.Matcher) Query {
	var text strings.Builder
	selectors, rest := make([]selector, 0, len(q.selectors)), 0
	for _, was := range q.selectors {
		is := was.with(was.missing(matchers))
		text.WriteString(q.text[rest:was.start])
		is.start = text.Len()
		text.WriteString(is.text)
		rest = was.end()
		selectors = append(selectors, is)
	}
	text.WriteString(q.text[rest:])
	q.ranges = moved(q.ranges, q.selectors, selectors)
	q.text, q.selectors = text.String(), selectors
	return q
}

// Over sets the window of the query's range selectors: a duration such as 10m, or a dashboard's variable such as $__rate_interval. The
// queries of this package have one window each. A query without a range is unchanged.
func (q Query) Over(window string) Query {
	q.window = window
	return q
}

// Ago sets the query's offsets. A query without an offset is unchanged.
func (q Query) Ago(d time.Duration) Query {
	tree := mustParse(q.text)
	eachSelector(tree, func(s *parser.VectorSelector) {
		if s.OriginalOffset != 0 {
			s.OriginalOffset = d
		}
	})
	is := queryOf(printed(tree))
	is.window = q.window
	return is
}

// Unless is the query without the results that the other has too, by these labels.
func (q Query) Unless(by []string, other Query) Query {
	return q.grouped().joined("unless on ("+strings.Join(by, ", ")+")", other)
}

// And is the results that both queries have, by these labels.
func (q Query) And(by []string, other Query) Query {
	return q.grouped().joined("and on ("+strings.Join(by, ", ")+")", other)
}

// Or is the results of the query, and those of the other that the query does not have, by these labels.
func (q Query) Or(by []string, other Query) Query {
	return q.joined("or on ("+strings.Join(by, ", ")+")", other)
}

// Above keeps what is greater than the threshold.
func (q Query) Above(threshold float64) Query { return q.compared(">", threshold) }

// AtLeast keeps what is greater than the threshold or equal to it.
func (q Query) AtLeast(threshold float64) Query { return q.compared(">=", threshold) }

func (q Query) compared(operator string, threshold float64) Query {
	q = q.grouped()
	q.text += " " + operator + " " + strconv.FormatFloat(threshold, 'f', -1, 64)
	q.binary = true
	return q
}

// grouped puts an expression with an operator into parentheses, so that it can be an operand.
func (q Query) grouped() Query {
	if !q.binary {
		return q
	}
	q.text, q.binary = "("+q.text+")", false
	q.selectors, q.ranges = shifted(q.selectors, q.ranges, 1)
	return q
}

// OrZero is 0 if the query has no result, so that a panel of one number shows 0 instead of "No data". Use it only for queries without
// labels in their result.
func (q Query) OrZero() Query {
	q.text += " or vector(0)"
	q.binary = true
	return q
}

// Highest is the highest result of the query, and 0 if it has none.
func (q Query) Highest() Query { return New("max(" + q.text + ")").OrZero() }

// joined combines two queries by a set operator, by the given labels if there are any. Set windows after it: it panics if one query already
// has one.
func (q Query) joined(operator string, other Query) Query {
	if q.window != "" || other.window != "" {
		panic("query: a window is put into " + other.text + " before it is joined")
	}
	left := q.text + " " + operator + " ("
	selectors, ranges := shifted(other.selectors, other.ranges, len(left))
	q.text, q.binary = left+other.text+")", true
	q.selectors, q.ranges = slices.Concat(q.selectors, selectors), slices.Concat(q.ranges, ranges)
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
	for _, bracket := range q.ranges {
		text.WriteString(q.text[rest:bracket.start])
		text.WriteString(q.window)
		rest = bracket.end
	}
	text.WriteString(q.text[rest:])
	return text.String()
}

// Metrics returns the names of the metrics the query selects, sorted, each once.
func (q Query) Metrics() []string { return slices.Clone(q.metrics) }
