package exporter

import (
	"maps"
	"slices"
)

// name takes up which objects nest too deeply, and reports whether they are others than before.
func (s *store) name() bool {
	before := s.nested.Load()
	if before == nil && len(s.deep) == 0 || before != nil && len(*before) == len(s.deep) && !slices.ContainsFunc(*before, s.isNot) {
		return false
	}
	s.nested.Store(new(slices.Sorted(maps.Keys(s.deep))))
	return true
}

// isNot reports whether an object does not nest too deeply.
func (s *store) isNot(key string) bool { return !s.deep[key] }

// tooDeep are the keys of the objects that nest too deeply for others, sorted.
func (s *store) tooDeep() []string {
	if nested := s.nested.Load(); nested != nil {
		return *nested
	}
	return nil
}
