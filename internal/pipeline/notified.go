package pipeline

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// heartbeatLabels are the labels by which Alertmanager routes the heartbeat, even one that only routes alerts of the namespace of the
// AlertmanagerConfig; nil if there is no heartbeat.
func heartbeatLabels(fm *v1alpha1.FluxMonitoring) map[string]string {
	if !HasHeartbeat(fm) {
		return nil
	}
	return map[string]string{alertmanager.OwnerLabel: OwnerOf(fm), flux.LabelNamespace: fm.Namespace}
}

// notified is who is notified of the alerts, as the metrics of Alertmanager name them.
func notified(fm *v1alpha1.FluxMonitoring, facts facts.Facts) alerts.Notified {
	if !Notifies(fm) {
		return alerts.Notified{}
	}
	return alerts.Notified{Prefix: OwnerOf(fm) + "/", Integrations: integrations(fm), Namespaces: alertmanagerNamespaces(fm, facts)}
}

// integrationsSuffix ends the name of the field of a receiver that has configurations of one integration, such as slackConfigs.
const integrationsSuffix = "Configs"

// integrations are the ways in which the receivers are notified, as Alertmanager names them, sorted.
func integrations(fm *v1alpha1.FluxMonitoring) []string {
	var names []string
	if HasHeartbeat(fm) {
		names = append(names, "webhook")
	}
	for _, r := range fm.Spec.Notifications.Receivers {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(r.Content, &fields); err != nil {
			continue // where the receivers are generated, the error is reported
		}
		for name := range fields {
			if integration, is := strings.CutSuffix(name, integrationsSuffix); is {
				names = append(names, strings.ToLower(integration))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// alertmanagerNamespaces are the namespaces of the Alertmanagers that may use the AlertmanagerConfig, sorted.
func alertmanagerNamespaces(fm *v1alpha1.FluxMonitoring, facts facts.Facts) []string {
	var names []string
	for _, a := range facts.Alertmanagers {
		reached := a.ReachesNamespace(selection.Candidate{Namespace: fm.Namespace, NamespaceLabels: facts.NamespaceLabels})
		if reached || a.IsGlobalConfig(fm.Namespace, fm.Name) {
			names = append(names, a.Namespace)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
