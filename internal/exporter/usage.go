package exporter

import (
	"cmp"
	ordered "container/heap"
	"sync/atomic"
)

// namespaceUsage is how much of the series limit the objects of one namespace use.
type namespaceUsage struct {
	namespace string
	// prioritized namespaces are served before all others.
	prioritized bool
	// legacyMetrics: the legacy metrics are exported too. Scrapes read it.
	legacyMetrics atomic.Bool
	// served and omitted objects. The last one served is the first to be omitted, and the first one omitted the first
	// to be admitted.
	served, omitted trackedHeap
	// extraSeries is what the served objects count for beyond their own series.
	extraSeries int
	// richestIndex and poorestIndex are positions in the heaps of the limiter, or notInHeap.
	richestIndex, poorestIndex int
}

const (
	// seriesPerObject: the state, and two times while the object is not ready. All are counted from the start, so
	// that an object that begins to fail needs no room of others.
	seriesPerObject = 3
	// legacySeriesPerObject is how many series an object has in the legacy metrics.
	legacySeriesPerObject = 5
	// bytesPerExtraSeries: each so many bytes of text count as another series, the first excepted.
	bytesPerExtraSeries = 1 << 10
)

func newNamespaceUsage(namespace string) *namespaceUsage {
	return &namespaceUsage{namespace: namespace, served: trackedHeap{reversed: true}, richestIndex: notInHeap, poorestIndex: notInHeap}
}

// seriesPerObject is how many series an object of the namespace counts for.
func (u *namespaceUsage) seriesPerObject() int {
	if u.legacyMetrics.Load() {
		return seriesPerObject + legacySeriesPerObject
	}
	return seriesPerObject
}

// cost is how many series this object counts for.
func (u *namespaceUsage) cost(t *tracked) int { return u.seriesPerObject() + int(t.extraSeries) }

// used is how many series all served objects count for.
func (u *namespaceUsage) used() int { return len(u.served.objects)*u.seriesPerObject() + u.extraSeries }

func (u *namespaceUsage) isEmpty() bool { return len(u.served.objects)+len(u.omitted.objects) == 0 }

// usageHeap is a heap of namespaces.
type usageHeap struct {
	usages []*namespaceUsage
	// less orders the heap, and index returns where a namespace keeps its position.
	less  func(a, b *namespaceUsage) bool
	index func(*namespaceUsage) *int
}

// notInHeap is the position of a namespace that is not in the heap.
const notInHeap = -1

// newRichestHeap orders by who must give up an object first: those that are not prioritized, then those with most
// series.
func newRichestHeap() usageHeap {
	return usageHeap{index: func(s *namespaceUsage) *int { return &s.richestIndex }, less: func(a, b *namespaceUsage) bool {
		if a.prioritized != b.prioritized {
			return b.prioritized
		}
		return cmp.Or(cmp.Compare(b.used(), a.used()), cmp.Compare(a.namespace, b.namespace)) < 0
	}}
}

// newPoorestHeap orders by who gets an object first: those that are prioritized, then those with fewest series.
func newPoorestHeap() usageHeap {
	return usageHeap{index: func(s *namespaceUsage) *int { return &s.poorestIndex }, less: func(a, b *namespaceUsage) bool {
		if a.prioritized != b.prioritized {
			return a.prioritized
		}
		return cmp.Or(cmp.Compare(a.used(), b.used()), cmp.Compare(a.namespace, b.namespace)) < 0
	}}
}

// first returns the top of the heap; nil if it is empty.
func (r *usageHeap) first() *namespaceUsage {
	if len(r.usages) == 0 {
		return nil
	}
	return r.usages[0]
}

// update moves a namespace to its position, adds it, or removes it.
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
