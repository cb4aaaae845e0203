package alerts

import (
	"maps"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/model/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// scope returns the matchers that keep an alert to this installation. Scraped series are told by their job, and by their
// cluster where several meet. Recorded series have no job; the cluster label their recording sets tells them apart, where
// there is one.
func scope(a alert, p Params) []*labels.Matcher {
	metric := a.query.Metrics()[0]
	matchers := []*labels.Matcher{query.Origin(p.Job, p.Flux.Namespace)}
	switch {
	case a.ofOperator:
		matchers = []*labels.Matcher{query.Is(flux.LabelJob, p.OperatorJob)}
	case p.State.Exposes(metric) && p.StateJob != "":
		matchers = []*labels.Matcher{query.Is(flux.LabelJob, p.StateJob)}
	}
	switch {
	case p.Cluster == "":
	case flux.IsRecorded(metric):
		matchers = append(matchers, query.Is(flux.LabelCluster, p.Cluster))
	default:
		matchers = append(matchers, query.Of(p.Cluster))
	}
	return matchers
}

// about returns an alert whose query's result does not have these labels, with the labels written into the rule and into its
// words. A label that the alert sets itself stays.
func (a alert) about(values map[string]string) alert {
	for label, value := range values {
		words := strings.NewReplacer("{{ $labels."+label+" }}", value)
		a.summary, a.description = words.Replace(a.summary), words.Replace(a.description)
	}
	a.labels = merged(values, a.labels)
	return a
}

// expression is what the alert's rule evaluates: what its query has beyond its limit, without what is left to other alerts.
func (a alert) expression(p Params, own ...*labels.Matcher) query.Query {
	q := a.found(p, own...)
	for _, c := range a.cedes {
		if other, is := entry(c.to); is && other.ships(p) {
			q = q.Unless(c.by, other.asked(p).found(p))
		}
	}
	return q
}

// narrowed is what the alert's query has beyond its limit in this installation.
func (a alert) narrowed(p Params, own ...*labels.Matcher) query.Query {
	scope := append(scope(a, p), own...)
	if a.within == nil {
		return a.beyond(a.query.Within(scope...))
	}
	var q query.Query
	for i, within := range a.within(p) {
		one := a.beyond(a.query.Within(append(slices.Clone(scope), within...)...))
		if i == 0 {
			q = one
		} else {
			q = q.Or(flux.Identity(), one)
		}
	}
	return q
}

// found is what the alert's query has beyond its limit in this installation, and what it awaits. Where nothing tells what objects are
// made from, that is nothing: the alert is the same whatever tells the state.
func (a alert) found(p Params, own ...*labels.Matcher) query.Query {
	q := a.narrowed(p, own...)
	if !a.awaits {
		return q
	}
	awaited := query.StillBlocked(a.name, p.recovery())
	if p.Cluster != "" {
		awaited = awaited.Within(query.Is(flux.LabelCluster, p.Cluster))
	}
	return q.Or(flux.Identity(), awaited)
}

// asked is the alert as the installation and its user want it.
func (a alert) asked(p Params) alert {
	if a.adapts != nil {
		a = a.adapts(a, p)
	}
	for _, o := range p.overridesOf(a.name) {
		a = a.changed(o)
	}
	if a.settled != nil {
		a = a.settled(a)
	}
	return a
}

// rule renders an alert.
func rule(a alert, p Params, own ...*labels.Matcher) monitoringv1.Rule {
	a = a.asked(p)
	rendered := monitoringv1.Rule{
		Alert:       a.name,
		Expr:        intstr.FromString(a.expression(p, own...).String()),
		Labels:      labelsOf(a, p),
		Annotations: annotationsOf(a, p),
	}
	if a.holds != "" {
		holds := monitoringv1.Duration(a.holds)
		rendered.For = &holds
	}
	if a.lingers != "" {
		lingers := monitoringv1.NonEmptyDuration(a.lingers)
		rendered.KeepFiringFor = &lingers
	}
	return rendered
}

func labelsOf(a alert, p Params) map[string]string {
	all := merged(a.labels, map[string]string{"severity": string(a.severity)})
	if p.Cluster != "" {
		all[flux.LabelCluster] = p.Cluster
	}
	all = merged(all, p.Labels)
	for _, o := range p.overridesOf(a.name) {
		if o.Severity != "" {
			all["severity"] = o.Severity
		}
		maps.Copy(all, o.Labels)
	}
	return all
}

func annotationsOf(a alert, p Params) map[string]string {
	all := merged(map[string]string{
		"summary":     a.summary,
		"description": a.description,
		"runbook_url": p.runbook(a.name),
	}, p.Annotations)
	for _, o := range p.overridesOf(a.name) {
		maps.Copy(all, o.Annotations)
	}
	return all
}

// merged returns a new map with what both have; the second wins.
func merged(first, second map[string]string) map[string]string {
	all := make(map[string]string, len(first)+len(second))
	maps.Copy(all, first)
	maps.Copy(all, second)
	return all
}
