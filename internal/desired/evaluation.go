package desired

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/query"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Evaluation is who evaluates the alerts, and tells whom.
type Evaluation struct {
	// By are the selected Prometheus objects that take up the PrometheusRule, as <namespace>/<name>.
	By []string
	// Missing is what keeps the others from it, a sentence each.
	Missing []string
	// Sends: one of them at least sends alerts to where an Alertmanager runs, or may run.
	Sends bool
	// Lost is where the alerts go and no Alertmanager runs, a sentence for each Service, unless they reach one elsewhere.
	Lost []string
	// Blind is what keeps those of By from the samples that the alerts need, a sentence for each such Prometheus.
	Blind []string
	// Unsure says of which of By it cannot be known whether they have the samples, or the rules, a sentence for each.
	Unsure []string
	// Unheard: all of By are blind, so that alerts that fire because nothing arrives are left out.
	Unheard bool
}

// Evaluated says who evaluates the alerts of the PrometheusRule among the objects. Nobody does where there is none.
func Evaluated(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) Evaluation {
	var e Evaluation
	monitors, rule := candidates(objects, facts)
	if rule == nil {
		return e
	}
	deaf, deliveries := 0, []delivery(nil)
	for _, i := range facts.Prometheuses {
		if !i.EvaluatesRules() {
			continue
		}
		name := i.Namespace + "/" + i.Name
		if missing := unevaluated(i, fm, facts, *rule); len(missing) > 0 {
			e.Missing = append(e.Missing, fmt.Sprintf("%s %s: %s", i.Kind, name, strings.Join(missing, "; ")))
			continue
		}
		e.By = append(e.By, name)
		deliveries = append(deliveries, deliveryOf(i, facts))
		split := unsampled(i, objects)
		e.judge(i, split, unscraped(i, fm, facts, monitors), len(monitors) > 0)
		if !i.Paused && (split != "" || untakenAll(i, fm, facts, monitors)) {
			deaf++
		}
	}
	e.deliver(deliveries)
	e.Unheard = deaf > 0 && deaf == len(e.By)
	return e
}

// judge notes what an instance that evaluates the alerts lacks of what they need.
func (e *Evaluation) judge(i selection.Instance, split string, missing []string, scrape bool) {
	name := fmt.Sprintf("%s %s/%s", i.Kind, i.Namespace, i.Name)
	switch lacks := scrape && len(missing) > 0; {
	case split != "":
		e.Blind = append(e.Blind, name+": "+split)
	case lacks && i.Receives:
		e.Unsure = append(e.Unsure, fmt.Sprintf("%s evaluates the alerts and does not scrape all of Flux (%s): whether it has the samples from "+
			"elsewhere is not seen from here", name, strings.Join(missing, "; ")))
	case lacks:
		e.Blind = append(e.Blind, fmt.Sprintf("%s evaluates the alerts and does not scrape all of Flux: %s", name, strings.Join(missing, "; ")))
	}
	if slow := i.Slow(); slow != "" {
		e.Blind = append(e.Blind, name+": "+slow)
	}
	if i.Paused {
		e.Unsure = append(e.Unsure, name+": spec.paused is true, so prometheus-operator gives it no new rules: set it to false")
	}
}

// untakenAll reports whether an instance takes up none of the PodMonitors, of which there are some, and has samples from nowhere else.
func untakenAll(i selection.Instance, fm *v1alpha1.FluxMonitoring, facts facts.Facts, monitors []selection.Candidate) bool {
	for _, monitor := range monitors {
		if len(untaken(i, fm, facts, monitorsOf, "podMonitor", monitor)) == 0 {
			return false
		}
	}
	return len(monitors) > 0 && !i.Receives
}

// unsampled says that each shard of an instance has a part of the samples, unless every PodMonitor has all shards scrape its targets.
func unsampled(i selection.Instance, objects []*unstructured.Unstructured) string {
	split := i.Split()
	for _, o := range objects {
		if o.GroupVersionKind() != kinds.PodMonitor {
			continue
		}
		for _, e := range listed(o.Object, "spec", "podMetricsEndpoints") {
			endpoint, _ := e.(map[string]any)
			if !unsharded(endpoint) {
				return split
			}
		}
	}
	return ""
}

func unsharded(endpoint map[string]any) bool {
	for _, r := range listed(endpoint, "relabelings") {
		relabeling, _ := r.(map[string]any)
		if relabeling["targetLabel"] == selection.UnshardedLabel {
			return true
		}
	}
	return false
}

// dropUnheard takes the alerts of the catalogue that fire because nothing arrives out of the PrometheusRule, where it is known that nothing
// can arrive at whoever evaluates them: they would wake someone for what is a matter of selectors, which AlertsEffective says.
func dropUnheard(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) {
	if !Evaluated(fm, facts, objects).Unheard {
		return
	}
	var groups []any
	rule := find(objects, kinds.PrometheusRule.Kind)
	for _, g := range listed(rule.Object, "spec", "groups") {
		group, _ := g.(map[string]any)
		rules := listed(group, "rules")
		kept := slices.DeleteFunc(slices.Clone(rules), saysNothingArrives)
		if len(rules) > 0 && len(kept) == 0 {
			continue
		}
		if len(kept) < len(rules) {
			group["rules"] = kept
		}
		groups = append(groups, group)
	}
	if spec, is := rule.Object["spec"].(map[string]any); is {
		spec["groups"] = groups
	}
}

// saysNothingArrives reports whether a rule is an alert of the catalogue that fires where there are no samples.
func saysNothingArrives(rule any) bool {
	r, _ := rule.(map[string]any)
	name, _ := r["alert"].(string)
	expr, _ := r["expr"].(string)
	return alerts.Is(name) && query.FiresOnNothing(expr)
}
