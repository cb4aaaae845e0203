package query

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/cost"
)

func TestAnExpensiveExpressionIsNotParsed(t *testing.T) {
	times := strings.Repeat
	for name, c := range map[string]struct{ expr, message string }{
		"parentheses":                   {times("(", 30000) + "1" + times(")", 30000), "the expression nests deeper than 100 levels"},
		"parentheses that do not close": {times("(", 60000), "the expression nests deeper than 100 levels"},
		"functions":                     {times("abs(", 101) + "a" + times(")", 101), "the expression nests deeper than 100 levels"},
		"a sum":                         {"1" + times("+1", 501), "the expression has more than 500 operators"},
		"powers":                        {"1" + times("^1", 30000), "the expression has more than 500 operators"},
		"sets":                          {"a" + times(" or a", 501), "the expression has more than 500 operators"},
		"signs":                         {times("-", 60000) + "1", "the expression has more than 500 operators"},
		"subqueries of subqueries":      {"a" + times("[1m:]", 501), "the expression has more than 500 operators"},
		"offsets":                       {"a" + times(" offset 1m", 501), "the expression has more than 500 operators"},
		"a length":                      {`a{b="` + times("x", 65536) + `"}`, "the expression has 65543 bytes, more than the 65536 allowed"},
		"a regular expression": {`a{b=~"` + times("x{1000}", 11) + `"}`, `the regular expression "` + times("x{1000}", 11) +
			`" expands to 22001 steps, more than the 20000 allowed: repeat less`},
		"one after a comment":         {"a{b!~ # that\n'" + times("y{1000}", 600) + "'}", "a regular expression has 4200 bytes, more than the 4096 allowed"},
		"one in backticks":            {"a{b=~`" + times("y", 5000) + "`}", "a regular expression has 5000 bytes, more than the 4096 allowed"},
		"one on the name":             {"{__name__=~`" + times("y", 5000) + "`}", "a regular expression has 5000 bytes, more than the 4096 allowed"},
		"several regular expressions": {"a{" + times("b=~`x{1000}`,", 11) + "}", "the regular expressions of the expression expand to more than 20000 steps"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var err error
			g.Expect(cost.Allocated(func() { err = Parse(c.expr) })).To(BeNumerically("<", 8<<20))
			g.Expect(err).To(MatchError(c.message))
			g.Expect(cost.Allocated(func() { FiresOnNothing(c.expr) })).To(BeNumerically("<", 8<<20))
			idle := Idle{}
			g.Expect(cost.Allocated(func() { idle = IdleMatchers(c.expr, nil) })).To(BeNumerically("<", 8<<20))
			g.Expect(idle).To(Equal(Idle{}))
		})
	}
}

func TestWeighCountsOperatorsAndRegexpSteps(t *testing.T) {
	g := NewWithT(t)
	for expr, weight := range map[string]int{
		"up": 0, "a + b > 1": 2, `a{b=~"x{10}"}`: 21, `rate(a{b!="c"}[5m])`: 2, `a{b="x{1000}"} # x + y`: 0, "a +": 1, "a{b=~'": 1,
	} {
		found, err := Weigh(expr)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(found).To(Equal(weight), expr)
	}
}

func TestNoQueryIsNearTheBounds(t *testing.T) {
	for name, q := range Catalogue() {
		weight, err := Weigh(q.String())
		NewWithT(t).Expect(err).NotTo(HaveOccurred(), name)
		NewWithT(t).Expect(weight).To(BeNumerically("<", 1000), name)
	}
}
