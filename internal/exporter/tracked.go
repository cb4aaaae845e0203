package exporter

import (
	"cmp"
	ordered "container/heap"
)

// tracked is the limiter's record of an object, which is either served or omitted.
type tracked struct {
	store *store
	usage *namespaceUsage
	key   string
	// entry of an object that is not in the index. Its text is dropped when the change that brought it is complete.
	entry *entry
	// extraSeries is what the object counts for beyond its own series.
	extraSeries int32
	// heapIndex is the position in the heap of its namespace.
	heapIndex int32
	// slot in the index, or noSlot.
	slot int32
	// admitted: the object is to be exported. It is exported once it has a slot.
	admitted bool
	// rereadQueued: its text is about to be read again.
	rereadQueued bool
}

// noSlot is the slot of an object that is not in the index.
const noSlot = -1

// precedes orders the objects of a namespace by name alone, so that neither the order of events nor a restart changes
// which are exported.
func (s *tracked) precedes(other *tracked) bool {
	a, b := s.store.schema.kind, other.store.schema.kind
	return cmp.Or(cmp.Compare(s.key, other.key), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Group, b.Group)) < 0
}

// lastKnown returns the object's entry.
func (s *tracked) lastKnown() *entry {
	if s.slot != noSlot {
		return s.store.entries.get(int(s.slot))
	}
	return s.entry
}

// trackedHeap is a heap of objects of one namespace. It is built when first is first called, which never happens
// below the limit.
type trackedHeap struct {
	objects []*tracked
	// reversed: the last object by name is the top.
	reversed    bool
	initialized bool
}

// first returns the top of the heap; nil if it is empty.
func (q *trackedHeap) first() *tracked {
	if len(q.objects) == 0 {
		return nil
	}
	if !q.initialized {
		ordered.Init(q)
		q.initialized = true
	}
	return q.objects[0]
}

func (q *trackedHeap) add(s *tracked) {
	if q.initialized {
		ordered.Push(q, s)
	} else {
		q.Push(s)
	}
}

func (q *trackedHeap) remove(s *tracked) {
	if q.initialized {
		ordered.Remove(q, int(s.heapIndex))
	} else {
		q.Swap(int(s.heapIndex), len(q.objects)-1)
		q.Pop()
	}
}

// Len satisfies heap.Interface.
func (q *trackedHeap) Len() int { return len(q.objects) }

// Less satisfies heap.Interface.
func (q *trackedHeap) Less(i, j int) bool { return q.objects[i].precedes(q.objects[j]) != q.reversed }

// Swap satisfies heap.Interface.
func (q *trackedHeap) Swap(i, j int) {
	q.objects[i], q.objects[j] = q.objects[j], q.objects[i]
	q.objects[i].heapIndex, q.objects[j].heapIndex = int32(i), int32(j)
}

// Push satisfies heap.Interface.
func (q *trackedHeap) Push(item any) {
	s := item.(*tracked)
	s.heapIndex = int32(len(q.objects))
	q.objects = append(q.objects, s)
}

// Pop satisfies heap.Interface.
func (q *trackedHeap) Pop() any {
	last := len(q.objects) - 1
	s := q.objects[last]
	q.objects[last] = nil
	q.objects = q.objects[:last]
	return s
}
