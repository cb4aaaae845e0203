package exporter

import (
	"maps"
	"slices"
)

// updateTooDeep updates tooDeepNames, and reports whether they have changed.
func (s *store) updateTooDeep() bool {
	before := s.tooDeepNames.Load()
	if before == nil && len(s.tooDeepKeys) == 0 {
		return false
	}
	if before != nil && len(*before) == len(s.tooDeepKeys) && !slices.ContainsFunc(*before, s.isNotTooDeep) {
		return false
	}
	s.tooDeepNames.Store(new(slices.Sorted(maps.Keys(s.tooDeepKeys))))
	return true
}

// isNotTooDeep reports whether an object can be decoded by all clients.
func (s *store) isNotTooDeep(key string) bool { return !s.tooDeepKeys[key] }

// tooDeep are the keys of the objects that nest too deeply for other clients, sorted.
func (s *store) tooDeep() []string {
	if nested := s.tooDeepNames.Load(); nested != nil {
		return *nested
	}
	return nil
}
