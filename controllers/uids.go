package controllers

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
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

// withPlainUIDs are the other FluxMonitorings whose dashboards have the plain uids too: two that were created in one second may not have
// seen each other, and one of them has to give way.
func (r *FluxMonitoringReconciler) withPlainUIDs(ctx context.Context, o client.Object) []ctrl.Request {
	var all v1alpha1.FluxMonitoringList
	if err := r.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Listing FluxMonitorings failed")
		return nil
	}
	var requests []ctrl.Request
	for i := range all.Items {
		if other := &all.Items[i]; other.UID != o.GetUID() && other.HasPlainUIDs() {
			requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(other)})
		}
	}
	return requests
}
