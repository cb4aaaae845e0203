package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

// Parse reports why an expression is not PromQL: the position as line:column, then the parser's reason; or that parsing it is too much
// work. It is for expressions that users write.
func Parse(expr string) error {
	_, err := read(expr)
	return err
}

// read is the tree of an expression that a user writes.
func read(expr string) (parser.Expr, error) {
	if strings.TrimSpace(expr) == "" {
		return nil, errors.New("1:1: the expression is empty")
	}
	if _, err := Weigh(expr); err != nil {
		return nil, err
	}
	tree, err := promql.ParseExpr(expr)
	var faults parser.ParseErrors
	if errors.As(err, &faults) && len(faults) > 0 {
		first := faults[0]
		return nil, fmt.Errorf("%s: %s", first.PositionRange.StartPosInput(expr, 0), bounds.Brief(first.Err.Error()))
	}
	return tree, err
}

// printed returns the text of a tree. The parser prints the replacement character but does not accept it; it occurs in quotes only, where
// its escape means the same.
func printed(tree parser.Expr) string {
	return strings.ReplaceAll(tree.String(), "\uFFFD", `\ufffd`)
}

// eachSelector visits the vector selectors of a tree, those of range selectors too.
func eachSelector(tree parser.Expr, visit func(*parser.VectorSelector)) {
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			visit(s)
		}
		return nil
	})
}

// metricsOf returns the names of the metrics a tree selects, sorted, each once.
func metricsOf(tree parser.Expr) []string {
	var names []string
	eachSelector(tree, func(s *parser.VectorSelector) { names = append(names, selectedBy(s)...) })
	slices.Sort(names)
	return slices.Compact(names)
}

// selectedBy returns the metrics that a selector names: before the braces, or by a matcher on __name__, which may be a regular expression
// that lists several.
func selectedBy(s *parser.VectorSelector) []string {
	for _, m := range s.LabelMatchers {
		if m.Name != model.MetricNameLabel {
			continue
		}
		if m.Type == labels.MatchEqual {
			return []string{m.Value}
		}
		if several := m.SetMatches(); m.Type == labels.MatchRegexp && len(several) > 0 {
			return several
		}
	}
	return []string{s.Name}
}

// span is a part of a text, from start up to but not including end.
type span struct{ start, end int }

// rangesOf returns the positions of the windows of a tree's range selectors, between the brackets, in order.
func rangesOf(tree parser.Expr, text string) []span {
	var found []span
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if m, ok := node.(*parser.MatrixSelector); ok {
			found = append(found, windowOf(m, text))
		}
		return nil
	})
	slices.SortFunc(found, func(a, b span) int { return a.start - b.start })
	return found
}

// windowOf finds a range selector's window: what follows its last opening bracket. Label values can hold brackets too,
// but they stand before it.
func windowOf(m *parser.MatrixSelector, text string) span {
	position := m.PositionRange()
	own := text[position.Start:position.End]
	open := strings.LastIndexByte(own, '[')
	end := open + strings.IndexByte(own[open:], ']')
	return span{start: int(position.Start) + open + 1, end: int(position.Start) + end}
}
