package exporter

import (
	"cmp"
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Health is what an Exporter has to say of itself.
type Health struct {
	// Limited is that MaxSeries leaves objects out of what is served.
	Limited bool
	// Omitting are the namespaces of which most objects are left out: the first few.
	Omitting []string
	// Failing are the kinds that cannot be read, by name.
	Failing []KindFault
	// TooDeep are objects that nest so deeply that other clients cannot list their kind, by kind, namespace and name: the first few. They are
	// served as others are.
	TooDeep []string
	// Listed is that each kind wanted at first has been listed, or could not be.
	Listed bool
	// Serving is that objects are served: Listed, and wanted so.
	Serving bool
	// Timings by the name of the kind, rounded up by flux.Waits.Coarse, of the kinds that have any; nil while none has. Those
	// of a kind that has not been listed yet are missing. Objects that are left out of what is served count.
	Timings map[string]flux.Waits
}

// KindFault is a kind that cannot be read, and why in a word, such as Forbidden.
type KindFault struct {
	Kind, Reason string
}

// IsUnreachable reports whether nothing answered at all.
func (f KindFault) IsUnreachable() bool { return f.Reason == reasonUnreachable }

// IsPersistent reports whether the fault stays until somebody acts.
func (f KindFault) IsPersistent() bool { return slices.Contains(persistentReasons, f.Reason) }

// health is what Health says, and what tell compares.
func (e *Exporter) health() Health {
	h := Health{Listed: e.ctx != nil && len(e.pending) == 0, Serving: e.view.Load() != nil}
	for id, f := range e.followers {
		if s := f.servingStore(); s != nil {
			h.Limited = h.Limited || !e.watchOnly && s.omitted.Load() > 0
			h.addTimings(id.name, s.timings.longestRounded())
			for _, key := range s.tooDeep() {
				h.TooDeep = append(h.TooDeep, id.name+" "+key)
			}
		}
		if f.fault != "" {
			h.Failing = append(h.Failing, KindFault{Kind: id.name, Reason: f.fault})
		}
	}
	slices.SortFunc(h.Failing, func(a, b KindFault) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reason, b.Reason))
	})
	slices.Sort(h.TooDeep)
	h.TooDeep = h.TooDeep[:min(len(h.TooDeep), maxNamed)]
	if h.Limited {
		h.Omitting = stableNames(e.limiter.mostOmitted(), e.reported.Omitting)
	}
	return h
}

// maxNamed is how many objects, or namespaces, are named at most.
const maxNamed = 3

// addTimings adds the waits of a kind where it has any.
func (h *Health) addTimings(kind string, timings flux.Waits) {
	if timings == (flux.Waits{}) {
		return
	}
	if h.Timings == nil {
		h.Timings = map[string]flux.Waits{}
	}
	h.Timings[kind] = timings
}
