package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

const (
	// costliest is how many of our queries are listed.
	costliest = 10
	// shareOfUpstream is what a full load of Flux Cluster Stats may cost of what upstream's does, in samples and in CPU, which is
	// the time that does not follow what else the machine does.
	shareOfUpstream = 1.0 / 3
)

// figures are the cost of each page, beside upstream's of the same uid, and our most expensive queries.
func (c comparison) figures(over time.Duration) []figure {
	all := []figure{told("over "+inWords(over), "samples, evaluation, wall time")}
	for _, ours := range c.ours {
		i := slices.IndexFunc(c.theirs, func(theirs opened) bool { return theirs.UID == ours.UID })
		if i < 0 {
			all = append(all, told("  "+ours.Title, "%s", ours.words()))
			continue
		}
		all = append(all, against(ours, c.theirs[i], over == 0 && ours.UID == "flux-cluster")...)
	}
	all = append(all, told("  our most expensive queries", "samples, series, evaluation"))
	return append(all, c.expensive()...)
}

// words are what a full load costs.
func (o opened) words() string {
	all := o.of()
	return fmt.Sprintf("%s, %s ms, %s ms, of it %s ms listing, CPU %s ms; %d queries over %s, %s answered; most time: %s", thousands(all.samples),
		amount(milliseconds(all.evaluation), ""), amount(milliseconds(o.wall), ""), amount(milliseconds(o.listing), ""),
		amount(milliseconds(o.cpu), ""), len(o.asks), inWords(o.over), size(all.answer), o.slowest())
}

// slowest is the panel that takes the longest to evaluate, with its time.
func (o opened) slowest() string {
	longest, took := "", time.Duration(-1)
	for _, title := range o.titles() {
		if one := o.of(title).evaluation; one > took {
			longest, took = title, one
		}
	}
	return fmt.Sprintf("%s, %s ms", longest, amount(milliseconds(took), ""))
}

// against is the cost of our page beside upstream's: in full, and of the panels that upstream's has as well.
func against(ours, theirs opened, held bool) []figure {
	common := ours.common(theirs)
	full, fullTheirs, same, sameTheirs := ours.of(), theirs.of(), queryCost{}, queryCost{}
	if len(common) > 0 {
		same, sameTheirs = ours.of(common...), theirs.of(common...)
	}
	limit := 0.0
	if held {
		limit = shareOfUpstream
	}
	return []figure{
		told("  "+ours.Title+", ours", "%s", ours.words()),
		told("  "+ours.Title+", upstream's", "%s", theirs.words()),
		inProportion("    samples, ours / upstream's", float64(full.samples), float64(fullTheirs.samples), limit),
		inProportion("    evaluation", milliseconds(full.evaluation), milliseconds(fullTheirs.evaluation), 0),
		inProportion("    wall time", milliseconds(ours.wall), milliseconds(theirs.wall), 0),
		inProportion("    CPU", milliseconds(ours.cpu), milliseconds(theirs.cpu), limit),
		inProportion("    bytes answered", float64(full.answer), float64(fullTheirs.answer), 0),
		inProportion(fmt.Sprintf("    samples of the %d panels both have", len(common)), float64(same.samples), float64(sameTheirs.samples), 0),
		inProportion("    evaluation of these", milliseconds(same.evaluation), milliseconds(sameTheirs.evaluation), 0),
	}
}

// common are the titles both pages have.
func (o opened) common(other opened) []string {
	theirs := other.titles()
	return slices.DeleteFunc(o.titles(), func(title string) bool { return !slices.Contains(theirs, title) })
}

// inProportion is a ratio, held against a limit; 0 is none.
func inProportion(what string, ours, theirs, limit float64) figure {
	f := told(what, "%s / %s = %.3f", amount(ours, ""), amount(theirs, ""), ours/theirs)
	if limit > 0 {
		f.target, f.missed = "at most "+amount(limit, ""), ours/theirs > limit
	}
	return f
}

// expensive are our queries with the most samples.
func (c comparison) expensive() []figure {
	type one struct {
		asked
		page string
		queryCost
	}
	var all []one
	for _, o := range c.ours {
		for i, q := range o.asks {
			all = append(all, one{q, o.UID, o.costs[i]})
		}
	}
	slices.SortStableFunc(all, func(x, y one) int { return cmp.Compare(y.samples, x.samples) })
	var figures []figure
	for _, q := range all[:min(costliest, len(all))] {
		kind := "range"
		if q.instant {
			kind = "instant"
		}
		figures = append(figures, told(fmt.Sprintf("    %s: %s (%s)", q.page, q.panel, kind), "%s, %d, %s ms: %s",
			thousands(q.samples), q.results, amount(milliseconds(q.evaluation), ""), q.expr))
	}
	return figures
}

// thousands is a count with as many digits as tell something.
func thousands(n int64) string {
	switch {
	case n >= 10_000_000:
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	case n >= 10_000:
		return fmt.Sprintf("%.1f k", float64(n)/1e3)
	default:
		return fmt.Sprint(n)
	}
}

// size of an answer.
func size(bytes int) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
