package query

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/strutil"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

const (
	// MaxDepth is how deep its parentheses, braces and brackets may nest.
	MaxDepth = bounds.Depth
	// MaxOperators is how many operators it may have; the work of the parser grows with their square.
	MaxOperators = 500
)

// Weigh is the work of parsing an expression, as a number of operators and of steps of its regular expressions, or why it must not be
// parsed. It reads the expression once. A text that is not PromQL weighs what was read of it.
func Weigh(expr string) (weight int, err error) {
	if len(expr) > bounds.Code {
		return 0, fmt.Errorf("the expression has %d bytes, more than the %d allowed", len(expr), bounds.Code)
	}
	var w weigher
	tokens := parser.Lex(expr)
	for token := (parser.Item{}); token.Typ != parser.EOF && token.Typ != parser.ERROR; {
		tokens.NextItem(&token)
		if err := w.add(token); err != nil {
			return 0, err
		}
	}
	return w.operators + w.steps, nil
}

// weigher is the weight of an expression so far, and whether a regular expression comes next.
type weigher struct {
	depth, operators, steps int
	regexp                  bool
}

// add counts one token.
func (w *weigher) add(token parser.Item) error {
	switch typ := token.Typ; {
	case typ == parser.COMMENT:
		return nil
	case typ == parser.LEFT_BRACKET, typ == parser.OFFSET, typ.IsOperator():
		w.operators++
	case typ == parser.STRING && w.regexp:
		if err := w.expand(token.Val); err != nil {
			return err
		}
	}
	w.regexp = token.Typ == parser.EQL_REGEX || token.Typ == parser.NEQ_REGEX
	w.depth += nesting[token.Typ]
	switch {
	case w.depth > MaxDepth:
		return fmt.Errorf("the expression nests deeper than %d levels", MaxDepth)
	case w.operators > MaxOperators:
		return fmt.Errorf("the expression has more than %d operators", MaxOperators)
	case w.steps > bounds.RegexpSteps:
		return fmt.Errorf("the regular expressions of the expression expand to more than %d steps", bounds.RegexpSteps)
	}
	return nil
}

// nesting is how a token changes the depth.
var nesting = map[parser.ItemType]int{
	parser.LEFT_PAREN: 1, parser.LEFT_BRACE: 1, parser.LEFT_BRACKET: 1,
	parser.RIGHT_PAREN: -1, parser.RIGHT_BRACE: -1, parser.RIGHT_BRACKET: -1,
}

// expand counts the steps of a quoted regular expression. The parser reports an invalid one.
func (w *weigher) expand(quoted string) error {
	text, _ := strutil.Unquote(quoted) // empty where it fails
	steps, err := bounds.Regexp(text)
	w.steps += steps
	return err
}
