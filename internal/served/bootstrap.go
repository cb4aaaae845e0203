package served

import (
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// bootstrapTimeout bounds how long the FluxMonitoring that first asks for a bootstrap object waits until the cache has listed it.
const bootstrapTimeout = 5 * time.Second

// Bootstrap watches the few objects that say where Flux itself comes from: the FluxInstances of a namespace, and single Kustomizations by name.
// Each is watched from when it is first asked for until its kind is no longer served in that version.
type Bootstrap struct {
	// Manager runs the caches.
	Manager Manager
	// Watch attaches a reconciler to a new cache of a kind.
	Watch func(kind client.Object, informers cache.Cache) error

	mu     sync.Mutex
	caches map[bootstrapKey]*bootstrapCache
}

type bootstrapKey struct {
	kind            schema.GroupVersionKind
	namespace, name string
}

type bootstrapCache struct {
	*runningCache
	informer cache.Informer
}

var _ observe.Objects = (*Bootstrap)(nil)

// Objects of a kind in a namespace, of one name or all; false while they cannot be read. When they can, the reconciler has an event.
func (r *Bootstrap) Objects(ctx context.Context, kind flux.ServedKind, namespace, name string) ([]unstructured.Unstructured, bool) {
	key := bootstrapKey{kindOf(kind), namespace, name}
	informers := r.cacheOf(ctx, key)
	if informers == nil {
		return nil, false
	}
	found := kinds.PlainList(key.kind)
	if err := informers.List(ctx, found, client.InNamespace(namespace)); err != nil {
		return nil, false
	}
	return found.Items, true
}

// Follow stops the caches of kinds that are not served, or in another version.
func (r *Bootstrap) Follow(served []flux.ServedKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, c := range r.caches {
		if !slices.ContainsFunc(served, func(s flux.ServedKind) bool { return kindOf(s) == key.kind }) {
			c.stop()
			delete(r.caches, key)
		}
	}
}

func kindOf(s flux.ServedKind) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: s.Group, Version: s.Version, Kind: s.Name}
}

// cacheOf is the cache of a key, started if there is none; nil while it is not filled.
func (r *Bootstrap) cacheOf(ctx context.Context, key bootstrapKey) cache.Cache {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.caches[key]
	if c == nil {
		if c = r.start(ctx, key); c == nil {
			return nil
		}
		if r.caches == nil {
			r.caches = map[bootstrapKey]*bootstrapCache{}
		}
		r.caches[key] = c
	}
	if !c.informer.HasSynced() {
		return nil
	}
	return c
}

// start attaches the reconciler to a new cache, and waits until it is filled or a first attempt fails. The cache retries by itself.
func (r *Bootstrap) start(ctx context.Context, key bootstrapKey) *bootstrapCache {
	syncing, done := context.WithTimeout(ctx, bootstrapTimeout)
	defer done()
	c, err := runCache(r.Manager, key.options(), done)
	if err != nil {
		return nil
	}
	object := kinds.Plain(key.kind)
	informer, err := c.GetInformer(syncing, object, cache.BlockUntilSynced(false))
	if err == nil {
		err = r.Watch(object, c.Cache)
	}
	if err != nil {
		c.stop()
		return nil
	}
	c.WaitForCacheSync(syncing)
	return &bootstrapCache{runningCache: c, informer: informer}
}

// options keep what is read of a key's objects.
func (k bootstrapKey) options() cache.Options {
	narrowed := cache.Config{}
	if k.name != "" {
		narrowed.FieldSelector = fields.OneTermEqualSelector("metadata.name", k.name)
	}
	return cache.Options{DefaultTransform: observe.StripBootstrap, DefaultNamespaces: map[string]cache.Config{k.namespace: narrowed}}
}
