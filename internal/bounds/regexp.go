package bounds

import (
	"fmt"
	"regexp/syntax"
)

const (
	// RegexpBytes is how long a regular expression can be.
	RegexpBytes = 4 << 10
	// RegexpSteps is how many steps a regular expression can expand to: x{1000} has a thousand.
	RegexpSteps = 20_000
)

// Regexp returns how many steps a regular expression compiles to, or why it must not be compiled. An invalid one has
// none; compiling it reports the error.
func Regexp(text string) (steps int, err error) {
	if len(text) > RegexpBytes {
		return 0, fmt.Errorf("a regular expression has %d bytes, more than the %d allowed", len(text), RegexpBytes)
	}
	tree, invalid := syntax.Parse(text, syntax.Perl|syntax.DotNL)
	if invalid == nil {
		steps = stepsOf(tree)
	}
	if steps > RegexpSteps {
		return 0, fmt.Errorf("the regular expression %q expands to %d steps, more than the %d allowed: repeat less", Brief(text), steps, RegexpSteps)
	}
	return steps, nil
}

// stepsOf counts the instructions of a syntax tree. A repetition is unrolled; the parser bounds how often.
func stepsOf(tree *syntax.Regexp) int {
	steps := 1
	switch tree.Op {
	case syntax.OpLiteral:
		steps = len(tree.Rune)
	case syntax.OpCharClass: // a pair for each range
		steps = 1 + len(tree.Rune)/2
	default: // what is within it counts
	}
	for _, within := range tree.Sub {
		steps += stepsOf(within)
	}
	if tree.Op == syntax.OpRepeat {
		steps *= max(tree.Min, tree.Max, 1)
	}
	return steps
}
