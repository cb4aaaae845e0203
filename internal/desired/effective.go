package desired

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Ineffective lists the alerts of the catalogue that are wanted and can never fire here, for no source of their metrics reaches
// Prometheus.
func Ineffective(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []string {
	if !v1alpha1.On(fm.Spec.Alerts.Enabled) {
		return nil
	}
	return alerts.Ineffective(alertParams(fm, facts))
}

// Unexposed is an alert of the user's own, and metrics of Flux that it selects and nothing exposes or records here.
type Unexposed struct {
	// Alert is its name.
	Alert string `json:"alert"`
	// Metrics are sorted.
	Metrics []string `json:"metrics"`
}

// Unfounded lists the user's own alerts on metrics of Flux that nothing exposes or records here, in their order.
func Unfounded(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []Unexposed {
	var all []Unexposed
	for _, g := range fm.Spec.Alerts.AdditionalGroups {
		for _, r := range g.Rules {
			if metrics := unexposed(fm, facts, r.Expr.String()); r.Alert != "" && len(metrics) > 0 {
				all = append(all, Unexposed{Alert: r.Alert, Metrics: metrics})
			}
		}
	}
	return all
}

// unexposed are the metrics of Flux that an expression selects and that nothing exposes or records here. Of others nothing is
// said, and an expression that is none is told of elsewhere.
func unexposed(fm *v1alpha1.FluxMonitoring, facts facts.Facts, expr string) []string {
	if query.Parse(expr) != nil {
		return nil
	}
	exposed := exposure(fm, facts)
	return slices.DeleteFunc(query.New(expr).Metrics(), func(metric string) bool {
		return !judged(metric) || exposed.Exposes(metric) || records(fm, metric)
	})
}

// judged reports whether it can be said of a metric that nothing exposes it: of Flux's own that are known, and of all that are
// named like the series recorded here, for nobody else records such.
func judged(metric string) bool {
	return flux.IsRecorded(metric) || strings.HasPrefix(metric, "gotk_") && flux.Knows(metric)
}

// records reports whether one of the user's own rules records a series of this name.
func records(fm *v1alpha1.FluxMonitoring, metric string) bool {
	for _, g := range fm.Spec.Alerts.AdditionalGroups {
		for _, r := range g.Rules {
			if r.Record == metric {
				return true
			}
		}
	}
	return false
}

// Routing is who tells the receivers of spec.notifications of the alerts.
type Routing struct {
	// Wanted: there are receivers, and with them an AlertmanagerConfig among the objects.
	Wanted bool
	// By are the Alertmanagers that take up the AlertmanagerConfig, as <namespace>/<name>.
	By []string
	// Missing is what keeps the others from it, a sentence each.
	Missing []string
	// Outside are the alerts that none of By is sure to let through to it, each once: all of By enforce the label namespace, and
	// the rules of these do not set it to the AlertmanagerConfig's own.
	Outside []string
}

// Routed says who takes up the AlertmanagerConfig among the objects, and what it gets to see there.
func Routed(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) Routing {
	r := Routing{Wanted: notifies(fm)}
	config := find(objects, kinds.AlertmanagerConfig.Kind)
	if !r.Wanted || config == nil {
		return r
	}
	c := selection.Candidate{
		Kind: config.GetKind(), Namespace: config.GetNamespace(), NamespaceLabels: facts.NamespaceLabels, Labels: config.GetLabels(),
	}
	limited := true
	for _, a := range facts.Alertmanagers {
		name, wholly := a.Namespace+"/"+a.Name, a.Wholly(c.Namespace, config.GetName())
		if missing := unrouted(a, c, wholly); missing != "" {
			r.Missing = append(r.Missing, fmt.Sprintf("Alertmanager %s: %s", name, missing))
			continue
		}
		r.By = append(r.By, name)
		limited = limited && !wholly && !a.Unlimited(c.Namespace)
	}
	if limited && len(r.By) > 0 {
		r.Outside = outside(fm, objects)
	}
	return r
}

// unrouted is what keeps an Alertmanager from the AlertmanagerConfig; empty where nothing does. One that it is the whole configuration of
// has no selector to compare.
func unrouted(a selection.Alertmanager, config selection.Candidate, wholly bool) string {
	if idle := a.Idle(); idle != "" || wholly {
		return idle
	}
	return strings.Join(a.Missing(config), "; ")
}

// outside are the alerts to be told of whose rules do not fix the label namespace to that of the resource, each once, in their
// order.
func outside(fm *v1alpha1.FluxMonitoring, objects []*unstructured.Unstructured) []string {
	rule := find(objects, kinds.PrometheusRule.Kind)
	if rule == nil {
		return nil
	}
	held := unsent(fm.Spec.Notifications.SeveritiesInEffect())
	var names []string
	for _, g := range listed(rule.Object, "spec", "groups") {
		group, _ := g.(map[string]any)
		for _, r := range listed(group, "rules") {
			alert, _ := r.(map[string]any)
			name, _ := alert["alert"].(string)
			told := fixed(group, alert, alertmanager.OwnerLabel) == ownerOf(fm) && !slices.Contains(held, fixed(group, alert, "severity"))
			if name != "" && told && fixed(group, alert, "namespace") != fm.Namespace && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// listed is a list within plain data; empty where there is none.
func listed(in map[string]any, path ...string) []any {
	found, _, _ := unstructured.NestedFieldNoCopy(in, path...)
	list, _ := found.([]any)
	return list
}

// fixed is the value of a label that an alert's rule or else its group gives it.
func fixed(group, alert map[string]any, label string) string {
	for _, from := range []map[string]any{alert, group} {
		if value, ok, _ := unstructured.NestedString(from, "labels", label); ok {
			return value
		}
	}
	return ""
}

// find is the first object of a kind; nil where there is none.
func find(objects []*unstructured.Unstructured, kind string) *unstructured.Unstructured {
	for _, o := range objects {
		if o.GetKind() == kind {
			return o
		}
	}
	return nil
}
