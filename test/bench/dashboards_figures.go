package main

import (
	"fmt"
	"slices"
	"time"
)

// shareOfUpstream is what a full load of Flux Cluster Stats may cost of what upstream's does, in samples and in CPU, which is the time
// that does not follow what else the machine does.
const shareOfUpstream = 1.0 / 3

// figures are the cost of each page, beside upstream's of the same uid.
func (c comparison) figures(over time.Duration) []figure {
	all := []figure{plain("over "+inWords(over), "samples, CPU")}
	for _, ours := range c.ours {
		i := slices.IndexFunc(c.theirs, func(theirs *opened) bool { return theirs.UID == ours.UID })
		if i < 0 {
			all = append(all, plain("  "+ours.Title, "%s", ours.words()))
			continue
		}
		all = append(all, against(ours, c.theirs[i], over == 0 && ours.UID == "flux-cluster")...)
	}
	return all
}

// words are what a full load costs.
func (o *opened) words() string {
	all := o.of()
	return fmt.Sprintf("%s, CPU %s ms; %d queries over %s, %.1f MB answered", thousands(all.samples), amount(median(o.cpu), ""),
		len(o.asks), inWords(o.over), float64(all.answer)/1e6)
}

// against is the cost of our page beside upstream's: in full, and of the panels that upstream's has as well.
func against(ours, theirs *opened, limited bool) []figure {
	common := ours.common(theirs)
	full, fullTheirs, same, sameTheirs := ours.of(), theirs.of(), queryCost{}, queryCost{}
	if len(common) > 0 {
		same, sameTheirs = ours.of(common...), theirs.of(common...)
	}
	limit := 0.0
	if limited {
		limit = shareOfUpstream
	}
	return []figure{
		plain("  "+ours.Title+", ours", "%s", ours.words()),
		plain("  "+ours.Title+", upstream's", "%s", theirs.words()),
		ratio("    samples", "", float64(full.samples), float64(fullTheirs.samples), limit),
		ratio("    CPU", "ms", median(ours.cpu), median(theirs.cpu), limit),
		ratio("    bytes answered", "", float64(full.answer), float64(fullTheirs.answer), 0),
		ratio(fmt.Sprintf("    samples of the %d panels both have", len(common)), "", float64(same.samples), float64(sameTheirs.samples), 0),
	}
}

// common are the titles both pages have.
func (o *opened) common(other *opened) []string {
	theirs := other.titles()
	return slices.DeleteFunc(o.titles(), func(title string) bool { return !slices.Contains(theirs, title) })
}

// thousands is a count without digits that mean nothing.
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
