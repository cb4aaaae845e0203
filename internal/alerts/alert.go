// Package alerts is the catalogue of alerts and recordings about Flux: a query, its threshold, how long it must hold,
// how much it matters, words that say what to do next, and which alert mutes which. It renders the groups of a
// PrometheusRule for one installation. It knows nothing of clusters, of how the rule is stored, or of the groups users add
// themselves.
package alerts

import (
	"slices"

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
	// None is for nobody: the heartbeat reports no fault.
	None Severity = "none"
)

// alert is one entry of the catalogue.
type alert struct {
	name  string
	group string
	// query gives a sample for each thing to alert on; with a limit, the samples beyond the limit.
	query query.Query
	// parts are queries on the metrics of query that replace it in an installation. The alert fires for what any of them has.
	parts func(Params) []query.Query
	limit *limit
	// among says, after the limit, which number of objects the query requires besides.
	among string
	// slack are series with limits of their own, which are higher.
	slack []slack
	// ofBudget alerts are rendered only if the user has set an objective. Their limit is a burn rate.
	ofBudget bool
	// pendingFor is the rule's `for`, and keepFiringFor its `keep_firing_for`.
	pendingFor, keepFiringFor string
	severity                  Severity
	// labels the alert has besides those of the query's result.
	labels map[string]string
	// summary and description use the labels of the query's result. A perController alert has one rule for each controller;
	// it may use $labels.app and $labels.namespace although its query gives no labels. So may an ofInstallation alert use
	// $labels.namespace: it is about a Flux as a whole, and belongs to whom Flux's namespace belongs to.
	summary, description          string
	perController, ofInstallation bool
	// ofOperator alerts use the metrics that the operator exports about itself. They are rendered if our PodMonitor scrapes those, and may
	// use $labels.namespace for the namespace of the operator's pods.
	ofOperator bool
	// ofStack alerts use the metrics that Prometheus and Alertmanager export about themselves, of any job. They have no sample, and do not
	// fire, where no Prometheus scrapes these.
	ofStack bool
	// isHeartbeat marks the alert that always fires. No label or override of the user's changes its own labels.
	isHeartbeat bool
	// onlyIf limits the alert to the installations for which it makes sense; nil for all.
	onlyIf func(Params) bool
	// enabledFor limits a perController alert to the controllers for which it makes sense; nil for all.
	enabledFor func(Params) bool
	// suppressedBy are alerts that say the same of fewer things, and more to the point. This alert does not fire for what they fire for.
	suppressedBy []suppression
	// keepFiringUntilDependentsReady keeps an alert that mutes those on dependents firing after the source is ready, until the dependents
	// are ready too or have had the time for it. Otherwise people would be notified of the dependents just before they are ready.
	keepFiringUntilDependentsReady bool
	// tune adapts the alert to how long the objects in use may take.
	tune func(alert, Params) alert
	// finalize derives the rest of the alert from its final pendingFor.
	finalize func(alert) alert
	// kind must be one whose state the metrics source exports; needsSourceLabels requires that it exports the objects' sources too.
	kind              string
	needsSourceLabels bool
	// alwaysShip marks the alert that people know from Flux's guide. It is rendered even if it cannot fire, and reported as
	// ineffective then.
	alwaysShip bool
}

// suppression keeps an alert from firing for what another alert fires for, by the labels that identify it.
type suppression struct {
	by string
	on []string
	// parts are those of the other alert's that can be about the same objects; nil for all.
	parts func(Params) []query.Query
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

// overLimit returns the samples of a query that the alert is about.
func (a alert) overLimit(q query.Query) query.Query {
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

// effective reports whether every metric that the alert's query selects reaches Prometheus, with the objects that the alert is about.
func (a alert) effective(p Params) bool {
	if a.ofOperator {
		return p.OperatorJob != ""
	}
	if a.ofStack {
		return true
	}
	if a.kind != "" && !p.HasStateOf(a.kind) || a.needsSourceLabels && !p.State.HasSourceLabels() {
		return false
	}
	return !slices.ContainsFunc(a.query.Metrics(), func(metric string) bool { return !p.Exposes(metric) })
}

// scraped reports whether the labels are known of the samples that the alert's query selects: of recorded ones always, of those of
// controllers and of the operator if our PodMonitor scrapes them.
func (a alert) scraped(p Params) bool {
	scrapes := func(metric string) bool { return !flux.IsRecorded(metric) }
	return a.ofOperator || a.ofStack || p.Job != "" || !slices.ContainsFunc(a.query.Metrics(), scrapes)
}

// isEnabled reports whether the alert is to be rendered.
func (a alert) isEnabled(p Params) bool {
	if a.ofBudget && !p.canBurn(a.limit.value) || a.onlyIf != nil && !a.onlyIf(p) {
		return false
	}
	return (a.alwaysShip || a.scraped(p) && a.effective(p)) && !p.disables(a.name)
}

// catalogue holds every alert, in the order of the rendered groups.
var catalogue = slices.Concat(
	fleetAlerts, reconcilerAlerts, resourceAlerts, notificationAlerts, controllerAlerts, workAlerts, monitoringAlerts, operatorAlerts,
	deliveryAlerts, budgetAlerts)

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

// Ineffective returns the names of the alerts that Groups renders although they cannot fire, because nothing in this cluster
// exports the metrics that they use.
func Ineffective(p Params) []string {
	var names []string
	for _, a := range catalogue {
		if a.isEnabled(p) && !a.effective(p) {
			names = append(names, a.name)
		}
	}
	return names
}
