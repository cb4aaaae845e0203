package main

import (
	"context"
	"fmt"
	"time"
)

// scale measures many resources, each in a namespace of its own and for a Flux of its own, and then a restart.
func scale(ctx context.Context, b *bed) ([]figure, error) {
	n := b.scaleResources
	if err := b.fleet(ctx, n); err != nil {
		return nil, err
	}
	if err := b.restart(ctx); err != nil {
		return nil, err
	}
	if _, err := b.quiet(ctx); err != nil {
		return nil, err
	}
	from, err := b.audit.size()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := b.createFleet(ctx, n, 0); err != nil {
		return nil, err
	}
	took := time.Since(start)
	made, err := b.settledMemory(ctx)
	if err != nil {
		return nil, err
	}
	asked, err := b.audit.since(from)
	if err != nil {
		return nil, err
	}
	b.progress("asked in all: %s", asked)
	figures := []figure{
		told(fmt.Sprintf("%d created until all are Ready", n), "%.1f s", took.Seconds()),
		told("a resource", "%.1f ms", milliseconds(took)/float64(n)),
		told("resident", "%.1f MiB, at most %.1f", made.resident, made.peak),
	}
	again, err := b.scaleRestart(ctx)
	return append(append(figures, again...), asked.per(n)...), err
}

// scaleRestart measures a restart of an operator whose resources are all in order.
func (b *bed) scaleRestart(ctx context.Context) ([]figure, error) {
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	from, err := b.audit.size()
	if err != nil {
		return nil, err
	}
	b.measured.stop()
	start := time.Now()
	b.progress("restarting")
	if err := b.restart(ctx); err != nil {
		return nil, err
	}
	last, err := b.quiet(ctx)
	if err != nil {
		return nil, err
	}
	cpu, err := b.measured.cpu()
	if err != nil {
		return nil, err
	}
	used, err := b.settledMemory(ctx)
	if err != nil {
		return nil, err
	}
	asked, err := b.audit.since(from)
	if err != nil {
		return nil, err
	}
	b.progress("asked by the restart: %s", asked)
	return []figure{
		atMost("writes by a restart", float64(asked.writes()), 0),
		told("gets, lists and watches by a restart", "%d", asked.reads()+asked.count("watch")),
		told("a restart, until at rest", "%.1f s, %.1f s of CPU", last.Sub(start).Seconds(), cpu.Seconds()),
		told("resident after the restart", "%.1f MiB, at most %.1f", used.resident, used.peak),
	}, nil
}
