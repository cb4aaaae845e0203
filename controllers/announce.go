package controllers

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/status"
)

// record records events about a FluxMonitoring.
func (r *FluxMonitoringReconciler) record(fm *v1alpha1.FluxMonitoring, events []status.Event) {
	for _, e := range events {
		var related runtime.Object
		if e.Related != nil {
			related = e.Related
		}
		r.Events.Eventf(fm, related, e.Type, e.Reason, e.Action, "%s", e.Note)
	}
}
