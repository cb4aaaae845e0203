package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// scale measures many resources, each in a namespace of its own and for a Flux of its own, and then a restart.
func scale(ctx context.Context, b *bed) []figure {
	n := b.scaleResources
	b.fleet(ctx, n)
	b.restart(ctx)
	b.quiet(ctx)
	from, start := b.audit.size(), time.Now()
	b.createFleet(ctx, n, 0)
	took := time.Since(start)
	made, asked := b.settledMemory(ctx), b.audit.since(from)
	b.progress("asked in all: %v", asked)
	figures := []figure{
		plain(fmt.Sprintf("%d created until all are Ready", n), "%.1f s", took.Seconds()),
		plain("a resource", "%.1f ms", milliseconds(took)/float64(n)),
		plain("resident", "%.1f MiB, at most %.1f", made.resident, made.peak),
	}
	return slices.Concat(figures, b.scaleRestart(ctx), asked.per(n))
}

// scaleRestart measures a restart of an operator whose resources are all in order.
func (b *bed) scaleRestart(ctx context.Context) []figure {
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	from := b.audit.size()
	b.measured.Stop()
	start := time.Now()
	b.progress("restarting")
	b.restart(ctx)
	last := b.quiet(ctx)
	cpu, used, asked := b.measured.cpu(), b.settledMemory(ctx), b.audit.since(from)
	b.progress("asked by the restart: %v", asked)
	return []figure{
		atMost("writes by a restart", float64(asked.writes()), 0),
		plain("gets, lists and watches by a restart", "%d", asked.reads()+asked.count("watch")),
		plain("a restart, until at rest", "%.1f s, %.1f s of CPU", last.Sub(start).Seconds(), cpu.Seconds()),
		plain("resident after the restart", "%.1f MiB, at most %.1f", used.resident, used.peak),
	}
}
