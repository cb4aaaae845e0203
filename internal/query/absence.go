package query

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// FiresOnNothing reports whether an expression has a result because there are no samples: it asks for their absence. One that does not
// parse has none.
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
