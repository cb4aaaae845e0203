package serving

import (
	"context"
	"slices"
	"sync"
	"time"
)

// fairQueue admits a few holders at once and queues the others. The next one admitted is of the source address with
// the fewest active holders, and of those the first to come. While somebody waits, a holder is evicted after maxHold.
type fairQueue struct {
	capacity int
	maxHold  time.Duration

	mu              sync.Mutex
	active, waiting []*ticket // by when they were admitted, and by when they came
}

type ticket struct {
	source string
	// cancel ends the holder's work; nil if that ends by itself.
	cancel    func()
	cancelled bool // cancel has been called
	since     time.Time
	admitted  chan struct{}
}

// acquire waits until there is room or the context ends. The caller must call release.
func (q *fairQueue) acquire(ctx context.Context, source string, cut func()) (leave func(), err error) {
	t := &ticket{source: source, cancel: cut, admitted: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, t)
	q.admit()
	q.mu.Unlock()
	for {
		late := time.NewTimer(q.evictOverdue())
		select {
		case <-t.admitted:
			late.Stop()
			return func() { q.release(t) }, nil
		case <-ctx.Done():
			late.Stop()
			q.release(t)
			return nil, ctx.Err()
		case <-late.C:
		}
	}
}

func (q *fairQueue) release(t *ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	is := func(other *ticket) bool { return other == t }
	q.active = slices.DeleteFunc(q.active, is)
	q.waiting = slices.DeleteFunc(q.waiting, is)
	q.admit()
}

// admit admits waiting tickets while there is room.
func (q *fairQueue) admit() {
	for len(q.active) < q.capacity && len(q.waiting) > 0 {
		inside := map[string]int{}
		for _, t := range q.active {
			inside[t.source]++
		}
		first := 0
		for i, t := range q.waiting {
			if inside[t.source] < inside[q.waiting[first].source] {
				first = i
			}
		}
		t := q.waiting[first]
		q.waiting = slices.Delete(q.waiting, first, first+1)
		q.active = append(q.active, t)
		t.since = time.Now()
		close(t.admitted)
	}
}

// evictOverdue cancels holders beyond maxHold, as many as are waiting, and returns when to check again.
func (q *fairQueue) evictOverdue() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	needed := len(q.waiting)
	for _, t := range q.active {
		if t.cancelled {
			needed--
		}
	}
	for _, t := range q.active {
		if t.cancelled || t.cancel == nil {
			continue
		}
		if rest := q.maxHold - time.Since(t.since); rest > 0 || needed <= 0 {
			return max(rest, time.Second)
		}
		t.cancelled = true
		needed--
		t.cancel()
	}
	return max(q.maxHold, time.Second)
}
