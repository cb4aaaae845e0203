package flux

import (
	"slices"
	"strings"
)

// Exposure is what Prometheus has about one installation: what its controllers export and the scrape keeps, and the
// state of its objects from one metrics source.
type Exposure struct {
	// Flux as observed.
	Flux Installation
	// Cardinality of the scrape.
	Cardinality Cardinality
	// State is the metrics source of objects; empty if there is none.
	State StateSource
	// LegacyMetrics: the source exports StateCondition and StateSuspended, too.
	LegacyMetrics bool
	// Served are the names of Flux's own kinds that the cluster serves; empty if unknown.
	Served []string
}

// Exposes reports whether Prometheus has samples of this name, such as gotk_reconcile_duration_seconds_count: an
// installed controller exports the family in its version and the scrape keeps it, or it is recorded from what the
// metrics source exports. A controller of unknown version or component can export what any does, so that no metric
// counts as absent because something was not recognised. Metrics that are not Flux's are not exposed.
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

// IsKnown reports whether any version of Flux or any metrics source exports samples of this name, or they are
// recorded. Nothing can be said about others: controllers export more than Families has.
func IsKnown(metric string) bool {
	has := func(f Family) bool { return f.has(metric) }
	return slices.ContainsFunc(slices.Concat(families, otherFamilies, stateFamilies), has) || slices.Contains(WorkRecords(), metric) ||
		slices.ContainsFunc(
			[]StateSource{Exporter, KubeStateMetrics, OperatorReport, Controllers},
			func(s StateSource) bool { return slices.Contains(s.Records(), metric) },
		)
}

// Exposes reports whether the source itself exports samples of this name, apart from the legacy metrics. What
// kube-state-metrics exports follows from the generated configuration, which has no counts.
func (s StateSource) Exposes(metric string) bool {
	switch s {
	case Exporter:
		return slices.Contains([]string{
			StateInfo, StateNotReadySince, StateDeadline, StateCount, StateOmitted, StateOmittedBy, StateTooDeep, StateUnreadable,
			StateNotificationsFailed,
		}, metric)
	case KubeStateMetrics:
		return metric == StateInfo
	case OperatorReport:
		return strings.HasPrefix(metric, "flux_") && strings.HasSuffix(metric, "_info")
	case Controllers:
	}
	return false
}

// Recorded returns the names of the flux:resource series that are recorded here.
func (e Exposure) Recorded() []string {
	if e.State == Controllers && !e.Flux.MayExposeState() {
		return nil
	}
	return e.State.Records()
}

// HasStateOf reports whether the metrics source can export the state of the kind's objects. Controllers stopped at
// different versions, so they can export that of some kinds only; flux-operator knows the kinds of Flux and its own.
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

// Reconciles reports whether objects of this kind can be reconciled: an observed controller does it or, if some are
// unknown, the cluster serves the kind.
func (e Exposure) Reconciles(kind string) bool {
	if e.Flux.Reconciles(kind) {
		return true
	}
	static := slices.ContainsFunc(kinds, func(k Kind) bool { return k.Name == kind && k.Static })
	return !e.Flux.IsComplete() && slices.Contains(e.Served, kind) && !static
}

// KindsOf returns the kinds of this role that can be reconciled, in the order of Kinds, without static kinds.
func (e Exposure) KindsOf(role Role) []string {
	var names []string
	for _, k := range kinds {
		if k.Role == role && e.Reconciles(k.Name) {
			names = append(names, k.Name)
		}
	}
	return names
}

// ExposesStateOf reports whether the kind's own controller is known to export the state of its objects.
func (i Installation) ExposesStateOf(kind string) bool { return exposesStateOf(kind, i.runs) }

// mayExposeStateOf reports whether it is possible: it is not known that it does not.
func (i Installation) mayExposeStateOf(kind string) bool { return exposesStateOf(kind, i.mayRun) }

func exposesStateOf(kind string, runs func(component, since, until string) bool) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		return k.Name == kind && slices.ContainsFunc(families, func(f Family) bool {
			return f.has(StateCondition) && slices.Contains(f.Components, k.Component) && runs(k.Component, f.Since, f.Until)
		})
	})
}

// KindsWithoutState returns the kinds whose state no controller is known to export, in the order of Kinds, out of
// those that the observed controllers reconcile and those of Flux that the cluster serves.
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

// ExposesSomeState reports whether the controllers are known to export the state of some kinds.
func (i Installation) ExposesSomeState() bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool { return i.ExposesStateOf(k.Name) })
}

// MayExposeStateOf reports whether the controllers possibly export the state of all these kinds.
func (i Installation) MayExposeStateOf(kinds []string) bool {
	return !slices.ContainsFunc(kinds, func(kind string) bool { return !i.mayExposeStateOf(kind) })
}

// MayExposeState reports whether they possibly export the state of any object.
func (i Installation) MayExposeState() bool { return i.exposes(StateCondition) }

// exposes reports whether an installed controller possibly exports samples of this name.
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
