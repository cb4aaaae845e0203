package main

import (
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
func openDashboards(ctx context.Context, b *bed) ([]figure, error) {
	var figures []figure
	for _, objects := range b.objects {
		h := history{objects: objects, hours: b.hours}
		own, err := b.dashboardsOver(ctx, h)
		if err != nil {
			return nil, err
		}
		figures = append(figures, own...)
	}
	return figures, nil
}

func (b *bed) dashboardsOver(ctx context.Context, h history) ([]figure, error) {
	data, err := b.recordedData(ctx, h)
	if err != nil {
		return nil, err
	}
	s, err := b.serve(ctx, data, h.end())
	if err != nil {
		return nil, err
	}
	defer s.process.stop()
	rules, err := s.rules(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.checkRecordings(ctx, rules); err != nil {
		return nil, err
	}
	figures := []figure{told(fmt.Sprintf("%d objects over %d hours", h.objects, h.hours), "")}
	for _, over := range ranges {
		c, err := b.compare(ctx, s, over)
		if err != nil {
			return nil, err
		}
		figures = append(figures, c.figures(over)...)
	}
	return append(figures, ruleFigures(rules)...), nil
}

// comparison is of our dashboards with upstream's.
type comparison struct{ ours, theirs []opened }

// compare opens every page several times, ours and upstream's in turn, over a time range; 0 is each page's own.
func (b *bed) compare(ctx context.Context, s *server, over time.Duration) (comparison, error) {
	ours, err := ourPages()
	if err != nil {
		return comparison{}, err
	}
	theirs, err := upstreamPages()
	if err != nil {
		return comparison{}, err
	}
	loads := make([][]pageLoad, len(ours)+len(theirs))
	ranges := make([]time.Duration, len(loads))
	for n := range b.loads {
		b.progress("opening all dashboards, %d of %d, over %s", n+1, b.loads, inWords(over))
		for i, p := range slices.Concat(ours, theirs) {
			if ranges[i], err = p.over(); err != nil {
				return comparison{}, err
			}
			if over > 0 {
				ranges[i] = over
			}
			l, err := s.open(ctx, p, ranges[i])
			if err != nil {
				return comparison{}, fmt.Errorf("%s: %w", p.Title, err)
			}
			loads[i] = append(loads[i], l)
		}
	}
	var c comparison
	for i, p := range slices.Concat(ours, theirs) {
		o := settledLoads(p, ranges[i], loads[i])
		if i < len(ours) {
			c.ours = append(c.ours, o)
		} else {
			c.theirs = append(c.theirs, o)
		}
	}
	return c, nil
}

func inWords(over time.Duration) string {
	if over == 0 {
		return "the range each opens with"
	}
	return over.String()
}
