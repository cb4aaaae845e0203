package controllers

import (
	"context"
	"net/http"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// bootstrapTimeout bounds how long the FluxMonitoring that first asks for a bootstrap object waits until the cache has listed it.
const bootstrapTimeout = 5 * time.Second

// Bootstrap watches the few objects that say where Flux itself comes from: the FluxInstances of a namespace, and single
// Kustomizations by name. Each is watched from when it is first asked for until its kind is no longer served in that version.
type Bootstrap struct {
	// Config, HTTPClient, Scheme and Mapper of the manager, for the caches.
	Config     *rest.Config
	HTTPClient *http.Client
	Scheme     *runtime.Scheme
	Mapper     meta.RESTMapper
	// Watch attaches the reconciler to a new cache of a kind.
	Watch func(kind client.Object, informers cache.Cache) error
	// Lifetime of the caches: the context that the manager is started with.
	Lifetime context.Context //nolint:containedctx // they outlive the run that asks for them

	mu      sync.Mutex
	running map[bootstrapKey]*runningBootstrap
}

type bootstrapKey struct {
	kind            schema.GroupVersionKind
	namespace, name string
}

type runningBootstrap struct {
	runningKind
	informer cache.Informer
}

var _ observe.Objects = (*Bootstrap)(nil)

// Objects of a kind in a namespace, of one name or all; false while they cannot be read. When they can, the reconciler has an event.
func (r *Bootstrap) Objects(ctx context.Context, kind flux.ServedKind, namespace, name string) ([]unstructured.Unstructured, bool) {
	key := bootstrapKey{schema.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Name}, namespace, name}
	informers := r.cacheOf(ctx, key)
	if informers == nil {
		return nil, false
	}
	found := listOf(key.kind)
	if err := informers.List(ctx, found, client.InNamespace(namespace)); err != nil {
		return nil, false
	}
	return found.Items, true
}

// Follow stops the caches of kinds that are not served, or in another version.
func (r *Bootstrap) Follow(served []flux.ServedKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, running := range r.running {
		if !isServed(served, key.kind) {
			running.stop()
			delete(r.running, key)
		}
	}
}

func isServed(served []flux.ServedKind, kind schema.GroupVersionKind) bool {
	for _, s := range served {
		if s.Group == kind.Group && s.Version == kind.Version && s.Name == kind.Kind {
			return true
		}
	}
	return false
}

// cacheOf is the cache of a key, started where there is none; nil while it is not filled.
func (r *Bootstrap) cacheOf(ctx context.Context, key bootstrapKey) cache.Cache {
	r.mu.Lock()
	defer r.mu.Unlock()
	running := r.running[key]
	if running == nil {
		if running = r.start(ctx, key); running == nil {
			return nil
		}
		if r.running == nil {
			r.running = map[bootstrapKey]*runningBootstrap{}
		}
		r.running[key] = running
	}
	if !running.informer.HasSynced() {
		return nil
	}
	return running.cache
}

// start attaches the reconciler to a new cache, and waits until it is filled or a first attempt fails. It goes on trying by itself.
func (r *Bootstrap) start(ctx context.Context, key bootstrapKey) *runningBootstrap {
	lifetime, stop := context.WithCancel(r.Lifetime)
	syncing, done := context.WithTimeout(ctx, bootstrapTimeout)
	defer done()
	informers, err := cache.New(r.Config, r.options(key, done))
	if err != nil {
		stop()
		return nil
	}
	go func() {
		_ = informers.Start(lifetime) // it returns an error only when started twice
	}()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(key.kind)
	informer, err := informers.GetInformer(syncing, object, cache.BlockUntilSynced(false))
	if err == nil {
		err = r.Watch(object, informers)
	}
	if err != nil {
		stop()
		return nil
	}
	informers.WaitForCacheSync(syncing)
	return &runningBootstrap{runningKind: runningKind{cache: informers, stop: stop}, informer: informer}
}

// options keep what is read of a key's objects. What fails is not waited for.
func (r *Bootstrap) options(key bootstrapKey, failed func()) cache.Options {
	narrowed := cache.Config{}
	if key.name != "" {
		narrowed.FieldSelector = fields.OneTermEqualSelector("metadata.name", key.name)
	}
	return cache.Options{
		HTTPClient: r.HTTPClient, Scheme: r.Scheme, Mapper: r.Mapper, DefaultTransform: observe.StripBootstrap,
		DefaultNamespaces: map[string]cache.Config{key.namespace: narrowed},
		DefaultWatchErrorHandler: func(ctx context.Context, reflector *toolscache.Reflector, err error) {
			failed()
			toolscache.DefaultWatchErrorHandler(ctx, reflector, err)
		},
	}
}

func listOf(kind schema.GroupVersionKind) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	return list
}

// bootstrapNow reads the same from the API server.
type bootstrapNow struct{ live client.Reader }

// Objects of a kind in a namespace, of one name or all; false where they cannot be read.
func (r bootstrapNow) Objects(ctx context.Context, kind flux.ServedKind, namespace, name string) ([]unstructured.Unstructured, bool) {
	found := listOf(schema.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Name})
	options := []client.ListOption{client.InNamespace(namespace)}
	if name != "" {
		options = append(options, client.MatchingFields{"metadata.name": name})
	}
	if err := r.live.List(ctx, found, options...); err != nil {
		return nil, false
	}
	for i := range found.Items {
		if kept, err := observe.StripBootstrap(&found.Items[i]); err == nil {
			found.Items[i] = *kept.(*unstructured.Unstructured) //nolint:forcetypeassert // it is what it was
		}
	}
	return found.Items, true
}
