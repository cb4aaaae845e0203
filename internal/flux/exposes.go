package flux

import "slices"

// Exposes reports whether samples of this name, such as gotk_reconcile_duration_seconds_count, reach Prometheus from
// this installation when it is scraped at this cardinality: some installed controller exposes the family in its version
// and the scrape keeps it. Where the version is unknown the current one is assumed. The recorded flux:resource series
// follow ExposesObjectState. A metric that is not Flux's is not exposed.
func (i Installation) Exposes(metric string, c Cardinality) bool {
	if IsRecorded(metric) {
		return i.ExposesObjectState()
	}
	if !c.keeps(metric) {
		return false
	}
	return slices.ContainsFunc(families, func(f Family) bool {
		return f.has(metric) && i.runsAnyOf(f)
	})
}

// ExposesObjectState reports whether the controllers themselves tell which objects are ready and which are suspended.
// They did until Flux 2.4.
func (i Installation) ExposesObjectState() bool {
	return i.Exposes("gotk_reconcile_condition", Full)
}

// ExposesStateOf reports whether the kind's own controller tells which of its objects are ready. Controllers stopped at
// different versions, so ExposesObjectState can hold and this not.
func (i Installation) ExposesStateOf(kind string) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		return k.Name == kind && slices.ContainsFunc(families, func(f Family) bool {
			return f.has("gotk_reconcile_condition") && slices.Contains(f.Components, k.Component) &&
				i.runs(k.Component, f.Since, f.Until)
		})
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
