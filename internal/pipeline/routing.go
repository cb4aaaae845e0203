package pipeline

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Routing is which Alertmanager notifies the receivers of spec.notifications.
type Routing struct {
	// HasReceivers: there are receivers or the heartbeat's, and with them an AlertmanagerConfig among the objects.
	HasReceivers bool
	// By are the Alertmanagers that select the AlertmanagerConfig, as <namespace>/<name>.
	By []string
	// Missing is why the others do not select it, a sentence each.
	Missing []string
	// Unrouted are the alerts of which no receiver is sure to be notified, each once: all of By match the label namespace, and the rules of
	// these alerts do not set it to the namespace of the AlertmanagerConfig.
	Unrouted []string
}

// RoutingOf is which Alertmanager selects the AlertmanagerConfig among the objects, and which alerts it does not route by it.
func RoutingOf(fm *v1alpha1.FluxMonitoring, facts facts.Facts, objects []*unstructured.Unstructured) Routing {
	r := Routing{HasReceivers: Notifies(fm)}
	config := FirstOfKind(objects, kinds.AlertmanagerConfig.Kind)
	if !r.HasReceivers || config == nil {
		return r
	}
	c := selection.Candidate{
		Kind: config.GetKind(), Namespace: config.GetNamespace(), NamespaceLabels: facts.NamespaceLabels, Labels: config.GetLabels(),
	}
	limited := true
	for _, a := range facts.Alertmanagers {
		name, wholly := a.Namespace+"/"+a.Name, a.IsGlobalConfig(c.Namespace, config.GetName())
		if missing := notRouting(a, c, wholly); missing != "" {
			r.Missing = append(r.Missing, fmt.Sprintf("Alertmanager %s: %s", name, missing))
			continue
		}
		r.By = append(r.By, name)
		limited = limited && !wholly && !a.MatchesAllAlerts(c.Namespace)
	}
	if limited && len(r.By) > 0 && HasReceivers(fm) { // the heartbeat has the label
		r.Unrouted = unroutedAlerts(fm, objects)
	}
	return r
}

// notRouting is what keeps an Alertmanager from using the AlertmanagerConfig; empty if nothing does. An Alertmanager whose whole
// configuration it is needs no selector.
func notRouting(a selection.Alertmanager, config selection.Candidate, wholly bool) string {
	if idle := a.IdleReason(); idle != "" || wholly {
		return idle
	}
	return selection.Messages(a.Missing(config))
}

// unroutedAlerts are the alerts whose rules do not set the label namespace to that of the resource, without those that are not sent; each
// once, in their order.
func unroutedAlerts(fm *v1alpha1.FluxMonitoring, objects []*unstructured.Unstructured) []string {
	rule := FirstOfKind(objects, kinds.PrometheusRule.Kind)
	if rule == nil {
		return nil
	}
	unsent := UnsentSeverities(fm)
	var names []string
	for _, g := range ListIn(rule.Object, "spec", "groups") {
		group, _ := g.(map[string]any)
		for _, r := range ListIn(group, "rules") {
			alert, _ := r.(map[string]any)
			name, _ := alert["alert"].(string)
			sent := staticLabel(group, alert, alertmanager.OwnerLabel) == OwnerOf(fm) && !slices.Contains(unsent, staticLabel(group, alert, "severity"))
			if name != "" && sent && staticLabel(group, alert, "namespace") != fm.Namespace && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// staticLabel is the value of a label in an alert's rule, or else in its group.
func staticLabel(group, alert map[string]any, label string) string {
	for _, from := range []map[string]any{alert, group} {
		if value, ok, _ := unstructured.NestedString(from, "labels", label); ok {
			return value
		}
	}
	return ""
}
