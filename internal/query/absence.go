package query

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// FiresOnNothing reports whether an expression has a result because samples are missing: it asks for their absence. An expression that does
// not parse has none.
func FiresOnNothing(expr string) bool {
	tree, err := read(expr)
	if err != nil {
		return false
	}
	found := false
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		call, is := node.(*parser.Call)
		found = found || is && slices.Contains([]string{"absent", "absent_over_time"}, call.Func.Name)
		return nil
	})
	return found
}
