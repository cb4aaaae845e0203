package controllers

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// beating is a pulse whose clock shows these moments, counted from the first, one at each beat.
func beating(moments ...time.Duration) *pulse {
	beats := make(chan time.Time)
	shown, begin := 0, time.Now()
	return &pulse{
		longer: standstill,
		clock: func() time.Time {
			moment := begin.Add(moments[shown])
			shown++
			return moment
		},
		beats: func() (<-chan time.Time, func()) {
			go func() {
				for range len(moments) - 1 {
					beats <- time.Time{}
				}
			}()
			return beats, func() {}
		},
	}
}

func TestALeaderThatPausedBeyondItsLeaseEnds(t *testing.T) {
	g := NewWithT(t)
	p := beating(0, time.Second, 2*time.Second, 17*time.Second)
	g.Expect(p.Start(t.Context())).To(MatchError("this replica stood still for 15s and may not lead any more"))
	g.Expect(p.NeedLeaderElection()).To(BeTrue())
}

func TestALeaderOnABusyMachineContinues(t *testing.T) {
	g := NewWithT(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p := beating(0, time.Second, 9*time.Second, 19*time.Second)
	go func() { ended <- p.Start(ctx) }()
	g.Consistently(ended).WithTimeout(100 * time.Millisecond).ShouldNot(Receive())
	stop()
	g.Eventually(ended).Should(Receive(BeNil()))
}

func TestElapsedTimeIncludesASuspendedMachine(t *testing.T) {
	g := NewWithT(t)
	from := time.Now()
	g.Expect(elapsed(from, from.Add(time.Minute))).To(Equal(time.Minute))
	// One reading has no monotonic clock, as if that had stood still.
	g.Expect(elapsed(from, from.Add(time.Minute).Round(0))).To(BeNumerically("~", time.Minute, time.Millisecond))
	// A clock that is set back does not make it negative.
	g.Expect(elapsed(from, from.Add(time.Second))).To(Equal(time.Second))
}
