package controllers

import (
	"context"
	"errors"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/observe"
)

type queue = workqueue.TypedRateLimitingInterface[ctrl.Request]

const (
	// firstRetry and lastRetry bound the backoff after a fault that may pass by itself.
	firstRetry = 200 * time.Millisecond
	lastRetry  = 2 * time.Minute
	// longestRun is how long a run over one FluxMonitoring may take a worker. A slow webhook adds up to ten seconds for each object.
	longestRun = 5 * time.Minute
)

// CacheOptions are what the manager's cache keeps: of the operator's ConfigMaps what shows drift, of Deployments what identifies a controller
// of Flux or a Grafana, of Namespaces and CRDs name and labels. Never Secrets. FluxMonitorings are those of the namespaces; those of every
// namespace if none is given.
func CacheOptions(namespaces ...string) cache.Options {
	resources := cache.ByObject{Transform: cache.TransformStripManagedFields()}
	for _, namespace := range namespaces {
		if resources.Namespaces == nil {
			resources.Namespaces = map[string]cache.Config{}
		}
		resources.Namespaces[namespace] = cache.Config{}
	}
	return cache.Options{
		ByObject: map[client.Object]cache.ByObject{
			kinds.Metadata(kinds.ConfigMap):                {Label: mark.Owned(), Transform: apply.Strip},
			&appsv1.Deployment{}:                           {Transform: observe.StripDeployment},
			kinds.Metadata(kinds.Namespace):                {Transform: observe.Strip},
			kinds.Metadata(kinds.CustomResourceDefinition): {Transform: observe.Strip},
			&v1alpha1.FluxMonitoring{}:                     resources,
		},
	}
}

// SetupWithManager adds the controller to the manager, with at most `concurrent` FluxMonitorings under way at once.
func (r *FluxMonitoringReconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager, concurrent int) error {
	if err := addIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	c, err := ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.FluxMonitoring{}, builder.WithPredicates(specOrRequestChanged(r.Shard))).
		Watches(&v1alpha1.FluxMonitoring{}, r.siblings()).
		Watches(&v1alpha1.FluxMonitoring{}, handler.EnqueueRequestsFromMapFunc(r.withPlainUIDs), builder.WithPredicates(gotPlainUIDs())).
		Watches(&v1alpha1.FluxMonitoring{}, r.leavers()).
		WatchesMetadata(kinds.Metadata(kinds.CustomResourceDefinition), r.crdChanged()).
		Watches(&appsv1.Deployment{}, handler.EnqueueRequestsFromMapFunc(r.ofFluxNamespace), builder.WithPredicates(controllerChanged())).
		Watches(&appsv1.Deployment{}, handler.EnqueueRequestsFromMapFunc(r.all), builder.WithPredicates(grafanaChanged())).
		Watches(&appsv1.Deployment{}, handler.EnqueueRequestsFromMapFunc(r.withStack), builder.WithPredicates(stackPartChanged())).
		WatchesMetadata(kinds.Metadata(kinds.Namespace), handler.EnqueueRequestsFromMapFunc(r.ofNamespace), builder.WithPredicates(namespaceChanged())).
		WatchesMetadata(kinds.Metadata(kinds.ConfigMap), r.generated(kinds.ConfigMap)).
		WatchesRawSource(source.Channel(r.Optional.Changed, handler.EnqueueRequestsFromMapFunc(r.signalled(r.all)))).
		WatchesRawSource(source.Channel(r.Verifier.Announced, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: concurrent,
			ReconciliationTimeout:   longestRun,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](firstRetry, lastRetry),
		}).
		Build(r)
	if err != nil {
		return err
	}
	r.Bootstrap.Watch = func(object client.Object, informers cache.Cache) error {
		changed := predicate.TypedGenerationChangedPredicate[client.Object]{}
		return c.Watch(source.Kind(informers, object, handler.EnqueueRequestsFromMapFunc(r.all), changed))
	}
	r.Optional.Watch = func(kind schema.GroupVersionKind, informers cache.Cache) error {
		var object client.Object = kinds.Of(kind).New()
		switch kind {
		case kinds.Prometheus, kinds.PrometheusAgent:
			return errors.Join(c.Watch(source.Kind(informers, object, handler.EnqueueRequestsFromMapFunc(r.all), instanceChanged())),
				c.Watch(source.Kind(informers, object, handler.EnqueueRequestsFromMapFunc(r.withStack), stackPartChanged())))
		case kinds.Alertmanager:
			return errors.Join(c.Watch(source.Kind(informers, object, handler.EnqueueRequestsFromMapFunc(r.all), alertmanagerChanged())),
				c.Watch(source.Kind(informers, object, handler.EnqueueRequestsFromMapFunc(r.withStack), stackPartChanged())))
		case kinds.StatefulSet:
			return c.Watch(source.Kind(informers, object, handler.EnqueueRequestsFromMapFunc(r.all), grafanaChanged()))
		case kinds.GrafanaDashboard, kinds.HelmRelease:
			var plain client.Object = kinds.Plain(kind)
			return errors.Join(c.Watch(source.Kind(informers, object, r.generated(kind))),
				c.Watch(source.Kind(informers, plain, handler.EnqueueRequestsFromMapFunc(ofOwner), statusChanged())))
		case kinds.FluxReport:
			return c.Watch(source.Kind(informers, object, handler.EnqueueRequestsFromMapFunc(r.signalled(r.ofFluxNamespace)), createdOrDeleted()))
		}
		return c.Watch(source.Kind(informers, object, r.generated(kind)))
	}
	return nil
}

// addIndexes adds the indexes by which the caches are read.
func addIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	for _, of := range []struct {
		object client.Object
		name   string
		index  client.IndexerFunc
	}{
		{&v1alpha1.FluxMonitoring{}, observe.FluxNamespaceIndex, observe.IndexFluxNamespace},
		{&v1alpha1.FluxMonitoring{}, choosesNamespacesIndex, indexChoosesNamespaces},
		{&appsv1.Deployment{}, observe.GrafanaIndex, observe.IndexGrafana},
		{&appsv1.Deployment{}, observe.OperatorIndex, observe.IndexOperator},
	} {
		if err := indexer.IndexField(ctx, of.object, of.name, of.index); err != nil {
			return err
		}
	}
	return nil
}

// signalled has the StateReconciler run too, if there are any requests: where the state of objects comes from may change.
func (r *FluxMonitoringReconciler) signalled(requests handler.MapFunc) handler.MapFunc {
	return func(ctx context.Context, o client.Object) []ctrl.Request {
		found := requests(ctx, o)
		if len(found) > 0 {
			r.State.Signal()
		}
		return found
	}
}

// generated enqueues the owner of an object, unless the event is only the echo of the operator's own write. If the owner label changes, it
// enqueues the owners before and after. A contested object waits until it may be restored, because others change it many times a second.
func (r *FluxMonitoringReconciler) generated(kind schema.GroupVersionKind) handler.EventHandler {
	add := func(q queue, objects ...client.Object) {
		for _, o := range objects {
			if m := generatedObject(kind, o); m != nil {
				wait := r.Applier.Contests.Wait(m)
				for _, name := range apply.Names(m) {
					q.AddAfter(ctrl.Request{NamespacedName: types.NamespacedName{Namespace: m.Namespace, Name: name}}, wait)
				}
			}
		}
	}
	echo := func(o client.Object) bool {
		m := generatedObject(kind, o)
		return m != nil && r.Applier.Writes.Observe(m)
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) {
			if !echo(e.Object) {
				add(q, e.Object)
			}
		},
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q queue) {
			if !echo(e.ObjectNew) {
				add(q, e.ObjectOld, e.ObjectNew)
			}
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) {
			if m := generatedObject(kind, e.Object); m != nil {
				r.Applier.Writes.ObserveDeleted(m)
			}
			add(q, e.Object)
		},
	}
}

// generatedObject is an object's metadata with the kind, which a watch does not set; nil for any other object.
func generatedObject(kind schema.GroupVersionKind, o client.Object) *metav1.PartialObjectMetadata {
	m, ok := o.(*metav1.PartialObjectMetadata)
	if !ok || m == nil {
		return nil
	}
	with := *m
	with.SetGroupVersionKind(kind)
	return &with
}

// siblings enqueues the other FluxMonitorings of the same Flux: what one claims, another may not. A new one has nothing yet, so it does not
// concern them before its status changes.
func (r *FluxMonitoringReconciler) siblings() handler.EventHandler {
	touch := func(ctx context.Context, q queue, holding bool, versions ...client.Object) {
		var all []*v1alpha1.FluxMonitoring
		for _, version := range versions {
			if fm, ok := version.(*v1alpha1.FluxMonitoring); ok {
				all = append(all, fm)
			}
		}
		touched, err := r.Observer.Affected(ctx, holding, all...)
		if err != nil { // the caches return one only before they are filled
			ctrl.LoggerFrom(ctx).Error(err, "Listing the FluxMonitorings that a claim concerns failed")
		}
		for _, key := range touched {
			q.Add(ctrl.Request{NamespacedName: key})
		}
	}
	return handler.Funcs{
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			if changed, holding := stakeChanged(r.Shard, e); changed {
				touch(ctx, q, holding, e.ObjectOld, e.ObjectNew)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) { touch(ctx, q, false, e.Object) },
	}
}

// ofFluxNamespace are the FluxMonitorings of the Flux in an object's namespace.
func (r *FluxMonitoringReconciler) ofFluxNamespace(ctx context.Context, o client.Object) []ctrl.Request {
	return r.ofFlux(ctx, o.GetNamespace())
}

// ofFlux are the FluxMonitorings of the Flux in a namespace.
func (r *FluxMonitoringReconciler) ofFlux(ctx context.Context, namespace string) []ctrl.Request {
	return r.list(ctx, client.MatchingFields{observe.FluxNamespaceIndex: namespace})
}

// ofNamespace are the FluxMonitorings that a namespace concerns: those of a Flux in it, those in it, those that choose Prometheus instances
// by namespaces' labels where it has any, and of the last two also the others of the same Flux, because they may no longer claim what they
// did.
func (r *FluxMonitoringReconciler) ofNamespace(ctx context.Context, o client.Object) []ctrl.Request {
	requests := r.ofFlux(ctx, o.GetName())
	claiming := r.find(ctx, client.InNamespace(o.GetName()))
	if has, err := r.Observer.HasInstances(ctx, o.GetName()); has || err != nil {
		claiming = append(claiming, r.find(ctx, client.MatchingFields{choosesNamespacesIndex: "true"})...)
	}
	fluxes := map[string]bool{}
	for i := range claiming {
		if of := claiming[i].Spec.FluxNamespace(); !fluxes[of] {
			fluxes[of] = true
			requests = append(requests, r.ofFlux(ctx, of)...)
		}
	}
	return requests
}

// choosesNamespacesIndex is the index of FluxMonitorings by whether they choose Prometheus instances by namespaces' labels.
const choosesNamespacesIndex = "spec.prometheus.namespaceSelector"

func indexChoosesNamespaces(o client.Object) []string {
	if fm, ok := o.(*v1alpha1.FluxMonitoring); ok && fm.Spec.Prometheus.NamespaceSelector != nil {
		return []string{"true"}
	}
	return nil
}

// ofOwner is the FluxMonitoring that the label of a generated object names.
func ofOwner(_ context.Context, o client.Object) []ctrl.Request {
	return []ctrl.Request{{NamespacedName: types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetLabels()[mark.OwnerLabel]}}}
}

// all FluxMonitorings.
func (r *FluxMonitoringReconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	return r.list(ctx)
}

// withStack are the FluxMonitorings with spec.stack.
func (r *FluxMonitoringReconciler) withStack(ctx context.Context, _ client.Object) (requests []ctrl.Request) {
	for _, fm := range r.find(ctx) {
		if fm.Spec.Stack != nil {
			requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&fm)})
		}
	}
	return requests
}

// list are the requests for the FluxMonitorings that are found.
func (r *FluxMonitoringReconciler) list(ctx context.Context, options ...client.ListOption) []ctrl.Request {
	found := r.find(ctx, options...)
	requests := make([]ctrl.Request, 0, len(found))
	for i := range found {
		requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&found[i])})
	}
	return requests
}

// find reads FluxMonitorings from the cache, which cannot fail once it is filled. Nobody may change them.
func (r *FluxMonitoringReconciler) find(ctx context.Context, options ...client.ListOption) []v1alpha1.FluxMonitoring {
	var found v1alpha1.FluxMonitoringList
	if err := r.Client.List(ctx, &found, append(options, client.UnsafeDisableDeepCopy)...); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Listing FluxMonitorings failed")
		return nil
	}
	return found.Items
}

// crdChanged enqueues every FluxMonitoring when the schema of a generated kind has changed: it may have a field that it lacked, or lack one
// that it had, which the API server then drops from existing objects silently. It also does so when the kind of another collector comes or
// goes, because conditions name it.
func (r *FluxMonitoringReconciler) crdChanged() handler.EventHandler {
	enqueue := func(ctx context.Context, crd client.Object, q queue) {
		for _, request := range r.all(ctx, crd) {
			q.Add(request)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q queue) {
			if kinds.IsCollectorCRD(e.Object.GetName()) {
				enqueue(ctx, e.Object, q)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() && r.Schemas.Doubt(e.ObjectNew.GetName()) {
				enqueue(ctx, e.ObjectNew, q)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) {
			if kinds.IsCollectorCRD(e.Object.GetName()) {
				enqueue(ctx, e.Object, q)
			}
		},
	}
}
