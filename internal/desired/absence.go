package desired

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/query"
)

// dropAlertsOnAbsence removes the alerts of the catalogue that fire on missing samples from the PrometheusRule, if no Prometheus that
// evaluates them can get samples: they would notify people of a mistake in a selector, which AlertsEffective reports.
func dropAlertsOnAbsence(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) {
	if !pipeline.EvaluationOf(fm, facts, objects).NothingScraped {
		return
	}
	var groups []any
	rule := pipeline.FirstOfKind(objects, kinds.PrometheusRule.Kind)
	for _, g := range pipeline.ListIn(rule.Object, "spec", "groups") {
		group, _ := g.(map[string]any)
		rules := pipeline.ListIn(group, "rules")
		kept := slices.DeleteFunc(slices.Clone(rules), firesOnAbsence)
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

// firesOnAbsence reports whether a rule is an alert of the catalogue that fires on missing samples.
func firesOnAbsence(rule any) bool {
	r, _ := rule.(map[string]any)
	name, _ := r["alert"].(string)
	expr, _ := r["expr"].(string)
	return alerts.Is(name) && query.FiresOnNothing(expr)
}
