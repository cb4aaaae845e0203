package main

import (
	"context"
	"time"
)

// recheck is the interval of the resources in idle, short so that the operator reconciles each several times meanwhile.
const recheck = 2 * time.Minute

// idle listens to what the operator asks at rest.
func idle(ctx context.Context, b *bed) []figure {
	b.fleet(ctx, b.idleResources)
	b.restart(ctx)
	b.createFleet(ctx, b.idleResources, recheck)
	b.quiet(ctx)
	pause(ctx, b.settle)
	from, before := b.audit.size(), b.measured.cpu()
	b.progress("listening for %s", b.idleFor)
	pause(ctx, b.idleFor)
	asked := b.audit.since(from)
	b.progress("asked meanwhile: %v", asked)
	after, used := b.measured.cpu(), b.measured.memory()
	return []figure{
		atMost("writes at rest", float64(asked.writes()), 0),
		atMost("gets and lists at rest", float64(asked.reads()), 0),
		plain("watches begun anew, as the API server ends each after 5 to 10 minutes", "%d", asked.count("watch")),
		plain("CPU at rest", "%.2f %% of a core", 100*float64(after-before)/float64(b.idleFor)),
		plain("resident", "%.1f MiB", used.resident),
	}
}
