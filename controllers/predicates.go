package controllers

import (
	"reflect"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// specOrRequestChanged lets through a change of the spec, a request to reconcile now, and an arrival in the shard.
func specOrRequestChanged(shard labels.Selector) predicate.Predicate {
	return predicate.Or(predicate.GenerationChangedPredicate{}, predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, _ := fluxmeta.ReconcileAnnotationValue(e.ObjectOld.GetAnnotations())
		is, _ := fluxmeta.ReconcileAnnotationValue(e.ObjectNew.GetAnnotations())
		return was != is || matchesShard(shard, e.ObjectNew) && !matchesShard(shard, e.ObjectOld)
	}})
}

// matchesShard reports whether an object is of the shard.
func matchesShard(shard labels.Selector, o client.Object) bool {
	return shard.Matches(labels.Set(o.GetLabels()))
}

// controllerChanged lets through what changes the Flux found, so that a rollout's many updates do not.
func controllerChanged() predicate.Predicate {
	concerns := func(o client.Object) bool {
		d, ok := o.(*appsv1.Deployment)
		if !ok {
			return false
		}
		return observe.IsFlux(d)
	}
	p := predicate.NewPredicateFuncs(concerns)
	p.UpdateFunc = func(e event.UpdateEvent) bool {
		was, ok1 := e.ObjectOld.(*appsv1.Deployment)
		is, ok2 := e.ObjectNew.(*appsv1.Deployment)
		return ok1 && ok2 && (concerns(was) || concerns(is)) &&
			(!reflect.DeepEqual(was.Spec, is.Spec) || !reflect.DeepEqual(was.Labels, is.Labels))
	}
	return p
}

// changed lets through an update of an object of which another thing is read than before, and every other event.
func changed(read func(client.Object) any) predicate.Funcs {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return !reflect.DeepEqual(read(e.ObjectOld), read(e.ObjectNew)) }}
}

// changedWhere is changed for the kinds of which only some objects matter. It lets through creation and deletion only of those.
func changedWhere(matters func(client.Object) bool, read func(client.Object) any) predicate.Funcs {
	p := predicate.NewPredicateFuncs(matters)
	p.UpdateFunc, p.GenericFunc = changed(read).UpdateFunc, nil
	return p
}

// instanceChanged lets through what changes a Prometheus' selectors, or whether it has an Alertmanager.
func instanceChanged() predicate.TypedPredicate[client.Object] {
	return changed(func(o client.Object) any {
		instance, _ := observe.InstanceOf(o)
		return instance
	})
}

// alertmanagerChanged lets through what changes which AlertmanagerConfigs an Alertmanager selects, and how.
func alertmanagerChanged() predicate.TypedPredicate[client.Object] {
	return changed(func(o client.Object) any {
		alertmanager, _ := observe.AlertmanagerOf(o)
		return alertmanager
	})
}

// grafanaChanged lets through what changes which ConfigMaps a Grafana loads, or whether it has a ready pod.
func grafanaChanged() predicate.TypedPredicate[client.Object] {
	return changedWhere(func(o client.Object) bool { return len(observe.SidecarsOf(o)) > 0 },
		func(o client.Object) any { return observe.SidecarsOf(o) })
}

// stackPartChanged lets through what changes whether a program that a stack can consist of exists, and is available.
func stackPartChanged() predicate.TypedPredicate[client.Object] {
	return changedWhere(func(o client.Object) bool { return observe.StackPartOf(o).Name != "" },
		func(o client.Object) any { return observe.StackPartOf(o) })
}

// statusChanged lets through what changes what grafana-operator reports about a GrafanaDashboard, or helm-controller about a HelmRelease. The
// watch of the metadata reports the rest.
func statusChanged() predicate.TypedPredicate[client.Object] {
	return changed(func(o client.Object) any {
		switch plain, ok := o.(*unstructured.Unstructured); {
		case !ok:
			return nil
		case plain.GetKind() == kinds.HelmRelease.Kind:
			return observe.ReleaseOf(plain)
		default:
			return observe.GrafanaDashboardOf(plain)
		}
	})
}

// createdOrDeleted lets through that an object is created or deleted.
func createdOrDeleted() predicate.TypedPredicate[client.Object] {
	return predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}
}

// namespaceChanged lets through namespaces that come or go, or begin to go, or whose labels change.
func namespaceChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return !reflect.DeepEqual(e.ObjectOld.GetLabels(), e.ObjectNew.GetLabels()) ||
			e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero()
	}}
}

// stakeChanged reports whether an update changes what a FluxMonitoring claims, or has, or whether it can have it; and whether that concerns
// only those that have what it claims.
func stakeChanged(shard labels.Selector, e event.UpdateEvent) (changed, holding bool) {
	was, ok1 := e.ObjectOld.(*v1alpha1.FluxMonitoring)
	is, ok2 := e.ObjectNew.(*v1alpha1.FluxMonitoring)
	if !ok1 || !ok2 {
		return false, false
	}
	return observe.ClaimStateOf(shard, is).Changed(observe.ClaimStateOf(shard, was))
}
