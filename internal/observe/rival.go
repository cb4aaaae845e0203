package observe

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// selected are the instances that spec.prometheus selects.
func selected(fm *v1alpha1.FluxMonitoring, all []selection.Instance) []selection.Instance {
	var kept []selection.Instance
	for _, i := range all {
		if selection.Matches(fm.Spec.Prometheus.Selector, i.Labels) &&
			selection.Matches(fm.Spec.Prometheus.NamespaceSelector, i.NamespaceLabels) {
			kept = append(kept, i)
		}
	}
	return kept
}

// rival returns the older FluxMonitoring of the same Flux that a same Prometheus takes up; nil when there is none.
func (o *Observer) rival(
	ctx context.Context, fm *v1alpha1.FluxMonitoring, all []selection.Instance,
) (*types.NamespacedName, error) {
	var siblings v1alpha1.FluxMonitoringList
	err := o.Reader.List(ctx, &siblings, client.MatchingFields{FluxNamespaceIndex: fm.Spec.FluxNamespace()})
	if err != nil {
		return nil, fmt.Errorf("listing FluxMonitorings of Flux in namespace %s: %w", fm.Spec.FluxNamespace(), err)
	}
	// What is given counts, which may not be stored yet, or not so.
	siblings.Items = append(slices.DeleteFunc(siblings.Items, func(s v1alpha1.FluxMonitoring) bool { return s.UID == fm.UID }), *fm)
	claims := make([]claim, 0, len(siblings.Items))
	for i := range siblings.Items {
		sibling := &siblings.Items[i]
		if !sibling.DeletionTimestamp.IsZero() {
			continue
		}
		labels, _, err := o.namespace(ctx, sibling.Namespace)
		if err != nil {
			return nil, err
		}
		claims = append(claims, claim{of: sibling, to: claimed(sibling, selected(sibling, all), labels)})
	}
	return rivalOf(fm.UID, claims), nil
}

// claim is what one FluxMonitoring wants of which Prometheus.
type claim struct {
	of *v1alpha1.FluxMonitoring
	to map[string]bool
}

// rivalOf goes through the claims from the oldest on. A claim stands unless it overlaps one that already stands; the one it
// overlaps is its rival.
func rivalOf(uid types.UID, claims []claim) *types.NamespacedName {
	slices.SortFunc(claims, func(a, b claim) int { return byAge(a.of, b.of) })
	var standing []claim
	for _, c := range claims {
		i := slices.IndexFunc(standing, func(s claim) bool { return overlap(s.to, c.to) })
		if c.of.UID == uid {
			if i < 0 {
				return nil
			}
			key := client.ObjectKeyFromObject(standing[i].of)
			return &key
		}
		if i < 0 {
			standing = append(standing, c)
		}
	}
	return nil
}

// byAge orders FluxMonitorings by age, and by namespace and name where they are of one second.
func byAge(a, b *v1alpha1.FluxMonitoring) int {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	}
	if client.ObjectKeyFromObject(a).String() < client.ObjectKeyFromObject(b).String() {
		return -1
	}
	return 1
}

// claimed are the instances that would scrape for a FluxMonitoring, and those that would evaluate its rules: those that
// reach into its namespace.
func claimed(fm *v1alpha1.FluxMonitoring, instances []selection.Instance, labels map[string]string) map[string]bool {
	claims := map[string]bool{}
	c := selection.Candidate{Namespace: fm.Namespace, NamespaceLabels: labels}
	for _, i := range instances {
		name := i.Kind + "/" + i.Namespace + "/" + i.Name
		if v1alpha1.On(fm.Spec.Scrape.Enabled) && i.ReachesNamespace(i.PodMonitors, c) {
			claims["scrape "+name] = true
		}
		if v1alpha1.On(fm.Spec.Alerts.Enabled) && i.EvaluatesRules() && i.ReachesNamespace(i.Rules, c) {
			claims["evaluate "+name] = true
		}
	}
	return claims
}

func overlap(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}
