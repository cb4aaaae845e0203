package controllers

import (
	"cmp"
	"context"
	"slices"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// mostExported bounds the FluxMonitorings of a namespace that are exported, so that a tenant cannot add series without limit.
const mostExported = 10

var unobservedMetric = prometheus.NewDesc("fluxmonitoring_unobserved_generations",
	"Generations of a FluxMonitoring that no operator has reported on in its status. At most ten FluxMonitorings of a namespace, the first by "+
		"name, have it.",
	[]string{"namespace", "name"}, nil)

var conditionMetric = prometheus.NewDesc("fluxmonitoring_condition",
	"1 while a condition of a FluxMonitoring is True, 0 while it is False, absent else. At most ten FluxMonitorings of a namespace, the first by "+
		"name, have it.",
	[]string{"namespace", "name", "type"}, nil)

// exportedConditions are the conditions that are exported.
var exportedConditions = append([]string{fluxmeta.ReadyCondition}, v1alpha1.Evidence()...)

// monitorings exports which FluxMonitorings are not reconciled, and the conditions of all. Each replica exports it for every FluxMonitoring
// of the namespaces that it watches, also for those that another replica should reconcile, because that one may be the one that fails.
type monitorings struct {
	// reader of FluxMonitorings.
	reader client.Reader
	// readable is an error before there is anything to read from.
	readable healthz.Checker
}

// Describe names the metrics.
func (m monitorings) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- unobservedMetric
	descriptions <- conditionMetric
}

// Collect reads the cache. If it cannot be read, the metric of readiness is 0.
func (m monitorings) Collect(metrics chan<- prometheus.Metric) {
	var all v1alpha1.FluxMonitoringList
	if m.readable(nil) != nil || m.reader.List(context.Background(), &all, client.UnsafeDisableDeepCopy) != nil {
		return
	}
	for _, fm := range firstOf(all.Items, func(fm *v1alpha1.FluxMonitoring) bool { return behind(fm) > 0 }) {
		metrics <- prometheus.MustNewConstMetric(unobservedMetric, prometheus.GaugeValue, float64(behind(fm)), fm.Namespace, fm.Name)
	}
	for _, fm := range firstOf(all.Items, func(*v1alpha1.FluxMonitoring) bool { return true }) {
		for _, condition := range exportedConditions {
			if value, known := valueOf(fm, condition); known {
				metrics <- prometheus.MustNewConstMetric(conditionMetric, prometheus.GaugeValue, value, fm.Namespace, fm.Name, condition)
			}
		}
	}
}

// valueOf is 1 for a condition that is True and 0 for one that is False; nothing else is known.
func valueOf(fm *v1alpha1.FluxMonitoring, condition string) (value float64, known bool) {
	switch is := meta.FindStatusCondition(fm.Status.Conditions, condition); {
	case is == nil || is.Status == metav1.ConditionUnknown:
		return 0, false
	case is.Status == metav1.ConditionTrue:
		return 1, true
	}
	return 0, true
}

// behind is how many generations of a FluxMonitoring its status does not report on. One that is being deleted is not reconciled any more.
func behind(fm *v1alpha1.FluxMonitoring) int64 {
	if !fm.DeletionTimestamp.IsZero() {
		return 0
	}
	return fm.Generation - max(fm.Status.ObservedGeneration, 0)
}

// firstOf are the first of each namespace, by name, of those that are so.
func firstOf(all []v1alpha1.FluxMonitoring, is func(*v1alpha1.FluxMonitoring) bool) []*v1alpha1.FluxMonitoring {
	var found []*v1alpha1.FluxMonitoring
	for i := range all {
		if is(&all[i]) {
			found = append(found, &all[i])
		}
	}
	slices.SortFunc(found, func(a, b *v1alpha1.FluxMonitoring) int { return cmp.Compare(a.Name, b.Name) })
	of := map[string]int{}
	return slices.DeleteFunc(found, func(fm *v1alpha1.FluxMonitoring) bool {
		of[fm.Namespace]++
		return of[fm.Namespace] > mostExported
	})
}
