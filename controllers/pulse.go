package controllers

import (
	"context"
	"fmt"
	"time"
)

const (
	// beat is how often a leader sees that it has not stood still.
	beat = time.Second
	// standstill is how long a leader may have stood still. That is how long controller-runtime lets a leader try to renew its Lease: another
	// replica may take the Lease five seconds later.
	standstill = 10 * time.Second
)

// pulse ends a leader that has stood still, as in a frozen pod or on a suspended node. Another replica may lead by then. Without this the
// first one would write and serve until its next renewal has failed, which takes as long again.
type pulse struct {
	clock  func() time.Time
	beats  func() (<-chan time.Time, func())
	longer time.Duration
}

func newPulse() *pulse {
	return &pulse{clock: time.Now, longer: standstill, beats: func() (<-chan time.Time, func()) {
		ticker := time.NewTicker(beat)
		return ticker.C, ticker.Stop
	}}
}

// NeedLeaderElection says that only a leader is watched.
func (*pulse) NeedLeaderElection() bool { return true }

// Start returns an error, which ends the operator, when the leader has stood still.
func (p *pulse) Start(ctx context.Context) error {
	beats, stop := p.beats()
	defer stop()
	for last := p.clock(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-beats:
		}
		now := p.clock()
		if stood := elapsed(last, now); stood > p.longer {
			return fmt.Errorf("this replica stood still for %s and may not lead any more", stood.Round(time.Second))
		}
		last = now
	}
}

// elapsed is the time between two moments: the clock that only runs on stands still while a machine is suspended, the other one may be set.
func elapsed(from, to time.Time) time.Duration {
	return max(to.Sub(from), to.Round(0).Sub(from.Round(0)))
}
