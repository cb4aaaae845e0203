package controllers

import (
	"context"
	"time"

	ctrlmanager "sigs.k8s.io/controller-runtime/pkg/manager"
)

// ReturnMemory has free called when the operator is likely to need less memory than it has: once this replica has run for a while, and so
// has filled the caches of every replica; once it has led that long, and so has filled those of the leader; and then at intervals, for what
// bursts of work have left behind.
func ReturnMemory(manager ctrlmanager.Manager, after, interval time.Duration, free func()) error {
	return manager.Add(&memory{elected: manager.Elected(), after: after, interval: interval, free: free})
}

// memory runs on every replica: one that waits to lead has filled its caches, too.
type memory struct {
	elected         <-chan struct{}
	after, interval time.Duration
	free            func()
}

// NeedLeaderElection says that it does not.
func (*memory) NeedLeaderElection() bool { return false }

// Start returns when the context has ended.
func (m *memory) Start(ctx context.Context) error {
	m.freeAfter(ctx, m.after)
	elected := m.elected
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-elected:
			elected = nil
			m.freeAfter(ctx, m.after)
		case <-time.After(m.interval):
			m.free()
		}
	}
	return nil
}

// freeAfter waits, and frees memory unless the context ends first.
func (m *memory) freeAfter(ctx context.Context, wait time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
		m.free()
	}
}
