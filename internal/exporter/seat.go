package exporter

import (
	"cmp"
	ordered "container/heap"
)

// seat is an object's part in the budget: where it stands among those that are served of its namespace, or among those that are left out.
type seat struct {
	store *store
	share *share
	key   string
	// entry is what is kept of an object that is not in the index. Its text is empty, but while the change that brought it goes on.
	entry *entry
	// extra is what the object counts beyond its series.
	extra int32
	// at is the position in the queue it is in.
	at int32
	// place is where the object is in the index; noPlace is that it is not served.
	place int32
	// seated is that the object is to be served. It is once it has a place.
	seated bool
	// awaited is that its text is going to be read again.
	awaited bool
}

// noPlace is the place of an object that is not in the index.
const noPlace = -1

// precedes is the order in which the objects of a namespace are served. It depends on their names alone, so that neither the order in
// which they come nor a restart changes which are.
func (s *seat) precedes(other *seat) bool {
	a, b := s.store.form.kind, other.store.form.kind
	return cmp.Or(cmp.Compare(s.key, other.key), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Group, b.Group)) < 0
}

// known is what is known of the object.
func (s *seat) known() *entry {
	if s.place != noPlace {
		return s.store.entries.get(int(s.place))
	}
	return s.entry
}

// queue are objects of one namespace, of which the first is known. It is put in order when somebody first asks for that: below the limit
// nobody does.
type queue struct {
	seats []*seat
	// last is that what is first is what comes last by name.
	last    bool
	inOrder bool
}

// first is the first; nil where there is none.
func (q *queue) first() *seat {
	if len(q.seats) == 0 {
		return nil
	}
	if !q.inOrder {
		ordered.Init(q)
		q.inOrder = true
	}
	return q.seats[0]
}

func (q *queue) add(s *seat) {
	if q.inOrder {
		ordered.Push(q, s)
	} else {
		q.Push(s)
	}
}

func (q *queue) remove(s *seat) {
	if q.inOrder {
		ordered.Remove(q, int(s.at))
	} else {
		q.Swap(int(s.at), len(q.seats)-1)
		q.Pop()
	}
}

// Len satisfies heap.Interface.
func (q *queue) Len() int { return len(q.seats) }

// Less satisfies heap.Interface.
func (q *queue) Less(i, j int) bool { return q.seats[i].precedes(q.seats[j]) != q.last }

// Swap satisfies heap.Interface.
func (q *queue) Swap(i, j int) {
	q.seats[i], q.seats[j] = q.seats[j], q.seats[i]
	q.seats[i].at, q.seats[j].at = int32(i), int32(j)
}

// Push satisfies heap.Interface.
func (q *queue) Push(item any) {
	s := item.(*seat)
	s.at = int32(len(q.seats))
	q.seats = append(q.seats, s)
}

// Pop satisfies heap.Interface.
func (q *queue) Pop() any {
	last := len(q.seats) - 1
	s := q.seats[last]
	q.seats[last] = nil
	q.seats = q.seats[:last]
	return s
}
