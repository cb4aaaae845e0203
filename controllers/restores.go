package controllers

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/status"
)

// restores counts the objects that were put back after somebody else had changed or deleted them.
var restores = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "fluxmonitoring_restores_total",
	Help: "Generated objects that were put back after somebody else had changed or deleted them, by kind.",
}, []string{"kind"})

func init() {
	metrics.Registry.MustRegister(restores)
	for _, kind := range kinds.Generated() {
		restores.WithLabelValues(kind.Kind)
	}
}

// countRestores counts those among the changes to a FluxMonitoring's objects. The inventory lists what existed before.
func countRestores(fm *v1alpha1.FluxMonitoring, changes []apply.Change) {
	for _, c := range changes {
		if c.Action == apply.Restored || c.Action == apply.Created && listed(fm, &c) {
			restores.WithLabelValues(c.Kind.Kind).Inc()
		}
	}
}

// listed reports whether the inventory has the object of a change.
func listed(fm *v1alpha1.FluxMonitoring, c *apply.Change) bool {
	return fm.Status.Inventory != nil &&
		slices.Contains(fm.Status.Inventory.Entries, status.InventoryEntry(fm.Namespace, c.Name, c.Kind))
}

// contested adds the failures of the objects that somebody else changes again and again, unless they have failed already.
func (o *reconcileResult) contested(owner apply.Owner, contests *apply.Contests) {
	failures, retry := contests.Contested(owner, slices.DeleteFunc(slices.Clone(o.Desired), func(w *unstructured.Unstructured) bool {
		return slices.ContainsFunc(o.Failures, func(f *apply.Failure) bool { return f.Change.Desired == w })
	}))
	o.Failures, o.retryContested = append(o.Failures, failures...), retry
}
