package observe

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// Cluster reads the facts for any FluxMonitoring, including future ones in the given namespaces. Without Flux
// namespaces, it reads those that FluxMonitorings name, and the default.
func (o *Observer) Cluster(ctx context.Context, fluxNamespaces, namespaces []string) (facts.Cluster, error) {
	c := facts.Cluster{OperatorNamespace: o.MetricsNamespace, MetricsSecure: o.MetricsSecure, Waits: facts.WrittenWaits(o.State.Timings())}
	var all v1alpha1.FluxMonitoringList
	if err := o.Reader.List(ctx, &all); err != nil {
		return c, fmt.Errorf("listing FluxMonitorings: %w", err)
	}
	concerned := map[string]bool{}
	for _, namespace := range namespaces {
		concerned[namespace] = true
	}
	named := []string{v1alpha1.DefaultFluxNamespace}
	for i := range all.Items {
		concerned[all.Items[i].Namespace] = true
		named = append(named, all.Items[i].Spec.FluxNamespace())
	}
	if len(fluxNamespaces) == 0 {
		slices.Sort(named)
		fluxNamespaces = slices.Compact(named)
	}
	for _, namespace := range fluxNamespaces {
		concerned[namespace] = true
		if err := o.addFlux(ctx, &c, namespace); err != nil {
			return c, err
		}
	}
	if err := o.addMonitoring(ctx, &c); err != nil {
		return c, err
	}
	for _, i := range c.Prometheuses {
		concerned[i.Namespace] = true
	}
	return c, o.addNamespaces(ctx, &c, concerned)
}

// addFlux adds the Flux of a namespace, if there is one.
func (o *Observer) addFlux(ctx context.Context, c *facts.Cluster, namespace string) error {
	found, deployments, err := o.installation(ctx, namespace)
	if err != nil {
		return err
	}
	found.Bootstrap = o.bootstrap(ctx, namespace, deployments)
	if len(found.Controllers) > 0 || len(found.Unscraped) > 0 {
		c.Flux = append(c.Flux, found)
	}
	reporter, err := o.reportNamespace(ctx, namespace)
	if reporter != "" {
		c.FluxOperatorNamespaces = append(c.FluxOperatorNamespaces, reporter)
	}
	return err
}

// addMonitoring adds the Prometheus and Alertmanager objects, the sidecars of Grafana, and the served kinds.
func (o *Observer) addMonitoring(ctx context.Context, c *facts.Cluster) (err error) {
	c.StackNamespaces = o.StackNamespaces
	for _, kind := range kinds.Optional() {
		if o.Optional.Reader(kind) != nil {
			c.Serves = append(c.Serves, facts.Written(kind))
		}
	}
	collectors, err := o.collectors(ctx)
	if err != nil {
		return err
	}
	for _, kind := range collectors {
		c.Serves = append(c.Serves, facts.Written(kind))
	}
	for _, kind := range o.State.FluxKinds() {
		c.FluxServes = append(c.FluxServes, facts.Written(schema.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Name}))
	}
	if c.Prometheuses, err = o.instances(ctx); err != nil {
		return err
	}
	if c.Alertmanagers, err = o.alertmanagers(ctx); err != nil {
		return err
	}
	c.Sidecars, err = o.sidecars(ctx)
	slices.SortFunc(c.Sidecars, selection.CompareSidecars)
	return err
}

// addNamespaces adds the labels of the namespaces.
func (o *Observer) addNamespaces(ctx context.Context, c *facts.Cluster, concerned map[string]bool) error {
	for _, namespace := range slices.Sorted(maps.Keys(concerned)) {
		labels, exists, err := o.namespace(ctx, namespace)
		if err != nil {
			return err
		}
		if exists {
			c.Namespaces = append(c.Namespaces, facts.ClusterNamespace{Name: namespace, Labels: labels})
		}
	}
	return nil
}
