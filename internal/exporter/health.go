package exporter

import (
	"cmp"
	"slices"
)

// Health is what an Exporter has to say of itself.
type Health struct {
	// Limited is that MaxSeries leaves objects out.
	Limited bool
	// Failing are the kinds that cannot be read, by name.
	Failing []KindFault
	// Serving is that objects are served: each kind wanted at first has been listed, or could not be.
	Serving bool
}

// KindFault is a kind that cannot be read, and why in a word, such as Forbidden.
type KindFault struct {
	Kind, Reason string
}

// health is what Health says, and what tell compares.
func (e *Exporter) health() Health {
	h := Health{Serving: e.view.Load() != nil}
	for id, f := range e.followers {
		if s := f.serves(); s != nil && s.omitted.Load() > 0 {
			h.Limited = true
		}
		if f.fault != "" {
			h.Failing = append(h.Failing, KindFault{Kind: id.name, Reason: f.fault})
		}
	}
	slices.SortFunc(h.Failing, func(a, b KindFault) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reason, b.Reason))
	})
	return h
}
