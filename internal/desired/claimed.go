package desired

import (
	"fmt"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/internal/alertmanager"
	"github.com/fluxmonitoring/operator/internal/alerts"
)

// An Alertmanager mutes alerts because of others by their name and their labels alone. So no alert that a spec writes may have a name of the
// catalogue, and none may have the owner label of another FluxMonitoring.

// claimsName is that an alert of the user's has the name of one of the catalogue.
func claimsName(r monitoringv1.Rule) error {
	if r.Alert == "" || !slices.Contains(alerts.Names(), r.Alert) {
		return nil
	}
	return fmt.Errorf("%s is the name of a generated alert, which may mute others: choose another name, or change the generated one by "+
		"spec.alerts.rules", r.Alert)
}

// claimsOwner is that an alert, or its group, has the owner label of somebody else. A template counts as such, because its value is not known.
// An empty one is nobody's: the alert is not routed here.
func claimsOwner(labels map[string]string, owner string) error {
	value := labels[alertmanager.OwnerLabel]
	if value == "" || value == owner {
		return nil
	}
	return fmt.Errorf("the label %s is %q, and alerts of this FluxMonitoring can have no other than %q there: leave it out",
		alertmanager.OwnerLabel, value, owner)
}

// ownersFault is the first group or alert that has the owner label of somebody else.
func ownersFault(groups []monitoringv1.RuleGroup, owner string) error {
	for _, g := range groups {
		if err := claimsOwner(g.Labels, owner); err != nil {
			return fmt.Errorf("group %s: %w", g.Name, err)
		}
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			if err := claimsOwner(r.Labels, owner); err != nil {
				return fmt.Errorf("group %s, rule %s: %w", g.Name, r.Alert, err)
			}
		}
	}
	return nil
}
