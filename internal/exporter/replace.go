package exporter

import (
	"cmp"
	"slices"
)

// Replace makes these all the objects there are. What is served already stays in its place.
func (s *store) Replace(items []any, _ string) error {
	first := false
	s.change(func() {
		s.removeOthers(items)
		s.takeOver()
		for _, o := range s.inOrder(items) {
			s.put(o)
		}
		s.before, first = nil, !s.synced.Swap(true)
	})
	if first {
		s.changed()
	}
	return nil
}

// removeOthers removes what is not among the items.
func (s *store) removeOthers(items []any) {
	among := make(map[string]struct{}, len(items))
	for _, item := range items {
		if o, ok := item.(*object); ok {
			among[o.key] = struct{}{}
		}
	}
	for key := range s.entries.places {
		if _, is := among[key]; !is {
			s.remove(key)
		}
	}
	for key := range s.leftOut {
		if _, is := among[key]; !is {
			s.remove(key)
		}
	}
}

// takeOver frees what the store before has used: this one serves the same objects instead.
func (s *store) takeOver() {
	if s.before != nil {
		s.before.release()
	}
}

// inOrder returns the objects that are served already, then the others, both by name.
func (s *store) inOrder(items []any) []*object {
	objects := make([]*object, 0, len(items))
	served := make(map[string]bool, len(items))
	for _, item := range items {
		if o, ok := item.(*object); ok {
			objects = append(objects, o)
			served[o.key] = s.known(o.key) != nil
		}
	}
	slices.SortFunc(objects, func(a, b *object) int {
		if served[a.key] != served[b.key] {
			if served[a.key] {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.key, b.key)
	})
	return objects
}
