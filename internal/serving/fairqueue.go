package serving

import (
	"context"
	"slices"
	"sync"
	"time"
)

// fairQueue lets a few in at once, and has the others wait. The next is one whose source address has the fewest inside; among those, who
// came first. While somebody waits, one who has been inside for longer than share has to give way.
type fairQueue struct {
	capacity int
	maxHold  time.Duration

	mu              sync.Mutex
	active, waiting []*ticket // those inside by when they were let in, those waiting by when they came
}

type ticket struct {
	source string
	// cancel ends what is done inside; nil for what ends by itself.
	cancel    func()
	cancelled bool // cut has been called
	since     time.Time
	admitted  chan struct{}
}

// acquire waits until there is room, or the context ends. Whoever is let in has to call leave.
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

// admit lets in whom there is room for.
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

// evictOverdue cuts off those who have had their share, as many as wait, and returns when there is somebody to cut off again.
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
