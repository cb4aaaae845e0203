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
	// Deep are objects that nest so deeply that other clients cannot list their kind, by kind, namespace and name: the first few. They are
	// served as others are.
	Deep []string
	// Listed is that each kind wanted at first has been listed, or could not be.
	Listed bool
	// Serving is that objects are served: Listed, and wanted so.
	Serving bool
	// Waits by the name of the kind, rounded up by flux.Waits.Coarse, of the kinds that have any; nil while none has. Those
	// of a kind that has not been listed yet are missing. Objects that are left out of what is served count.
	Waits map[string]flux.Waits
}

// KindFault is a kind that cannot be read, and why in a word, such as Forbidden.
type KindFault struct {
	Kind, Reason string
}

// Unreachable reports whether nothing answered at all.
func (f KindFault) Unreachable() bool { return f.Reason == unreachable }

// Lasting reports whether the fault stays until somebody acts.
func (f KindFault) Lasting() bool { return slices.Contains(lasting, f.Reason) }

// health is what Health says, and what tell compares.
func (e *Exporter) health() Health {
	h := Health{Listed: e.life != nil && len(e.gate) == 0, Serving: e.view.Load() != nil}
	for id, f := range e.followers {
		if s := f.serves(); s != nil {
			h.Limited = h.Limited || !e.silent && s.omitted.Load() > 0
			h.wait(id.name, s.waits.coarse())
			for _, key := range s.tooDeep() {
				h.Deep = append(h.Deep, id.name+" "+key)
			}
		}
		if f.fault != "" {
			h.Failing = append(h.Failing, KindFault{Kind: id.name, Reason: f.fault})
		}
	}
	slices.SortFunc(h.Failing, func(a, b KindFault) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reason, b.Reason))
	})
	slices.Sort(h.Deep)
	h.Deep = h.Deep[:min(len(h.Deep), mostNamed)]
	if h.Limited {
		h.Omitting = named(e.budget.omissions(), e.told.Omitting)
	}
	return h
}

// mostNamed is how many objects, or namespaces, are named at most.
const mostNamed = 3

// wait adds the waits of a kind where it has any.
func (h *Health) wait(kind string, w flux.Waits) {
	if w == (flux.Waits{}) {
		return
	}
	if h.Waits == nil {
		h.Waits = map[string]flux.Waits{}
	}
	h.Waits[kind] = w
}
