package desired

import (
	"fmt"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
)

// An Alertmanager inhibits alerts by the name and labels of others. So no alert of a spec may have a name of the catalogue, or the owner
// label of another FluxMonitoring.

// hasCatalogueName is the error if an alert of the user's has the name of one of the catalogue.
func hasCatalogueName(r monitoringv1.Rule) error {
	if r.Alert == "" || !slices.Contains(alerts.Names(), r.Alert) {
		return nil
	}
	return fmt.Errorf("%s is the name of a generated alert, which may mute others: choose another name, or change the generated one by "+
		"spec.alerts.overrides", r.Alert)
}

// hasForeignOwner is the error if an alert, or its group, has the owner label of another FluxMonitoring. A template counts as such, because
// its value is not known. An empty label belongs to nobody: Alertmanager does not route the alert to the receivers.
func hasForeignOwner(labels map[string]string, owner string) error {
	value := labels[alertmanager.OwnerLabel]
	if value == "" || value == owner {
		return nil
	}
	return fmt.Errorf("the label %s is %q, and alerts of this FluxMonitoring can have no other than %q there: leave it out",
		alertmanager.OwnerLabel, value, owner)
}

// ownerFault is the first group or alert with the owner label of another FluxMonitoring.
func ownerFault(groups []monitoringv1.RuleGroup, owner string) error {
	for _, g := range groups {
		if err := hasForeignOwner(g.Labels, owner); err != nil {
			return fmt.Errorf("group %s: %w", g.Name, err)
		}
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			if err := hasForeignOwner(r.Labels, owner); err != nil {
				return fmt.Errorf("group %s, rule %s: %w", g.Name, r.Alert, err)
			}
		}
	}
	return nil
}
