package inspect

import (
	"context"
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/check"
)

// FluxMonitorings of a namespace, or of all if it is "". If the cluster has no such CRD, there are none.
func (i *Inspector) FluxMonitorings(ctx context.Context, namespace string) ([]v1alpha1.FluxMonitoring, error) {
	var all v1alpha1.FluxMonitoringList
	if err := ignoreMissingCRD(i.live.List(ctx, &all, client.InNamespace(namespace))); err != nil {
		return nil, fmt.Errorf("listing FluxMonitorings: %w", err)
	}
	return all.Items, nil
}

// PrometheusRules of all namespaces. If the cluster has no such CRD, there are none.
func (i *Inspector) PrometheusRules(ctx context.Context) ([]monitoringv1.PrometheusRule, error) {
	var all monitoringv1.PrometheusRuleList
	if err := i.live.List(ctx, &all); err != nil && !meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("listing PrometheusRules: %w", err)
	}
	return all.Items, nil
}

// Fluxes are what is known of the Flux of each FluxMonitoring. Without any it is the Flux in this namespace, of which Prometheus has at most
// what the controllers export themselves.
func (i *Inspector) Fluxes(ctx context.Context, of []v1alpha1.FluxMonitoring, fluxNamespace string) ([]check.Flux, error) {
	if len(of) == 0 {
		nobodys := v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: fluxNamespace, Name: "check", UID: placeholderUID}}
		nobodys.Spec.Flux.Namespace = fluxNamespace
		nobodys.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceControllers
		of = []v1alpha1.FluxMonitoring{nobodys}
	}
	var all []check.Flux
	for n := range of {
		known, err := i.Observe(ctx, &of[n])
		if err != nil {
			return nil, err
		}
		all = append(all, check.Flux{FluxMonitoring: &of[n], Facts: known})
	}
	return all, nil
}
