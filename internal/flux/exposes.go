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
	// Guide is that the source serves the two families of Flux's guide, StateCondition and StateSuspended, as well.
	Guide bool
}

// Exposes reports whether samples of this name, such as gotk_reconcile_duration_seconds_count, reach Prometheus: some
// installed controller exposes the family in its version and the scrape keeps it, or it is one of the recorded
// flux:resource series and the source of object state tells what it is recorded from. Where the version is unknown the
// current one is assumed. A metric that is not Flux's is not exposed.
func (e Exposure) Exposes(metric string) bool {
	switch {
	case IsRecorded(metric):
		return slices.Contains(e.Recorded(), metric)
	case slices.Contains(WorkRecords(), metric):
		return e.Flux.exposes("gotk_reconcile_duration_seconds_count")
	}
	if e.State.Exposes(metric) || e.Guide && (metric == StateCondition || metric == StateSuspended) {
		return true
	}
	return e.Cardinality.keeps(metric) && e.Flux.exposes(metric)
}

// Knows reports whether it is known who exposes samples of this name, on any version of Flux, or records it, from any source of
// object state. Of others nothing can be said: controllers expose more than Families has.
func Knows(metric string) bool {
	has := func(f Family) bool { return f.has(metric) }
	return slices.ContainsFunc(slices.Concat(families, beside, stateFamilies), has) || slices.Contains(WorkRecords(), metric) ||
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
		return slices.Contains([]string{StateInfo, StateNotReadySince, StateCount, StateOmitted, StateUnreadable}, metric)
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
	if e.State == Controllers && !e.Flux.Partly() {
		return nil
	}
	return e.State.Records()
}

// Tells reports whether the source of object state tells which of the kind's objects are ready. Controllers stopped at
// different versions, so they may tell it of some kinds alone; flux-operator knows the kinds of Flux and its own.
func (e Exposure) Tells(kind string) bool {
	switch e.State {
	case Exporter, KubeStateMetrics:
		return true
	case OperatorReport:
		return !slices.ContainsFunc(kinds, func(k Kind) bool { return k.Name == kind && k.Component == MonitoringOperator })
	case Controllers:
		return e.Flux.TellsStateOf(kind)
	}
	return false
}

// TellsStateOf reports whether the kind's own controller tells which of its objects are ready.
func (i Installation) TellsStateOf(kind string) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		return k.Name == kind && slices.ContainsFunc(families, func(f Family) bool {
			return f.has(StateCondition) && slices.Contains(f.Components, k.Component) &&
				i.runs(k.Component, f.Since, f.Until)
		})
	})
}

// Untold returns the kinds that the installed controllers reconcile and of whose state they do not tell, in the order of
// Kinds.
func (i Installation) Untold() []string {
	var untold []string
	for _, k := range kinds {
		if i.Reconciles(k.Name) && !i.TellsStateOf(k.Name) {
			untold = append(untold, k.Name)
		}
	}
	return untold
}

// Partly reports whether the controllers tell the state of some kinds.
func (i Installation) Partly() bool { return i.exposes(StateCondition) }

// exposes reports whether some installed controller exposes the samples of this name in its version.
func (i Installation) exposes(metric string) bool {
	return slices.ContainsFunc(slices.Concat(families, beside), func(f Family) bool {
		return f.has(metric) && i.runsAnyOf(f)
	})
}

func (i Installation) runsAnyOf(f Family) bool {
	if len(f.Components) == 0 {
		return i.runs("", f.Since, f.Until)
	}
	return slices.ContainsFunc(f.Components, func(component string) bool {
		return i.runs(component, f.Since, f.Until)
	})
}
