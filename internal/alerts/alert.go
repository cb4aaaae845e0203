// Package alerts is the catalogue of alerts and recordings about Flux: a query, its threshold, how long it must hold,
// how much it matters, words that say what to do next, and which alert mutes which. It renders the groups of a
// PrometheusRule for one installation. It knows nothing of clusters, of how the rule is stored, or of the groups users add
// themselves.
package alerts

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
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
	// among says, after the limit, which number of objects the query asks for besides.
	among string
	// slack are series with limits of their own, which are higher.
	slack []slack
	// holds is how long the query must give the sample before the alert fires, lingers how long it fires on after.
	holds, lingers string
	severity       Severity
	// labels the alert has besides those of the query's result.
	labels map[string]string
	// summary and description use the labels of the query's result. A perController alert has one rule for each controller;
	// it may use $labels.app and $labels.namespace although its query gives no labels. So may an ofInstallation alert use
	// $labels.namespace: it is about a Flux as a whole, and belongs to whom Flux's namespace belongs to.
	summary, description          string
	perController, ofInstallation bool
	// ofOperator alerts stand on what the operator at hand tells of itself, whatever tells the state of objects. They are there where that is
	// scraped by us, and may use $labels.namespace for the namespace of its pods.
	ofOperator bool
	// where keeps a perController alert to the controllers it makes sense for; nil for all.
	where func(Params) bool
	// within narrows the query further than to the installation: to what any of these lists of matchers matches.
	within func(Params) [][]*labels.Matcher
	// cedes are alerts that say the same of fewer things, and more to the point: what they are about is left to them.
	cedes []cession
	// awaits is that the alert, which mutes those about what is made from a source, fires on when the source is ready, until that is
	// ready too or has had the time for it: else those alerts would be told of while all is about to be well.
	awaits bool
	// adapts makes the alert what it is for the objects in use, by how long they may take.
	adapts func(alert, Params) alert
	// settled makes the alert what follows from how long it holds, when that is settled.
	settled func(alert) alert
	// kind must be one of whose objects the state is told; sourced is that what they are made from must be told too.
	kind    string
	sourced bool
	// guide marks the alert people know from Flux's guide. It is shipped even where it cannot fire, and reported as
	// ineffective there.
	guide bool
}

// cession leaves what another alert is about to that alert; by are the labels that tell what it is about.
type cession struct {
	to string
	by []string
}

// limit is the number a query's samples are compared with.
type limit struct {
	value     float64
	inclusive bool
}

func above(value float64) *limit   { return &limit{value: value} }
func atLeast(value float64) *limit { return &limit{value: value, inclusive: true} }

// slack is the limit of the series whose label has a value.
type slack struct {
	label, value string
	limit        float64
}

// beyond returns the samples of a query that the alert is about.
func (a alert) beyond(q query.Query) query.Query {
	if a.limit == nil {
		return q
	}
	rest := q
	for _, s := range a.slack {
		rest = rest.Within(query.IsNot(s.label, s.value))
	}
	found := a.limit.below(rest)
	for _, s := range a.slack {
		own := limit{value: s.limit, inclusive: a.limit.inclusive}
		found = found.Or([]string{s.label}, own.below(q.Within(query.Is(s.label, s.value))))
	}
	return found
}

// below returns the samples of a query that the limit is below.
func (l *limit) below(q query.Query) query.Query {
	if l.inclusive {
		return q.AtLeast(l.value)
	}
	return q.Above(l.value)
}

// effective reports whether every metric the alert's query selects reaches Prometheus, and tells of what the alert is about.
func (a alert) effective(p Params) bool {
	if a.ofOperator {
		return p.OperatorJob != ""
	}
	if a.kind != "" && !p.Tells(a.kind) || a.sourced && !p.State.NamesSources() {
		return false
	}
	return !slices.ContainsFunc(a.query.Metrics(), func(metric string) bool { return !p.Exposes(metric) })
}

// scraped reports whether it is known how the samples are labelled that the alert's query selects: recorded ones are, those of
// controllers and of the operator where we scrape them.
func (a alert) scraped(p Params) bool {
	return a.ofOperator || p.Job != "" || !slices.ContainsFunc(a.query.Metrics(), func(metric string) bool { return !flux.IsRecorded(metric) })
}

// ships reports whether the alert is to be rendered.
func (a alert) ships(p Params) bool {
	return (a.guide || a.scraped(p) && a.effective(p)) && !p.disables(a.name)
}

// catalogue holds every alert, in the order of the rendered groups.
var catalogue = slices.Concat(
	fleetAlerts, reconcilerAlerts, resourceAlerts, controllerAlerts, workAlerts, monitoringAlerts, operatorAlerts, budgetAlerts)

// entry returns the alert of a name, as it is in the catalogue.
func entry(name string) (alert, bool) {
	i := slices.IndexFunc(catalogue, func(a alert) bool { return a.name == name })
	if i < 0 {
		return alert{}, false
	}
	return catalogue[i], true
}

// Is reports whether the catalogue has an alert of this name.
func Is(name string) bool {
	_, is := entry(name)
	return is
}

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
