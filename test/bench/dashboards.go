package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// ranges over which pages are opened besides their own.
var ranges = []time.Duration{0, time.Hour}

// exposure is what the history has of a Flux: that of `flux install`, and the state of its objects by the exporter.
func exposure() flux.Exposure {
	e := flux.Exposure{
		Flux:        flux.Installation{Namespace: fluxNamespace, Version: "v2.9.4"},
		Cardinality: flux.Standard, State: flux.Exporter, LegacyMetrics: true,
	}
	for _, c := range []string{flux.HelmController, flux.KustomizeController, flux.NotificationController, flux.SourceController} {
		e.Flux.Controllers = append(e.Flux.Controllers, flux.Controller{Name: c, App: c, Component: c})
	}
	return e
}

// openDashboards measures what it costs a Prometheus to show our dashboards and upstream's, and to evaluate the rules.
func openDashboards(ctx context.Context, b *bed) []figure {
	var figures []figure
	for _, objects := range b.objects {
		figures = append(figures, b.dashboardsOver(ctx, history{objects: objects, hours: b.hours})...)
	}
	return figures
}

func (b *bed) dashboardsOver(ctx context.Context, h history) []figure {
	s := b.serve(ctx, b.data(ctx, h), h.end())
	defer s.process.Stop()
	rules := s.rules(ctx)
	s.checkRecordings(ctx, rules)
	figures := []figure{plain(fmt.Sprintf("%d objects over %d hours", h.objects, h.hours), "")}
	for _, over := range ranges {
		figures = append(figures, b.compare(ctx, s, over).figures(over)...)
	}
	return append(figures, ruleFigures(rules)...)
}

// comparison is of our dashboards with upstream's, if whoever measures has given theirs.
type comparison struct{ ours, theirs []*opened }

// compare opens every page several times, ours and upstream's in turn, over a time range; 0 is each page's own.
func (b *bed) compare(ctx context.Context, s *server, over time.Duration) comparison {
	c := comparison{ours: openedOver(ourPages(), over), theirs: openedOver(upstreamPages(b.upstream), over)}
	for n := range b.loads {
		b.progress("opening all dashboards, %d of %d, over %s", n+1, b.loads, inWords(over))
		for _, o := range slices.Concat(c.ours, c.theirs) {
			s.open(ctx, o)
		}
	}
	return c
}

// openedOver are pages that are opened over a time range; 0 is each page's own.
func openedOver(pages []page, over time.Duration) []*opened {
	var all []*opened
	for _, p := range pages {
		all = append(all, &opened{page: p, over: cmp.Or(over, p.over())})
	}
	return all
}

func inWords(over time.Duration) string {
	if over == 0 {
		return "the range each opens with"
	}
	return over.String()
}
