package exporter

import (
	"cmp"
	ordered "container/heap"
	"sync/atomic"
)

// share is what the objects of a namespace have of the budget.
type share struct {
	namespace string
	// first is that the namespace is served before all others, whatever these have.
	first bool
	// compatible is that its objects are told of in the families that Flux once had, too. A scrape reads it.
	compatible atomic.Bool
	// served and left are its objects. Of what is served the last is the first to go, of what is left out the first is the first to come.
	served, left queue
	// extra is what the served objects count beyond their series.
	extra int
	// richest and poorest are the positions in the rankings; unranked is that it is in none.
	richest, poorest int
}

const (
	// seriesOfObject is how many series there may be of an object: its state, and two times while it is not ready. It counts with all of them
	// from the beginning, so that objects that fail need no room that others have.
	seriesOfObject = 3
	// seriesOfCompatibility is how many an object has besides, where compatibility is wanted.
	seriesOfCompatibility = 5
	// extraSeries is how many bytes of text count as another series. The first are free.
	extraSeries = 1 << 10
)

func newShare(namespace string) *share {
	return &share{namespace: namespace, served: queue{last: true}, richest: unranked, poorest: unranked}
}

// series is how many series an object of the namespace counts.
func (s *share) series() int {
	if s.compatible.Load() {
		return seriesOfObject + seriesOfCompatibility
	}
	return seriesOfObject
}

// size is what an object of the namespace counts.
func (s *share) size(of *seat) int { return s.series() + int(of.extra) }

// used is what all that are served count.
func (s *share) used() int { return len(s.served.seats)*s.series() + s.extra }

func (s *share) empty() bool { return len(s.served.seats)+len(s.left.seats) == 0 }

// ranking orders namespaces, and knows the first.
type ranking struct {
	shares []*share
	// before is the order, and at where a namespace keeps its position.
	before func(a, b *share) bool
	at     func(*share) *int
}

// unranked is the position of a namespace that is not in the ranking.
const unranked = -1

// richest ranks by who has to give something first: those that do not come first, then those that have most.
func richest() ranking {
	return ranking{at: func(s *share) *int { return &s.richest }, before: func(a, b *share) bool {
		if a.first != b.first {
			return b.first
		}
		return cmp.Or(cmp.Compare(b.used(), a.used()), cmp.Compare(a.namespace, b.namespace)) < 0
	}}
}

// poorest ranks by who gets something first: those that come first, then those that have least.
func poorest() ranking {
	return ranking{at: func(s *share) *int { return &s.poorest }, before: func(a, b *share) bool {
		if a.first != b.first {
			return a.first
		}
		return cmp.Or(cmp.Compare(a.used(), b.used()), cmp.Compare(a.namespace, b.namespace)) < 0
	}}
}

// first is the first; nil where there is none.
func (r *ranking) first() *share {
	if len(r.shares) == 0 {
		return nil
	}
	return r.shares[0]
}

// rank puts a namespace where it belongs, or takes it out.
func (r *ranking) rank(s *share, in bool) {
	at := *r.at(s)
	switch {
	case in && at == unranked:
		ordered.Push(r, s)
	case in:
		ordered.Fix(r, at)
	case at != unranked:
		ordered.Remove(r, at)
	}
}

// Len satisfies heap.Interface.
func (r *ranking) Len() int { return len(r.shares) }

// Less satisfies heap.Interface.
func (r *ranking) Less(i, j int) bool { return r.before(r.shares[i], r.shares[j]) }

// Swap satisfies heap.Interface.
func (r *ranking) Swap(i, j int) {
	r.shares[i], r.shares[j] = r.shares[j], r.shares[i]
	*r.at(r.shares[i]), *r.at(r.shares[j]) = i, j
}

// Push satisfies heap.Interface.
func (r *ranking) Push(item any) {
	s := item.(*share)
	*r.at(s) = len(r.shares)
	r.shares = append(r.shares, s)
}

// Pop satisfies heap.Interface.
func (r *ranking) Pop() any {
	last := len(r.shares) - 1
	s := r.shares[last]
	r.shares[last] = nil
	r.shares = r.shares[:last]
	*r.at(s) = unranked
	return s
}
