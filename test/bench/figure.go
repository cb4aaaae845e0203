package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"
)

// figure is one result, with the target it is held against.
type figure struct {
	what, measured, target string
	missed                 bool
}

// plain is a figure without a target.
func plain(what, format string, args ...any) figure {
	return figure{what: what, measured: fmt.Sprintf(format, args...)}
}

// atMost is a count or a ratio that must not exceed its limit.
func atMost(what string, measured, limit float64) figure {
	return figure{what: what, measured: amount(measured, ""), target: "at most " + amount(limit, ""), missed: measured > limit}
}

// below is an amount that must not reach its limit; 0 is no limit.
func below(what, unit string, measured, limit float64) figure {
	if limit == 0 {
		return plain(what, "%s", amount(measured, unit))
	}
	return figure{what: what, measured: amount(measured, unit), target: "below " + amount(limit, unit), missed: measured >= limit}
}

// ratio is our amount beside theirs, and what it is of theirs, which must not exceed the limit; 0 is no limit.
func ratio(what, unit string, ours, theirs, limit float64) figure {
	f := plain(what, "%s / %s = %.3f", amount(ours, ""), amount(theirs, unit), ours/theirs)
	if limit > 0 {
		f.target, f.missed = "at most "+amount(limit, ""), ours/theirs > limit
	}
	return f
}

// amount is a number without digits that mean nothing.
func amount(n float64, unit string) string {
	digits := 0
	if math.Abs(n) < 10 && n != math.Trunc(n) {
		digits = 2
	} else if math.Abs(n) < 100 && n != math.Trunc(n) {
		digits = 1
	}
	if unit == "" {
		return fmt.Sprintf("%.*f", digits, n)
	}
	return fmt.Sprintf("%.*f %s", digits, n, unit)
}

// show prints a scenario's figures as a table.
func show(out io.Writer, name string, figures []figure) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\tmeasured\ttarget\t\n", name)
	for _, f := range figures {
		verdict := ""
		switch {
		case f.missed:
			verdict = "OVER THE TARGET"
		case f.target != "":
			verdict = "PASS"
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", f.what, f.measured, f.target, verdict)
	}
	_ = t.Flush() // a terminal that is gone needs no table
	fmt.Fprintln(out)
}

// quantile of durations, in milliseconds: the smallest that at least this part of them does not exceed.
func quantile(all []time.Duration, part float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	i := int(math.Ceil(part*float64(len(sorted)))) - 1
	return milliseconds(sorted[max(i, 0)])
}

// middle is the median as a duration.
func middle(all []time.Duration) time.Duration {
	return time.Duration(median(all) * float64(time.Millisecond))
}

func median(all []time.Duration) float64 { return quantile(all, 0.5) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
