package exporter

import (
	"cmp"
	"slices"
)

// Replace makes these all the objects there are.
func (s *store) Replace(items []any, _ string) error {
	first := false
	s.change(func() {
		s.removeOthers(items)
		s.takeOver()
		for _, o := range inOrder(items) {
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
	for key := range s.seats {
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

// inOrder returns the objects by name.
func inOrder(items []any) []*object {
	objects := make([]*object, 0, len(items))
	for _, item := range items {
		if o, ok := item.(*object); ok {
			objects = append(objects, o)
		}
	}
	slices.SortFunc(objects, func(a, b *object) int { return cmp.Compare(a.key, b.key) })
	return objects
}
