package exporter

import (
	"cmp"
	ordered "container/heap"
	"sync/atomic"
)

// namespaceUsage is what the objects of a namespace have of the budget.
type namespaceUsage struct {
	namespace string
	// prioritized is that the namespace is served before all others, whatever these have.
	prioritized bool
	// legacyMetrics is that its objects are told of in the families that Flux once had, too. A scrape reads it.
	legacyMetrics atomic.Bool
	// served and left are its objects. Of what is served the last is the first to go, of what is left out the first is the first to come.
	served, omitted trackedHeap
	// extraSeries is what the served objects count beyond their series.
	extraSeries int
	// richestIndex and poorest are the positions in the rankings; unranked is that it is in none.
	richestIndex, poorestIndex int
}

const (
	// seriesPerObject is how many series there may be of an object: its state, and two times while it is not ready. It counts with all of them
	// from the beginning, so that objects that fail need no room that others have.
	seriesPerObject = 3
	// legacySeriesPerObject is how many an object has besides, where compatibility is wanted.
	legacySeriesPerObject = 5
	// bytesPerExtraSeries is how many bytes of text count as another series. The first are free.
	bytesPerExtraSeries = 1 << 10
)

func newNamespaceUsage(namespace string) *namespaceUsage {
	return &namespaceUsage{namespace: namespace, served: trackedHeap{reversed: true}, richestIndex: notInHeap, poorestIndex: notInHeap}
}

// seriesPerObject is how many series an object of the namespace counts.
func (u *namespaceUsage) seriesPerObject() int {
	if u.legacyMetrics.Load() {
		return seriesPerObject + legacySeriesPerObject
	}
	return seriesPerObject
}

// cost is what an object of the namespace counts.
func (u *namespaceUsage) cost(t *tracked) int { return u.seriesPerObject() + int(t.extraSeries) }

// used is what all that are served count.
func (u *namespaceUsage) used() int { return len(u.served.objects)*u.seriesPerObject() + u.extraSeries }

func (u *namespaceUsage) isEmpty() bool { return len(u.served.objects)+len(u.omitted.objects) == 0 }

// usageHeap orders namespaces, and knows the first.
type usageHeap struct {
	usages []*namespaceUsage
	// less is the order, and at where a namespace keeps its position.
	less  func(a, b *namespaceUsage) bool
	index func(*namespaceUsage) *int
}

// notInHeap is the position of a namespace that is not in the ranking.
const notInHeap = -1

// newRichestHeap ranks by who has to give something first: those that do not come first, then those that have most.
func newRichestHeap() usageHeap {
	return usageHeap{index: func(s *namespaceUsage) *int { return &s.richestIndex }, less: func(a, b *namespaceUsage) bool {
		if a.prioritized != b.prioritized {
			return b.prioritized
		}
		return cmp.Or(cmp.Compare(b.used(), a.used()), cmp.Compare(a.namespace, b.namespace)) < 0
	}}
}

// newPoorestHeap ranks by who gets something first: those that come first, then those that have least.
func newPoorestHeap() usageHeap {
	return usageHeap{index: func(s *namespaceUsage) *int { return &s.poorestIndex }, less: func(a, b *namespaceUsage) bool {
		if a.prioritized != b.prioritized {
			return a.prioritized
		}
		return cmp.Or(cmp.Compare(a.used(), b.used()), cmp.Compare(a.namespace, b.namespace)) < 0
	}}
}

// first is the first; nil where there is none.
func (r *usageHeap) first() *namespaceUsage {
	if len(r.usages) == 0 {
		return nil
	}
	return r.usages[0]
}

// update puts a namespace where it belongs, or takes it out.
func (r *usageHeap) update(s *namespaceUsage, member bool) {
	at := *r.index(s)
	switch {
	case member && at == notInHeap:
		ordered.Push(r, s)
	case member:
		ordered.Fix(r, at)
	case at != notInHeap:
		ordered.Remove(r, at)
	}
}

// Len satisfies heap.Interface.
func (r *usageHeap) Len() int { return len(r.usages) }

// Less satisfies heap.Interface.
func (r *usageHeap) Less(i, j int) bool { return r.less(r.usages[i], r.usages[j]) }

// Swap satisfies heap.Interface.
func (r *usageHeap) Swap(i, j int) {
	r.usages[i], r.usages[j] = r.usages[j], r.usages[i]
	*r.index(r.usages[i]), *r.index(r.usages[j]) = i, j
}

// Push satisfies heap.Interface.
func (r *usageHeap) Push(item any) {
	s := item.(*namespaceUsage)
	*r.index(s) = len(r.usages)
	r.usages = append(r.usages, s)
}

// Pop satisfies heap.Interface.
func (r *usageHeap) Pop() any {
	last := len(r.usages) - 1
	s := r.usages[last]
	r.usages[last] = nil
	r.usages = r.usages[:last]
	*r.index(s) = notInHeap
	return s
}
