package exporter

import (
	"cmp"
	"slices"
)

// Replace replaces all objects.
func (s *store) Replace(items []any, _ string) error {
	first := false
	s.update(func() {
		s.removeAbsent(items)
		s.releasePrevious()
		for _, o := range sortedByKey(items) {
			s.upsert(o)
		}
		s.previous, first = nil, !s.synced.Swap(true)
	})
	if first {
		s.changed()
	}
	return nil
}

// removeAbsent removes the objects that are not among the items.
func (s *store) removeAbsent(items []any) {
	present := make(map[string]struct{}, len(items))
	for _, item := range items {
		if o, ok := item.(*object); ok {
			present[o.key] = struct{}{}
		}
	}
	for key := range s.tracked {
		if _, is := present[key]; !is {
			s.remove(key)
		}
	}
}

// releasePrevious releases the series of the previous store, because this one exports the same objects.
func (s *store) releasePrevious() {
	if s.previous != nil {
		s.previous.release()
	}
}

// sortedByKey returns the objects sorted by key.
func sortedByKey(items []any) []*object {
	objects := make([]*object, 0, len(items))
	for _, item := range items {
		if o, ok := item.(*object); ok {
			objects = append(objects, o)
		}
	}
	slices.SortFunc(objects, func(a, b *object) int { return cmp.Compare(a.key, b.key) })
	return objects
}
