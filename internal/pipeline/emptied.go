package pipeline

import (
	"fmt"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
)

// PodMonitorsWithoutSamples are the PodMonitors among the objects, after spec.patches, by which Prometheus gets no samples; a sentence
// each.
func PodMonitorsWithoutSamples(objects []*unstructured.Unstructured) []string {
	var sentences []string
	for _, o := range objects {
		if o.GroupVersionKind() != kinds.PodMonitor {
			continue
		}
		endpoints := ListIn(o.Object, "spec", "podMetricsEndpoints")
		switch {
		case len(endpoints) == 0:
			sentences = append(sentences, fmt.Sprintf("PodMonitor %s has no podMetricsEndpoints, so Prometheus scrapes nothing through it: correct "+
				"spec.patches", o.GetName()))
		case slices.ContainsFunc(endpoints, dropsAll):
			sentences = append(sentences, fmt.Sprintf("the relabelings of PodMonitor %s drop everything: correct spec.scrape.relabelings, "+
				"spec.scrape.metricRelabelings or spec.patches", o.GetName()))
		}
	}
	return sentences
}

// dropsAll reports whether an endpoint has a relabeling that drops every target or sample.
func dropsAll(endpoint any) bool {
	e, _ := endpoint.(map[string]any)
	return slices.ContainsFunc(append(ListIn(e, "relabelings"), ListIn(e, "metricRelabelings")...), func(relabeling any) bool {
		r, _ := relabeling.(map[string]any)
		action, _ := r["action"].(string)
		pattern, is := r["regex"].(string)
		if !is || pattern == "" {
			pattern = "(.*)"
		}
		if len(ListIn(r, "sourceLabels")) > 0 {
			return action == "drop" && slices.Contains([]string{".*", "(.*)"}, pattern)
		}
		matches, err := regexp.MatchString("^(?s:"+pattern+")$", "") // what no label says
		return err == nil && (action == "drop" && matches || action == "keep" && !matches)
	})
}

// RuleWithoutAlerts says that the PrometheusRule among the objects has no alert; empty if it has one, and if there is no PrometheusRule.
func RuleWithoutAlerts(objects []*unstructured.Unstructured) string {
	rule := FirstOfKind(objects, kinds.PrometheusRule.Kind)
	if rule == nil {
		return ""
	}
	for _, g := range ListIn(rule.Object, "spec", "groups") {
		group, _ := g.(map[string]any)
		for _, r := range ListIn(group, "rules") {
			if alert, _ := r.(map[string]any); alert["alert"] != nil {
				return ""
			}
		}
	}
	return fmt.Sprintf("PrometheusRule %s has no alert: correct spec.patches or spec.alerts.overrides, or set spec.alerts.enabled to false",
		rule.GetName())
}

// PrometheusesWithoutToken are the instances that do not send the token that the operator's exporter requires; a sentence each.
func PrometheusesWithoutToken(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) []string {
	if !facts.MetricsSecure || Exposure(fm, facts).State != flux.Exporter {
		return nil
	}
	var sentences []string
	for _, o := range objects {
		if o.GroupVersionKind() != kinds.PodMonitor || o.GetName() != fm.Name+StateSuffix(flux.Exporter) {
			continue
		}
		if !slices.ContainsFunc(ListIn(o.Object, "spec", "podMetricsEndpoints"), lacksCredentials) {
			continue
		}
		class, _, _ := unstructured.NestedString(o.Object, "spec", "scrapeClass")
		for _, i := range facts.Prometheuses {
			if c, _ := i.Class(class); !c.Authorizes {
				sentences = append(sentences, fmt.Sprintf("%s %s/%s sends no token to the exporter, which refuses every scrape without one "+
					"(--metrics-secure): name a Secret with a token in PodMonitor %s by spec.patches", i.Kind, i.Namespace, i.Name, o.GetName()))
			}
		}
	}
	return sentences
}

// lacksCredentials reports whether an endpoint has Prometheus send no credentials.
func lacksCredentials(endpoint any) bool {
	e, _ := endpoint.(map[string]any)
	return !slices.ContainsFunc([]string{"authorization", "basicAuth", "oauth2", "bearerTokenSecret"}, func(field string) bool {
		return e[field] != nil
	})
}
