package controllers

import (
	"cmp"
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// readyMetric is /readyz as a metric, for alerts: Prometheus also scrapes a pod that is not ready.
func readyMetric(ready healthz.Checker) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "fluxmonitoring_operator_ready",
		Help: "1 while /readyz of this pod is ok, else 0.",
	}, func() float64 {
		if ready(nil) != nil {
			return 0
		}
		return 1
	})
}

// mostUnobserved bounds the FluxMonitorings of a namespace that are exported, so that a tenant cannot add series without limit.
const mostUnobserved = 10

var unobservedMetric = prometheus.NewDesc("fluxmonitoring_unobserved_generations",
	"Generations of a FluxMonitoring that no operator has reported on in its status. Of each namespace the first ten by name that have any.",
	[]string{"namespace", "name"}, nil)

// unobserved exports which FluxMonitorings are not reconciled. Each replica exports it for every FluxMonitoring of the namespaces that it
// watches, also for those that another replica should reconcile, because that one may be the one that fails.
type unobserved struct {
	// reader of FluxMonitorings.
	reader client.Reader
	// readable is an error before there is anything to read from.
	readable healthz.Checker
}

// Describe names the metric.
func (u unobserved) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- unobservedMetric }

// Collect reads the cache. If it cannot be read, the metric of readiness is 0.
func (u unobserved) Collect(metrics chan<- prometheus.Metric) {
	var all v1alpha1.FluxMonitoringList
	if u.readable(nil) != nil || u.reader.List(context.Background(), &all, client.UnsafeDisableDeepCopy) != nil {
		return
	}
	for _, fm := range unobservedOf(all.Items) {
		metrics <- prometheus.MustNewConstMetric(unobservedMetric, prometheus.GaugeValue, float64(behind(fm)), fm.Namespace, fm.Name)
	}
}

// behind is how many generations of a FluxMonitoring its status does not report on. One that is being deleted is not reconciled any more.
func behind(fm *v1alpha1.FluxMonitoring) int64 {
	if !fm.DeletionTimestamp.IsZero() {
		return 0
	}
	return fm.Generation - max(fm.Status.ObservedGeneration, 0)
}

// unobservedOf are the first of each namespace, by name, whose status does not report on their current generation.
func unobservedOf(all []v1alpha1.FluxMonitoring) []*v1alpha1.FluxMonitoring {
	var found []*v1alpha1.FluxMonitoring
	for i := range all {
		if behind(&all[i]) > 0 {
			found = append(found, &all[i])
		}
	}
	slices.SortFunc(found, func(a, b *v1alpha1.FluxMonitoring) int { return cmp.Compare(a.Name, b.Name) })
	of := map[string]int{}
	return slices.DeleteFunc(found, func(fm *v1alpha1.FluxMonitoring) bool {
		of[fm.Namespace]++
		return of[fm.Namespace] > mostUnobserved
	})
}
