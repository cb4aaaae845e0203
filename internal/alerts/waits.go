package alerts

import (
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	// silence is over how long it is judged whether a controller reconciles anything, where no interval is known, and
	// shortestSilence the least.
	silence         = 2 * time.Hour
	shortestSilence = time.Hour
)

// patient makes an alert wait until an object has had the time it may take, and one retry: at least the longest timeout and
// the longest interval between retries of what applies something.
func patient(a alert, p Params) alert {
	wait := time.Duration(0)
	for _, k := range flux.Kinds() {
		if k.Role == flux.RoleReconciler {
			wait = max(wait, p.Waits[k.Name].Timeout+p.Waits[k.Name].Retry)
		}
	}
	if holds, err := model.ParseDuration(a.holds); err == nil && time.Duration(holds) < wait {
		a.holds = written(coarse(wait))
	}
	return a
}

// tolerant makes an alert on how long a reconciliation takes begin beyond the longest timeout in use.
func tolerant(a alert, p Params) alert {
	for _, w := range p.Waits {
		a.limit = above(max(a.limit.value, w.Timeout.Seconds()))
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

// busy reports whether the component that is being rendered for has an object to reconcile again and again, or it is not known
// whether it has: objects that are suspended rest.
func busy(p Params) bool { return len(p.Waits) == 0 || p.interval() > 0 }

// coarse rounds a wait up, so that rules do not change whenever an object does.
func coarse(d time.Duration) time.Duration { return flux.Waits{Interval: d}.Coarse().Interval }

// written is a duration as Prometheus writes it.
func written(d time.Duration) string { return model.Duration(d).String() }
