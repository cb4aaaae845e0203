package alerts

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

const (
	// longNotReady is for how long many objects must be past their deadlines before it is worth a page.
	longNotReady = 10 * time.Minute
	// longestProgress caps a kind's longest timeout, which its objects have if no metric has their own.
	longestProgress = 2 * time.Hour
	// longestRecovery is the longest time that the dependents of a source have to become ready after the source is ready again.
	longestRecovery = 30 * time.Minute
	// noReconcileWindow is how far back FluxControllerNotReconciling looks if no interval is known, and shortestNoReconcileWindow the least.
	// longestNoReconcileWindow is the shortest retention to expect of a Prometheus: a controller with an interval longer than half of it has
	// no alert.
	noReconcileWindow         = 2 * time.Hour
	shortestNoReconcileWindow = time.Hour
	longestNoReconcileWindow  = 7 * 24 * time.Hour
	// longestReconcile caps the timeouts of objects.
	longestReconcile = 24 * time.Hour
)

// moveForIntoQuery moves an alert's pendingFor into its query, which counts the objects that have been past their deadlines for that long.
// The rule's own `for` would run for all objects together, and so continue while one object after another is not ready in turn.
func moveForIntoQuery(a alert) alert {
	pendingFor, err := model.ParseDuration(a.pendingFor)
	if err != nil {
		return a // an override is checked before, the catalogue by its tests
	}
	a.query = query.LongNotReadyRatio(time.Duration(pendingFor))
	a.description = strings.ReplaceAll(a.description, "$wait", a.pendingFor)
	a.pendingFor = ""
	return a
}

// timeouts are the longest of each kind that applies something, within bounds.
func (p Params) timeouts() map[string]time.Duration {
	of := map[string]time.Duration{}
	for _, k := range flux.Kinds() {
		if longest := min(p.Waits[k.Name].Timeout, longestProgress); k.Role == flux.RoleReconciler && longest > 0 {
			of[k.Name] = longest
		}
	}
	return of
}

// recovery is how long the dependents of a source may take to become ready after the source is ready again: the longest timeout and the
// longest interval between retries of the kinds that apply something, within bounds. It delays no alert on a failure. For so long the
// alert on the source keeps firing, and mutes the alerts on the dependents.
func (p Params) recovery() time.Duration {
	wait := time.Duration(0)
	for _, k := range flux.Kinds() {
		if k.Role == flux.RoleReconciler {
			own := p.Waits[k.Name]
			wait = max(wait, min(own.Timeout, longestRecovery)+min(own.Retry, longestRecovery))
		}
	}
	return min(max(longNotReady, coarse(wait)), longestRecovery)
}

// tuneThreshold gives each queue the longest timeout of its kind as threshold, in an alert on how long a reconciliation takes.
func tuneThreshold(a alert, p Params) alert {
	a.slack = nil
	for _, k := range flux.Kinds() {
		if longest := min(p.Waits[k.Name].Timeout, longestReconcile).Seconds(); longest > a.limit.value {
			a.slack = append(a.slack, slack{label: flux.LabelName, value: strings.ToLower(k.Name), limit: longest})
		}
	}
	return a
}

// tuneWindow makes an alert on a controller that does not reconcile look back twice the longest interval of the controller's objects.
func tuneWindow(a alert, p Params) alert {
	window := noReconcileWindow
	if longest := p.interval(); longest > 0 {
		window = max(coarse(2*longest), shortestNoReconcileWindow)
	}
	a.query = a.query.Over(written(window)).Ago(window)
	a.description = strings.ReplaceAll(a.description, "$window", written(window))
	return a
}

// does reports whether the component that is being rendered for reconciles a kind. A component that was not recognised may reconcile any.
func (p Params) does(k flux.Kind) bool {
	return k.Component == p.component || p.component == "" && k.IsFluxs()
}

// interval is the longest of the objects of the component that is being rendered for; 0 where it has none.
func (p Params) interval() time.Duration {
	longest := time.Duration(0)
	for _, k := range flux.Kinds() {
		if p.does(k) {
			longest = max(longest, p.Waits[k.Name].Interval)
		}
	}
	return longest
}

// hasScheduledWork reports whether the component that is being rendered for has objects that it reconciles at intervals short enough to see
// whether it does, or whether it has any is not known. Suspended objects are not reconciled.
func hasScheduledWork(p Params) bool {
	if p.Waits == nil || p.unknown() {
		return true
	}
	return p.interval() > 0 && p.interval() <= longestNoReconcileWindow/2
}

// unknown reports whether a kind of the component that is being rendered for cannot be read, and nothing is known of it.
func (p Params) unknown() bool {
	return slices.ContainsFunc(flux.Kinds(), func(k flux.Kind) bool {
		return p.does(k) && p.Waits[k.Name].Unknown && p.Waits[k.Name].Interval == 0
	})
}

// coarse rounds a wait up, so that rules do not change whenever an object does.
func coarse(d time.Duration) time.Duration {
	return flux.ReconcileTimings{Interval: d}.RoundUp().Interval
}

// written is a duration as Prometheus writes it.
func written(d time.Duration) string { return model.Duration(d).String() }
