package alerts

import (
	"maps"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/model/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

// scope returns the matchers that keep an alert to this installation. Scraped series are selected by their job, and by their
// cluster if several clusters share a Prometheus. Recorded series have no job; they are selected by the cluster label that their
// recording rule sets, if there is one.
func scope(a alert, p Params) []*labels.Matcher {
	metric := a.query.Metrics()[0]
	matchers := []*labels.Matcher{query.Origin(p.Job, p.Flux.Namespace)}
	switch {
	case a.ofOperator:
		matchers = []*labels.Matcher{query.Is(flux.LabelJob, p.OperatorJob)}
	case a.ofStack:
		matchers = nil
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

// expression is what the alert's rule evaluates: what the alert fires for, without what other alerts fire for.
func (a alert) expression(p Params, own ...*labels.Matcher) query.Query {
	q := a.firing(p, own...)
	for _, s := range a.suppressedBy {
		if other, is := entry(s.by); is && other.isEnabled(p) {
			other = other.configured(p)
			if s.parts != nil {
				other.parts = s.parts
			}
			q = q.Unless(s.on, other.inScope(p))
		}
	}
	return q
}

// inScope is what the alert's query, or any of its parts, has beyond its limit in this installation.
func (a alert) inScope(p Params, own ...*labels.Matcher) query.Query {
	scope := append(scope(a, p), own...)
	if a.parts == nil {
		return a.overLimit(a.query.Within(scope...))
	}
	parts := a.parts(p)
	q := a.overLimit(parts[0].Within(scope...))
	for _, part := range parts[1:] {
		q = q.Or(flux.Identity(), a.overLimit(part.Within(scope...)))
	}
	return q
}

// firing is what the alert fires for in this installation: what is in scope, and sources that are ready but whose dependents are not yet. If
// the metrics source does not export the objects' sources, there are none of the latter: the rule is the same with every metrics source.
func (a alert) firing(p Params, own ...*labels.Matcher) query.Query {
	q := a.inScope(p, own...)
	if !a.keepFiringUntilDependentsReady {
		return q
	}
	blocked := query.StillBlocked(a.name, p.recovery())
	if p.Cluster != "" {
		blocked = blocked.Within(query.Is(flux.LabelCluster, p.Cluster))
	}
	return q.Or(flux.Identity(), blocked)
}

// configured is the alert as the installation and its user want it.
func (a alert) configured(p Params) alert {
	if a.ofBudget {
		a.limit = above(p.share(a.limit.value))
	}
	if a.tune != nil {
		a = a.tune(a, p)
	}
	for _, o := range p.overridesOf(a.name) {
		a = a.overridden(o)
	}
	if a.finalize != nil {
		a = a.finalize(a)
	}
	return a
}

// rule renders an alert.
func rule(a alert, p Params, own ...*labels.Matcher) monitoringv1.Rule {
	a = a.configured(p)
	rendered := monitoringv1.Rule{
		Alert:       a.name,
		Expr:        intstr.FromString(a.expression(p, own...).String()),
		Labels:      labelsOf(a, p),
		Annotations: annotationsOf(a, p),
	}
	if a.pendingFor != "" {
		pendingFor := monitoringv1.Duration(a.pendingFor)
		rendered.For = &pendingFor
	}
	if a.keepFiringFor != "" {
		keepFiringFor := monitoringv1.NonEmptyDuration(a.keepFiringFor)
		rendered.KeepFiringFor = &keepFiringFor
	}
	return rendered
}

func labelsOf(a alert, p Params) map[string]string {
	all := merged(a.labels, map[string]string{"severity": string(a.severity)})
	if p.Cluster != "" {
		all[flux.LabelCluster] = p.Cluster
	}
	if a.isHeartbeat {
		return merged(p.Labels, merged(all, p.Heartbeat))
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
	all := merged(merged(map[string]string{
		"summary":     a.summary,
		"description": a.description,
		"runbook_url": p.Runbook(a.name),
	}, links(a, p)), p.Annotations)
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
