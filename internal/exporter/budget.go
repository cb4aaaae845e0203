package exporter

import (
	ordered "container/heap"
	"sync"
)

// budget is how many series of objects may be served, of all kinds together. Its lock is that of every change of a store;
// readers need none.
type budget struct {
	mu   sync.Mutex
	max  int // 0 is no limit
	used int

	// leftOut are the objects that there is no room for, by how many series each has. So who is admitted next is seen at a glance:
	// one of those that came first among as many as there are sizes.
	leftOut map[int]*queue
	// arrivals is how many objects have been left out so far.
	arrivals uint64
}

// leftOut is an object that there is no room for.
type leftOut struct {
	store *store
	key   string
	entry *entry
	// arrival is its rank among all that have been left out, and at its place in its queue.
	arrival uint64
	at      int
}

// fits reports whether that many series more are within the limit.
func (b *budget) fits(series int) bool {
	return b.max == 0 || b.used+series <= b.max
}

// leave leaves out an object that comes after all others.
func (b *budget) leave(o *leftOut) {
	b.arrivals++
	o.arrival = b.arrivals
	b.push(o)
}

// push puts an object where its arrival and its size belong.
func (b *budget) push(o *leftOut) {
	if b.leftOut == nil {
		b.leftOut = map[int]*queue{}
	}
	size := o.entry.series()
	if b.leftOut[size] == nil {
		b.leftOut[size] = &queue{}
	}
	ordered.Push(b.leftOut[size], o)
}

// pull takes an object out.
func (b *budget) pull(o *leftOut) {
	size := o.entry.series()
	of := b.leftOut[size]
	ordered.Remove(of, o.at)
	if of.Len() == 0 {
		delete(b.leftOut, size)
	}
}

// admit has every object served that was left out and now fits: of those that fit the one that came first, until none does. What
// is served is never left out again for the sake of another, so that nothing comes and goes at the limit. It reports whether a
// kind has none left out any longer.
func (b *budget) admit() (changed bool) {
	var of map[*store]bool
	for o := b.next(); o != nil; o = b.next() {
		if of == nil {
			of = map[*store]bool{}
		}
		of[o.store] = true
		o.store.admit(o)
	}
	for s := range of {
		changed = s.count() || changed
	}
	return changed
}

// next is the object to admit; nil where none fits.
func (b *budget) next() *leftOut {
	var next *leftOut
	for size, of := range b.leftOut {
		if first := (*of)[0]; b.fits(size) && (next == nil || first.arrival < next.arrival) {
			next = first
		}
	}
	return next
}

// queue is a heap of objects of one size. The first that came is its first.
type queue []*leftOut

// Len satisfies heap.Interface.
func (q queue) Len() int { return len(q) }

// Less satisfies heap.Interface.
func (q queue) Less(i, j int) bool { return q[i].arrival < q[j].arrival }

// Swap satisfies heap.Interface.
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].at, q[j].at = i, j
}

// Push satisfies heap.Interface.
func (q *queue) Push(item any) {
	o := item.(*leftOut)
	o.at = len(*q)
	*q = append(*q, o)
}

// Pop satisfies heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	o := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return o
}
