package controllers

import (
	"context"
	"errors"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/internal/status"
)

// refer sets or removes the ownerReferences of the objects of a FluxMonitoring, as deletionPolicy says. It comes first and depends on nothing
// else: neither on a valid spec, nor on a Flux, nor on spec.suspend. It reports whether the policy holds for every object. At rest it reads
// only caches.
func (r *FluxMonitoringReconciler) refer(ctx context.Context, fm *v1alpha1.FluxMonitoring) (holds bool, failures []*apply.Failure, err error) {
	owner, orphan := render.OwnerOf(fm), fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan
	changed := orphan != (fm.Status.DeletionPolicy == v1alpha1.DeletionPolicyOrphan)
	objects, err := r.live(ctx, owner, r.readable())
	if err != nil {
		return false, nil, err
	}
	for _, o := range objects {
		changed = changed || orphan && owner.IsReferencedBy(o)
	}
	if !changed {
		return true, nil, nil
	}
	objects, holds = r.withInventory(fm, objects)
	if failures, err = r.referAll(ctx, fm, objects); err != nil {
		return false, nil, err
	}
	return holds && len(failures) == 0, failures, nil
}

// referAll does that for all objects, concurrently.
func (r *FluxMonitoringReconciler) referAll(
	ctx context.Context, fm *v1alpha1.FluxMonitoring, objects []*metav1.PartialObjectMetadata,
) (failures []*apply.Failure, err error) {
	writer, err := r.Writers.For(fm)
	if err != nil {
		return nil, err
	}
	referenced := fm.Spec.DeletionPolicy != v1alpha1.DeletionPolicyOrphan
	errs := make([]error, len(objects))
	var running sync.WaitGroup
	for i, o := range objects {
		running.Go(func() { errs[i] = r.Applier.SetOwnerReference(ctx, writer, render.OwnerOf(fm), o, referenced) })
	}
	running.Wait()
	for i, err := range errs {
		if err != nil {
			failures = append(failures, apply.FailureOf(objects[i], err))
		}
	}
	return failures, nil
}

// readable are the generated kinds that can be read now.
func (r *FluxMonitoringReconciler) readable() map[schema.GroupVersionKind]bool {
	readable := map[schema.GroupVersionKind]bool{kinds.ConfigMap: true}
	for _, kind := range kinds.Optional() {
		readable[kind] = r.Optional.Reader(kind) != nil
	}
	return readable
}

// withInventory adds the objects that the inventory lists and no cache has, such as one whose label was removed. It reports whether the kinds
// of all of them are served.
func (r *FluxMonitoringReconciler) withInventory(
	fm *v1alpha1.FluxMonitoring, objects []*metav1.PartialObjectMetadata,
) (all []*metav1.PartialObjectMetadata, served bool) {
	listed := map[string]bool{}
	for _, o := range objects {
		listed[status.InventoryEntry(fm.Namespace, o.Name, o.GroupVersionKind()).ID] = true
	}
	served = true
	if fm.Status.Inventory == nil {
		return objects, served
	}
	readable := r.readable()
	for _, e := range fm.Status.Inventory.Entries {
		parts := strings.Split(e.ID, "_")
		if listed[e.ID] || len(parts) != 4 {
			continue
		}
		o := kinds.Metadata(schema.GroupVersionKind{Group: parts[2], Version: e.Version, Kind: parts[3]})
		if !readable[o.GroupVersionKind()] {
			served = false
			continue
		}
		o.Namespace, o.Name = fm.Namespace, parts[1]
		objects = append(objects, o)
	}
	return objects, served
}

// leavers keeps the FluxMonitorings that were deleted with deletionPolicy Orphan until their objects are released.
func (r *FluxMonitoringReconciler) leavers() handler.EventHandler {
	return handler.Funcs{DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) {
		fm, ok := e.Object.(*v1alpha1.FluxMonitoring)
		if ok && fm.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan && matchesShard(r.Shard, fm) {
			key := client.ObjectKeyFromObject(fm)
			r.unreleased.Store(key, fm)
			q.Add(ctrl.Request{NamespacedName: key})
		}
	}}
}

// release removes the ownerReferences from the objects of a FluxMonitoring that was deleted before that was done. The garbage collector may
// have deleted some of them already; the others are kept. A failure that cannot pass is not retried.
func (r *FluxMonitoringReconciler) release(ctx context.Context, key types.NamespacedName) error {
	kept, _ := r.unreleased.Load(key)
	fm, ok := kept.(*v1alpha1.FluxMonitoring)
	if !ok {
		return nil
	}
	_, failures, err := r.refer(ctx, fm)
	if err == nil {
		err = apply.TemporaryErrors(failures)
	}
	if err == nil {
		r.unreleased.Delete(key)
	}
	return err
}

// leave carries out deletionPolicy Orphan for a FluxMonitoring that is being deleted and that a finalizer still keeps.
func (r *FluxMonitoringReconciler) leave(ctx context.Context, fm *v1alpha1.FluxMonitoring) error {
	if fm.Spec.DeletionPolicy != v1alpha1.DeletionPolicyOrphan {
		return nil
	}
	_, failures, err := r.refer(ctx, fm)
	return errors.Join(err, apply.TemporaryErrors(failures))
}
