package exporter

import (
	"cmp"
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Health is the state of an Exporter.
type Health struct {
	// Limited: MaxSeries makes it omit objects.
	Limited bool
	// Omitting are the namespaces with most omitted objects, at most three.
	Omitting []string
	// Failing are the kinds that cannot be read, by name.
	Failing []KindFault
	// TooDeep are objects that nest so deeply that other clients cannot list their kind, as "Kind namespace/name", at
	// most three. They are exported like others.
	TooDeep []string
	// Listed: each of the first kinds has been listed, or could not be.
	Listed bool
	// Serving: objects are exported.
	Serving bool
	// Timings by kind, rounded up, including those of omitted objects. A kind is missing if it has none or has not
	// been listed.
	Timings map[string]flux.ReconcileTimings
}

// KindFault is a kind that cannot be read, with a reason such as Forbidden.
type KindFault struct {
	Kind, Reason string
}

// IsUnreachable reports whether the API server did not answer.
func (f KindFault) IsUnreachable() bool { return f.Reason == reasonUnreachable }

// IsPersistent reports whether the fault does not go away until somebody acts.
func (f KindFault) IsPersistent() bool { return slices.Contains(persistentReasons, f.Reason) }

// health computes Health.
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

// maxNamed is how many objects or namespaces Health names.
const maxNamed = 3

// addTimings adds the timings of a kind, if it has any.
func (h *Health) addTimings(kind string, timings flux.ReconcileTimings) {
	if timings == (flux.ReconcileTimings{}) {
		return
	}
	if h.Timings == nil {
		h.Timings = map[string]flux.ReconcileTimings{}
	}
	h.Timings[kind] = timings
}
