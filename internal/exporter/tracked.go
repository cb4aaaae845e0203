package exporter

import (
	"cmp"
	ordered "container/heap"
)

// tracked is an object's part in the budget: where it stands among those that are served of its namespace, or among those that are left out.
type tracked struct {
	store *store
	usage *namespaceUsage
	key   string
	// entry is what is kept of an object that is not in the index. Its text is empty, but while the change that brought it goes on.
	entry *entry
	// extraSeries is what the object counts beyond its series.
	extraSeries int32
	// heapIndex is the position in the queue it is in.
	heapIndex int32
	// slot is where the object is in the index; noPlace is that it is not served.
	slot int32
	// admitted is that the object is to be served. It is once it has a place.
	admitted bool
	// rereadQueued is that its text is going to be read again.
	rereadQueued bool
}

// noSlot is the place of an object that is not in the index.
const noSlot = -1

// precedes is the order in which the objects of a namespace are served. It depends on their names alone, so that neither the order in
// which they come nor a restart changes which are.
func (s *tracked) precedes(other *tracked) bool {
	a, b := s.store.schema.kind, other.store.schema.kind
	return cmp.Or(cmp.Compare(s.key, other.key), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Group, b.Group)) < 0
}

// lastKnown is what is known of the object.
func (s *tracked) lastKnown() *entry {
	if s.slot != noSlot {
		return s.store.entries.get(int(s.slot))
	}
	return s.entry
}

// trackedHeap are objects of one namespace, of which the first is known. It is put in order when somebody first asks for that: below the limit
// nobody does.
type trackedHeap struct {
	objects []*tracked
	// reversed is that what is first is what comes last by name.
	reversed    bool
	initialized bool
}

// first is the first; nil where there is none.
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
