package serving

import (
	"context"
	"slices"
	"sync"
	"time"
)

// line lets a few in at once, and has the others wait. The next is one whose source address has the fewest inside; among those, who
// came first. While somebody waits, one who has been inside for longer than share has to give way.
type line struct {
	room  int
	share time.Duration

	mu              sync.Mutex
	inside, waiting []*turn // those inside by when they were let in, those waiting by when they came
}

type turn struct {
	source string
	// cut ends what is done inside; nil for what ends by itself.
	cut      func()
	gone     bool // cut has been called
	since    time.Time
	admitted chan struct{}
}

// enter waits until there is room, or the context ends. Whoever is let in has to call leave.
func (l *line) enter(ctx context.Context, source string, cut func()) (leave func(), err error) {
	t := &turn{source: source, cut: cut, admitted: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, t)
	l.admit()
	l.mu.Unlock()
	for {
		late := time.NewTimer(l.giveWay())
		select {
		case <-t.admitted:
			late.Stop()
			return func() { l.leave(t) }, nil
		case <-ctx.Done():
			late.Stop()
			l.leave(t)
			return nil, ctx.Err()
		case <-late.C:
		}
	}
}

func (l *line) leave(t *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	is := func(other *turn) bool { return other == t }
	l.inside = slices.DeleteFunc(l.inside, is)
	l.waiting = slices.DeleteFunc(l.waiting, is)
	l.admit()
}

// admit lets in whom there is room for.
func (l *line) admit() {
	for len(l.inside) < l.room && len(l.waiting) > 0 {
		inside := map[string]int{}
		for _, t := range l.inside {
			inside[t.source]++
		}
		first := 0
		for i, t := range l.waiting {
			if inside[t.source] < inside[l.waiting[first].source] {
				first = i
			}
		}
		t := l.waiting[first]
		l.waiting = slices.Delete(l.waiting, first, first+1)
		l.inside = append(l.inside, t)
		t.since = time.Now()
		close(t.admitted)
	}
}

// giveWay cuts off those who have had their share, as many as wait, and returns when there is somebody to cut off again.
func (l *line) giveWay() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	wanted := len(l.waiting)
	for _, t := range l.inside {
		if t.gone {
			wanted--
		}
	}
	for _, t := range l.inside {
		if t.gone || t.cut == nil {
			continue
		}
		if rest := l.share - time.Since(t.since); rest > 0 || wanted <= 0 {
			return max(rest, time.Second)
		}
		t.gone = true
		wanted--
		t.cut()
	}
	return max(l.share, time.Second)
}
