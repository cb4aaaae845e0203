package flux

import (
	"slices"
	"strings"
)

// Exposure is what reaches Prometheus of one installation: what its controllers expose and the scrape keeps, and the state
// of its objects from one source.
type Exposure struct {
	// Flux as it was found.
	Flux Installation
	// Cardinality of the scrape.
	Cardinality Cardinality
	// State is what tells the state of objects. Empty: nothing does.
	State StateSource
	// LegacyMetrics is that the source serves the two families of Flux's guide, StateCondition and StateSuspended, as well.
	LegacyMetrics bool
	// Served are the names of Flux's own kinds that the cluster serves; empty where that is not known.
	Served []string
}

// Exposes reports whether samples of this name, such as gotk_reconcile_duration_seconds_count, reach Prometheus: some
// installed controller exposes the family in its version and the scrape keeps it, or it is one of the recorded
// flux:resource series and the source of object state tells what it is recorded from. A controller whose version or component is
// not known may expose what any does: no metric is taken for absent because something was not recognised. A metric that is not
// Flux's is not exposed.
func (e Exposure) Exposes(metric string) bool {
	switch {
	case IsRecorded(metric):
		return slices.Contains(e.Recorded(), metric)
	case slices.Contains(WorkRecords(), metric):
		return e.Flux.exposes("gotk_reconcile_duration_seconds_count")
	}
	if e.State.Exposes(metric) || e.LegacyMetrics && (metric == StateCondition || metric == StateSuspended) {
		return true
	}
	return e.Cardinality.keeps(metric) && e.Flux.exposes(metric)
}

// IsKnown reports whether it is known who exposes samples of this name, on any version of Flux, or records it, from any source of
// object state. Of others nothing can be said: controllers expose more than Families has.
func IsKnown(metric string) bool {
	has := func(f Family) bool { return f.has(metric) }
	return slices.ContainsFunc(slices.Concat(families, otherFamilies, stateFamilies), has) || slices.Contains(WorkRecords(), metric) ||
		slices.ContainsFunc(
			[]StateSource{Exporter, KubeStateMetrics, OperatorReport, Controllers},
			func(s StateSource) bool { return slices.Contains(s.Records(), metric) },
		)
}

// Exposes reports whether the source itself exposes samples of this name. What kube-state-metrics exposes follows the
// configuration that is generated for it, which has no counts. The families of Flux's guide are not considered.
func (s StateSource) Exposes(metric string) bool {
	switch s {
	case Exporter:
		return slices.Contains([]string{
			StateInfo, StateNotReadySince, StateDeadline, StateCount, StateOmitted, StateOmittedBy, StateTooDeep, StateUnreadable,
		}, metric)
	case KubeStateMetrics:
		return metric == StateInfo
	case OperatorReport:
		return strings.HasPrefix(metric, "flux_") && strings.HasSuffix(metric, "_info")
	case Controllers:
	}
	return false
}

// Recorded returns the names of the flux:resource series that have samples here.
func (e Exposure) Recorded() []string {
	if e.State == Controllers && !e.Flux.MayExposeState() {
		return nil
	}
	return e.State.Records()
}

// HasStateOf reports whether the source of object state may tell which of the kind's objects are ready. Controllers stopped at
// different versions, so they may tell it of some kinds alone; flux-operator knows the kinds of Flux and its own.
func (e Exposure) HasStateOf(kind string) bool {
	switch e.State {
	case Exporter, KubeStateMetrics:
		return true
	case OperatorReport:
		return !slices.ContainsFunc(kinds, func(k Kind) bool { return k.Name == kind && k.Component == MonitoringOperator })
	case Controllers:
		return e.Flux.mayExposeStateOf(kind)
	}
	return false
}

// IsEmpty reports whether there is no sign of Flux: no controller, and none of its kinds.
func (e Exposure) IsEmpty() bool { return len(e.Flux.Controllers) == 0 && len(e.Served) == 0 }

// Reconciles reports whether objects of this kind may be reconciled: a controller found does it, or, where those are not all there
// are, the cluster serves the kind.
func (e Exposure) Reconciles(kind string) bool {
	if e.Flux.Reconciles(kind) {
		return true
	}
	return !e.Flux.IsComplete() && slices.Contains(e.Served, kind) && !slices.ContainsFunc(kinds, func(k Kind) bool { return k.Name == kind && k.Static })
}

// KindsOf returns the kinds of this role that may be reconciled, in the order of Kinds. Static kinds are left out.
func (e Exposure) KindsOf(role Role) []string {
	var names []string
	for _, k := range kinds {
		if k.Role == role && e.Reconciles(k.Name) {
			names = append(names, k.Name)
		}
	}
	return names
}

// ExposesStateOf reports whether the kind's own controller is known to tell which of its objects are ready.
func (i Installation) ExposesStateOf(kind string) bool { return exposesStateOf(kind, i.runs) }

// mayExposeStateOf reports whether it may: it is not known that it does not.
func (i Installation) mayExposeStateOf(kind string) bool { return exposesStateOf(kind, i.mayRun) }

func exposesStateOf(kind string, runs func(component, since, until string) bool) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		return k.Name == kind && slices.ContainsFunc(families, func(f Family) bool {
			return f.has(StateCondition) && slices.Contains(f.Components, k.Component) && runs(k.Component, f.Since, f.Until)
		})
	})
}

// KindsWithoutState returns the kinds of whose state no controller is known to tell, in the order of Kinds: of those that the controllers found
// reconcile, and of Flux's kinds that the cluster serves.
func (i Installation) KindsWithoutState(served ...string) []string {
	var names []string
	for _, k := range kinds {
		present := i.Reconciles(k.Name) || slices.Contains(served, k.Name)
		if present && k.IsFluxs() && !k.Static && !i.ExposesStateOf(k.Name) {
			names = append(names, k.Name)
		}
	}
	return names
}

// ExposesSomeState reports whether the controllers are known to tell the state of some kinds.
func (i Installation) ExposesSomeState() bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool { return i.ExposesStateOf(k.Name) })
}

// MayExposeStateOf reports whether the controllers may tell the state of all of these kinds: of none it is known that they do not.
func (i Installation) MayExposeStateOf(kinds []string) bool {
	return !slices.ContainsFunc(kinds, func(kind string) bool { return !i.mayExposeStateOf(kind) })
}

// MayExposeState reports whether they may tell the state of any objects.
func (i Installation) MayExposeState() bool { return i.exposes(StateCondition) }

// exposes reports whether some installed controller may expose the samples of this name.
func (i Installation) exposes(metric string) bool {
	return slices.ContainsFunc(slices.Concat(families, otherFamilies), func(f Family) bool {
		return f.has(metric) && i.mayRunAnyOf(f)
	})
}

func (i Installation) mayRunAnyOf(f Family) bool {
	if len(f.Components) == 0 {
		return i.mayRun("", f.Since, f.Until)
	}
	return slices.ContainsFunc(f.Components, func(component string) bool {
		return i.mayRun(component, f.Since, f.Until)
	})
}
