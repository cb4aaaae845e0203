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
	// patience is for how long an object may be not ready, at least, before it is worth a page, and longestPatience at most:
	// one object that may take a day must not keep everybody from hearing of all others. Who wants longer sets `for`.
	patience        = 10 * time.Minute
	longestPatience = 2 * time.Hour
	// silence is over how long it is judged whether a controller reconciles anything, where no interval is known, and
	// shortestSilence the least. longestSilence is as much as any Prometheus remembers: of a controller with a longer interval
	// than half of it nothing can be said.
	silence         = 2 * time.Hour
	shortestSilence = time.Hour
	longestSilence  = 7 * 24 * time.Hour
	// longestReconcile is the longest timeout that is taken for one.
	longestReconcile = 24 * time.Hour
)

// patient makes an alert wait until an object has had the time it may take, and one retry.
func patient(a alert, p Params) alert {
	if holds, err := model.ParseDuration(a.holds); err == nil {
		a.holds = written(max(time.Duration(holds), p.patience()))
	}
	return a
}

// throughout puts how long an alert holds into its query, which counts the objects that have been as they are for that long. The
// clock of the rule would be that of all objects together: it runs on while one after another is not ready in turn.
func throughout(a alert) alert {
	holds, err := model.ParseDuration(a.holds)
	if err != nil {
		return a // an override is checked before, the catalogue by its tests
	}
	a.query = query.LongNotReadyRatio(time.Duration(holds))
	a.description = strings.ReplaceAll(a.description, "$wait", a.holds)
	a.holds = ""
	return a
}

// patience is the longest timeout and the longest interval between retries of what applies something, within bounds.
func (p Params) patience() time.Duration {
	wait := time.Duration(0)
	for _, k := range flux.Kinds() {
		if k.Role == flux.RoleReconciler {
			own := p.Waits[k.Name]
			wait = max(wait, min(own.Timeout, longestPatience)+min(own.Retry, longestPatience))
		}
	}
	return min(max(patience, coarse(wait)), longestPatience)
}

// tolerant makes an alert on how long a reconciliation takes begin beyond the longest timeout in use.
func tolerant(a alert, p Params) alert {
	for _, w := range p.Waits {
		a.limit = above(max(a.limit.value, min(w.Timeout, longestReconcile).Seconds()))
	}
	return a
}

// attentive makes an alert on what a controller has not done look back twice the longest interval of the objects that are its.
func attentive(a alert, p Params) alert {
	window := silence
	if longest := p.interval(); longest > 0 {
		window = max(coarse(2*longest), shortestSilence)
	}
	a.query = a.query.Over(written(window)).Ago(window)
	a.description = strings.ReplaceAll(a.description, "$window", written(window))
	return a
}

// interval is the longest of the objects of the component that is being rendered for; 0 where it has none.
func (p Params) interval() time.Duration {
	longest := time.Duration(0)
	for _, k := range flux.Kinds() {
		if k.Component == p.component {
			longest = max(longest, p.Waits[k.Name].Interval)
		}
	}
	return longest
}

// busy reports whether the component that is being rendered for has objects to reconcile again and again, often enough to tell
// whether it does, or it is not known whether it has: objects that are suspended rest.
func busy(p Params) bool {
	if p.Waits == nil || p.unknown() {
		return true
	}
	return p.interval() > 0 && p.interval() <= longestSilence/2
}

// unknown reports whether a kind of the component that is being rendered for cannot be read, and nothing is known of it.
func (p Params) unknown() bool {
	return slices.ContainsFunc(flux.Kinds(), func(k flux.Kind) bool {
		return k.Component == p.component && p.Waits[k.Name].Unknown && p.Waits[k.Name].Interval == 0
	})
}

// coarse rounds a wait up, so that rules do not change whenever an object does.
func coarse(d time.Duration) time.Duration { return flux.Waits{Interval: d}.Coarse().Interval }

// written is a duration as Prometheus writes it.
func written(d time.Duration) string { return model.Duration(d).String() }
