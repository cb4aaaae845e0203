package controllers

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
)

// gotPlainUIDs lets through what has just been given the plain uids for its dashboards.
func gotPlainUIDs() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, isOld := e.ObjectOld.(*v1alpha1.FluxMonitoring)
			after, isNew := e.ObjectNew.(*v1alpha1.FluxMonitoring)
			return isOld && isNew && !before.HasPlainUIDs() && after.HasPlainUIDs()
		},
		DeleteFunc:  func(event.DeleteEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// withPlainUIDs are the FluxMonitorings that share the plain uids: two that were created in one second may not have seen each other.
func (r *FluxMonitoringReconciler) withPlainUIDs(ctx context.Context, _ client.Object) []ctrl.Request {
	var all v1alpha1.FluxMonitoringList
	if err := r.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Listing FluxMonitorings failed")
		return nil
	}
	var requests []ctrl.Request
	for _, key := range facts.SharingPlainUIDs(all.Items) {
		requests = append(requests, ctrl.Request{NamespacedName: key})
	}
	return requests
}
