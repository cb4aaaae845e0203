package controllers

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

// firstLook is how soon to look again, at the least, after a fault and after a look that took until the next was due.
const firstLook = 100 * time.Millisecond

// APIReconciler follows which of the kinds that may be absent the cluster serves, told by the coming and going of their
// CRDs, and asks the discovery API only then.
type APIReconciler struct {
	// Client reads CRDs' metadata through the cache.
	Client client.Client
	// Live reads from the API server itself.
	Live client.Reader
	// Discovery asks the API server what it serves.
	Discovery discovery.DiscoveryInterface
	// Optional kinds, told what is served.
	Optional *OptionalKinds

	lifetime context.Context
	looks    looks
}

// SetupWithManager adds the controller to the manager. The caches it starts live as long as the context, which must be the
// one the manager is started with: they outlive the run that starts them.
func (r *APIReconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	r.lifetime = ctx
	concerns := predicate.NewPredicateFuncs(func(o client.Object) bool { return len(kinds.OfCRD(o.GetName())) > 0 })
	news := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request {
		r.looks.news()
		return []ctrl.Request{{}}
	})
	return ctrl.NewControllerManagedBy(mgr).
		Named("apis").
		WatchesMetadata(kinds.Metadata(kinds.CustomResourceDefinition), news, builder.WithPredicates(concerns)).
		WatchesRawSource(atStart).
		WithOptions(controller.Options{RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[ctrl.Request](firstLook, stalledRetry)}).
		Complete(reconcile.Func(r.Reconcile))
}

// Reconcile makes the optional kinds those that are served now, and looks again as looks says: a CRD that is there but not
// served is looked for until it is. A kind that cannot be read is tried again and again, ever less often.
func (r *APIReconciler) Reconcile(ctx context.Context, _ ctrl.Request) (ctrl.Result, error) {
	looked := time.Now()
	a, pending := r.look(ctx)
	if err := r.Optional.follow(r.lifetime, a); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: r.looks.next(looked, pending)}, nil
}

// look finds which optional kinds have a CRD and are served, each in one version, and which cannot be read; pending tells of a CRD
// that the API server does not serve yet. What fails of one kind or of one group says nothing of another.
func (r *APIReconciler) look(ctx context.Context) (a availability, pending bool) {
	a = availability{served: map[schema.GroupVersionKind]bool{}, faults: map[schema.GroupVersionKind]error{}}
	listed, unlisted := r.listed()
	for _, name := range kinds.CRDs() {
		kind, is, err := r.version(ctx, name, kinds.OfCRD(name), listed, unlisted)
		switch {
		case err != nil:
			a.faults[kind] = err
		case is:
			a.served[kind] = true
		case kind != schema.GroupVersionKind{}:
			pending = true
		}
	}
	return a, pending
}

// version is the version in which a kind is in use, if it is; without being in use, it is one that is there and not served yet. The error is
// why that is not known, or why it cannot be read.
func (r *APIReconciler) version(
	ctx context.Context, crd string, versions []schema.GroupVersionKind, listed map[schema.GroupVersionKind]bool, unlisted map[schema.GroupVersion]error,
) (kind schema.GroupVersionKind, is bool, err error) {
	running := slices.IndexFunc(versions, func(kind schema.GroupVersionKind) bool { return r.Optional.Reader(kind) != nil })
	there, err := defined(ctx, r.Client, crd)
	if err != nil {
		return versions[max(running, 0)], false, err
	}
	if !there {
		return kind, false, nil
	}
	for _, version := range versions {
		if err := unlisted[version.GroupVersion()]; err != nil {
			return versions[max(running, 0)], false, err
		}
		if !listed[version] {
			continue
		}
		if r.Optional.Reader(version) != nil {
			return version, true, nil
		}
		err := r.answers(ctx, version)
		return version, err == nil, ignoreAbsence(err)
	}
	return versions[0], false, nil
}

// answers is an error unless a kind that discovery lists can be read already. There may be seconds between the two for a large
// CRD, and an informer that starts meanwhile would back off for longer.
func (r *APIReconciler) answers(ctx context.Context, kind schema.GroupVersionKind) error {
	ctx, stop := context.WithTimeout(ctx, syncTimeout)
	defer stop()
	if err := r.Live.List(ctx, kinds.MetadataList(kind), client.Limit(1)); err != nil {
		return fmt.Errorf("listing %s objects: %w", kind.Kind, err)
	}
	return nil
}

// ignoreAbsence leaves out an error that says no more than that a kind is not served.
func ignoreAbsence(err error) error {
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) || apierrors.IsMethodNotSupported(err) {
		return nil
	}
	return err
}

// listed are the kinds that the API server lists for the group versions of the optional kinds, and why it does not tell of some.
func (r *APIReconciler) listed() (listed map[schema.GroupVersionKind]bool, unlisted map[schema.GroupVersion]error) {
	listed, unlisted = map[schema.GroupVersionKind]bool{}, map[schema.GroupVersion]error{}
	asked := map[schema.GroupVersion]bool{}
	for _, kind := range kinds.Optional() {
		gv := kind.GroupVersion()
		if asked[gv] {
			continue
		}
		asked[gv] = true
		resources, err := resourcesOf(r.Discovery, gv.String())
		if err != nil {
			unlisted[gv] = err
		}
		for _, resource := range resources {
			listed[gv.WithKind(resource.Kind)] = true
		}
	}
	return listed, unlisted
}

// resourcesOf are the resources that the API server lists for a group version; none where it does not serve it.
func resourcesOf(asked discovery.DiscoveryInterface, groupVersion string) ([]metav1.APIResource, error) {
	resources, err := asked.ServerResourcesForGroupVersion(groupVersion)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking what %s serves: %w", groupVersion, err)
	}
	return resources.APIResources, nil
}

// defined reports whether a CRD is there, and there to stay.
func defined(ctx context.Context, reader client.Reader, name string) (bool, error) {
	crd := kinds.Metadata(kinds.CustomResourceDefinition)
	err := reader.Get(ctx, client.ObjectKey{Name: name}, crd)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading CRD %s: %w", name, err)
	}
	return crd.DeletionTimestamp == nil, nil
}

// atStart asks for one run when the controller starts, whatever there is to be seen.
var atStart = source.Func(func(_ context.Context, q queue) error {
	q.Add(ctrl.Request{})
	return nil
})
