package controllers

import (
	"context"
	"time"

	ctrlmanager "sigs.k8s.io/controller-runtime/pkg/manager"
)

// ReturnMemory has free called when caches have been filled, which leaves garbage behind: once this replica has run that long, for
// the caches that every replica fills, and once it has led that long, for what only the leader reads.
func ReturnMemory(manager ctrlmanager.Manager, after time.Duration, free func()) error {
	return manager.Add(&memory{elected: manager.Elected(), after: after, free: free})
}

// memory runs on every replica: one that waits to lead has filled its caches, too.
type memory struct {
	elected <-chan struct{}
	after   time.Duration
	free    func()
}

// NeedLeaderElection says that it does not.
func (*memory) NeedLeaderElection() bool { return false }

// Start returns when there is nothing more to free, or the context has ended.
func (m *memory) Start(ctx context.Context) error {
	started := make(chan struct{})
	close(started)
	for _, begun := range []<-chan struct{}{started, m.elected} {
		select {
		case <-ctx.Done():
			return nil
		case <-begun:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(m.after):
			m.free()
		}
	}
	return nil
}
