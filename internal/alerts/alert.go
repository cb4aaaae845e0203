// Package alerts is the catalogue of alerts and recordings about Flux: a query, its threshold, how long it must hold,
// how much it matters, and words that say what to do next. It renders the groups of a PrometheusRule for one
// installation. It knows nothing of clusters, of how the rule is stored, or of the groups users add themselves.
package alerts

import (
	"slices"

	"github.com/fluxmonitoring/operator/internal/query"
)

// Severity says how soon a person has to look.
type Severity string

// The severities of the catalogue.
const (
	// Critical wakes someone: what Flux should bring to the cluster does not arrive.
	Critical Severity = "critical"
	// Warning is for working hours: it will become critical, or Flux works worse than it could.
	Warning Severity = "warning"
	// Info is worth knowing when one looks.
	Info Severity = "info"
)

// alert is one entry of the catalogue.
type alert struct {
	name  string
	group string
	// query gives a sample for each thing to alert on; with a limit, the samples beyond it.
	query query.Query
	limit *limit
	// holds is how long the query must give the sample before the alert fires, lingers how long it fires on after.
	holds, lingers string
	severity       Severity
	// labels the alert has besides those of the query's result.
	labels map[string]string
	// summary and description use the labels of the query's result. perController alerts have one rule for each
	// controller and may use $labels.app and $labels.namespace although their query gives no labels.
	summary, description string
	perController        bool
	// guide marks the alert people know from Flux's guide. It is shipped even where it cannot fire, and reported as
	// ineffective there.
	guide bool
}

// limit is the number a query's samples are compared with.
type limit struct {
	value     float64
	inclusive bool
}

func above(value float64) *limit   { return &limit{value: value} }
func atLeast(value float64) *limit { return &limit{value: value, inclusive: true} }

// expression returns what the alert's rule evaluates.
func (a alert) expression() query.Query {
	switch {
	case a.limit == nil:
		return a.query
	case a.limit.inclusive:
		return a.query.AtLeast(a.limit.value)
	default:
		return a.query.Above(a.limit.value)
	}
}

// effective reports whether every metric the alert's query selects reaches Prometheus.
func (a alert) effective(p Params) bool {
	return !slices.ContainsFunc(a.query.Metrics(), func(metric string) bool { return !p.Exposes(metric) })
}

// ships reports whether the alert is to be rendered.
func (a alert) ships(p Params) bool {
	return (a.guide || p.Job != "" && a.effective(p)) && !p.disables(a.name)
}

// catalogue holds every alert, in the order of the rendered groups.
var catalogue = slices.Concat(objectAlerts, controllerAlerts, workAlerts)

// Names returns the names of the alerts in the catalogue, sorted.
func Names() []string {
	names := make([]string, 0, len(catalogue))
	for _, a := range catalogue {
		names = append(names, a.name)
	}
	slices.Sort(names)
	return names
}

// Ineffective returns the names of the alerts Groups ships although they cannot fire, because nothing in this cluster
// exposes what they stand on.
func Ineffective(p Params) []string {
	var names []string
	for _, a := range catalogue {
		if a.ships(p) && !a.effective(p) {
			names = append(names, a.name)
		}
	}
	return names
}
