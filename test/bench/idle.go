package main

import (
	"context"
	"errors"
	"time"
)

// recheck is the interval of the resources in idle, short so that each is looked at again several times while it is listened to.
const recheck = 2 * time.Minute

// idle listens to what the operator asks at rest.
func idle(ctx context.Context, b *bed) ([]figure, error) {
	if err := b.fleet(ctx, b.idleResources); err != nil {
		return nil, err
	}
	if err := b.restart(ctx); err != nil {
		return nil, err
	}
	if err := b.createFleet(ctx, b.idleResources, recheck); err != nil {
		return nil, err
	}
	if _, err := b.quiet(ctx); err != nil {
		return nil, err
	}
	if err := pause(ctx, b.settle); err != nil {
		return nil, err
	}
	from, err := b.audit.size()
	if err != nil {
		return nil, err
	}
	before, err := b.measured.cpu()
	if err != nil {
		return nil, err
	}
	b.progress("listening for %s", b.idleFor)
	if err := pause(ctx, b.idleFor); err != nil {
		return nil, err
	}
	asked, err := b.audit.since(from)
	if err != nil {
		return nil, err
	}
	b.progress("asked meanwhile: %s", asked)
	after, err1 := b.measured.cpu()
	used, err2 := b.measured.memory()
	return []figure{
		atMost("writes at rest", float64(asked.writes()), 0),
		atMost("gets and lists at rest", float64(asked.reads()), 0),
		told("watches begun anew, as the API server ends each after 5 to 10 minutes", "%d", asked.count("watch")),
		told("CPU at rest", "%.2f %% of a core", 100*float64(after-before)/float64(b.idleFor)),
		told("resident", "%.1f MiB", used.resident),
	}, errors.Join(err1, err2)
}
