package observe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// addGrafana adds what Grafana or grafana-operator does with the dashboards of a FluxMonitoring.
func (o *Observer) addGrafana(ctx context.Context, fm *v1alpha1.FluxMonitoring, found *facts.Facts) (err error) {
	switch {
	case !facts.HasDashboards(fm):
		return nil
	case !facts.NeedsSidecar(fm):
		found.GrafanaDashboards, err = o.grafanaDashboards(ctx, fm)
		return err
	}
	all, err := o.sidecars(ctx)
	found.Sidecars = facts.SidecarsFor(fm, all, found.Prometheuses, o.trusts)
	return err
}

// trusts reports whether tenants cannot create objects in a namespace.
func (o *Observer) trusts(namespace string) bool {
	return namespace == o.OperatorNamespace || o.Trusted != nil && o.Trusted(namespace)
}

// sidecars are those of every Grafana of the cluster, in any order.
func (o *Observer) sidecars(ctx context.Context) ([]selection.Sidecar, error) {
	var found []selection.Sidecar
	var deployments appsv1.DeploymentList
	if err := o.Reader.List(ctx, &deployments, client.MatchingFields{GrafanaIndex: HasGrafana}); err != nil {
		return nil, fmt.Errorf("listing the Deployments that run Grafana: %w", err)
	}
	for i := range deployments.Items {
		found = append(found, SidecarsOf(&deployments.Items[i])...)
	}
	reader := o.Optional.Reader(kinds.StatefulSet)
	if reader == nil {
		return found, nil
	}
	var sets appsv1.StatefulSetList
	if err := reader.List(ctx, &sets, client.MatchingFields{GrafanaIndex: HasGrafana}); err != nil {
		return nil, fmt.Errorf("listing the StatefulSets that run Grafana: %w", err)
	}
	for i := range sets.Items {
		found = append(found, SidecarsOf(&sets.Items[i])...)
	}
	return found, nil
}

// grafanaDashboards is what grafana-operator reports about the GrafanaDashboards of a FluxMonitoring, sorted by name.
func (o *Observer) grafanaDashboards(ctx context.Context, fm *v1alpha1.FluxMonitoring) ([]facts.GrafanaDashboard, error) {
	reader := o.Optional.Reader(kinds.GrafanaDashboard)
	if reader == nil {
		return nil, nil
	}
	list := kinds.PlainList(kinds.GrafanaDashboard)
	if err := reader.List(ctx, list, client.InNamespace(fm.Namespace), client.MatchingLabels{mark.OwnerLabel: fm.Name}); err != nil {
		return nil, fmt.Errorf("listing %s objects: %w", kinds.GrafanaDashboard.Kind, err)
	}
	var found []facts.GrafanaDashboard
	for i := range list.Items {
		found = append(found, GrafanaDashboardOf(&list.Items[i]))
	}
	slices.SortFunc(found, func(a, b facts.GrafanaDashboard) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// The conditions of a GrafanaDashboard: grafana-operator sets one of the first only while it is True.
const synchronized = "DashboardSynchronized"

var problems = []string{"NoMatchingInstance", "NoMatchingFolder", "InvalidSpec", "Suspended"}

// GrafanaDashboardOf reads the status of a GrafanaDashboard. What grafana-operator says about an older generation does not count.
func GrafanaDashboardOf(o *unstructured.Unstructured) facts.GrafanaDashboard {
	d := facts.GrafanaDashboard{Name: o.GetName()}
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		name, _ := condition["type"].(string)
		seen, _ := condition["observedGeneration"].(int64)
		switch is := condition["status"] == string(metav1.ConditionTrue); {
		case seen < o.GetGeneration():
		case name == synchronized && is:
			d.Synchronized = true
		case name == synchronized, slices.Contains(problems, name) && is:
			d.Problem = name
		}
	}
	return d
}

// StripStatus is the transform of a cache of generated objects whose status is read: it keeps the identity, the owner and the conditions,
// without what changes at each report.
func StripStatus(o *unstructured.Unstructured) *unstructured.Unstructured {
	kept := &unstructured.Unstructured{Object: map[string]any{}}
	kept.SetGroupVersionKind(o.GroupVersionKind())
	kept.SetNamespace(o.GetNamespace())
	kept.SetName(o.GetName())
	kept.SetUID(o.GetUID())
	kept.SetResourceVersion(o.GetResourceVersion())
	kept.SetGeneration(o.GetGeneration())
	kept.SetLabels(map[string]string{mark.OwnerLabel: o.GetLabels()[mark.OwnerLabel]})
	var conditions []any
	all, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range all {
		if condition, ok := c.(map[string]any); ok {
			conditions = append(conditions, map[string]any{
				"type": condition["type"], "status": condition["status"], "observedGeneration": condition["observedGeneration"],
			})
		}
	}
	if len(conditions) > 0 {
		_ = unstructured.SetNestedSlice(kept.Object, conditions, "status", "conditions") // cannot fail: the parents are maps
	}
	return kept
}
