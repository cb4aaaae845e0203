package main

import (
	"context"
	"time"

	"github.com/fluxmonitoring/operator/test/must"
)

const (
	// fightFor is how long the other manager goes on.
	fightFor = time.Minute
	// blow is how often it changes the object.
	blow = 100 * time.Millisecond
)

// fight measures what it costs that another manager changes a PodMonitor all the time.
func fight(ctx context.Context, b *bed) []figure {
	b.withOperator(ctx)
	b.namespace(ctx, "fought-over")
	must.Succeed(b.Create(ctx, fluxMonitoring("fought-over", "flux-system")))
	b.quiet(ctx)
	from, before := b.audit.size(), b.measured.cpu()
	b.progress("changing a PodMonitor for %s", fightFor)
	times := b.strike(ctx)
	after, asked := b.measured.cpu(), b.audit.since(from)
	b.progress("asked meanwhile: %v", asked)
	return []figure{
		plain("changes by the other manager in a minute", "%d", times),
		atMost("writes of the operator meanwhile", float64(asked.writes()), 20),
		below("CPU meanwhile", "% of a core", 100*float64(after-before)/float64(fightFor), 2),
	}
}

// strike changes the PodMonitor again and again, and returns how often that was.
func (b *bed) strike(ctx context.Context) (times int) {
	podMonitor := b.get(ctx, "fought-over", changes[0])
	for end := time.Now().Add(fightFor); time.Now().Before(end); times++ {
		b.change(ctx, podMonitor, changes[0])
		pause(ctx, blow)
	}
	return times
}
