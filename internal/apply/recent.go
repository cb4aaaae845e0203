package apply

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// Memory is how long a write stands in for a cache that has not shown it. A cache lags for moments; one that never shows a write has
// lost its watch meanwhile and listed again after the object was deleted.
const Memory = 30 * time.Second

// Recent remembers what our own writes returned until the cache has caught up with them, so that a cache that lags is
// never mistaken for drift, and no longer than Memory. It holds nothing at rest. The zero value is ready; it may be used from several
// goroutines.
type Recent struct {
	// Now is the clock; nil for the usual one.
	Now func() time.Time

	mu      sync.Mutex
	objects map[recentKey]written
}

type recentKey struct {
	kind            schema.GroupVersionKind
	namespace, name string
}

type written struct {
	object *metav1.PartialObjectMetadata
	at     time.Time
}

func recentKeyOf(o *metav1.PartialObjectMetadata) recentKey {
	return recentKey{o.GroupVersionKind(), o.Namespace, o.Name}
}

// Wrote remembers an object as a write returned it.
func (r *Recent) Wrote(o *metav1.PartialObjectMetadata) {
	stripped, err := Strip(o)
	kept, ok := stripped.(*metav1.PartialObjectMetadata)
	if err != nil || !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	if r.objects == nil {
		r.objects = map[recentKey]written{}
	}
	r.objects[recentKeyOf(kept)] = written{kept, r.now()}
}

// Seen is to be told of every version of an object that a cache has seen. It forgets writes that the version includes, and reports
// whether the version is nothing but our own write.
func (r *Recent) Seen(o *metav1.PartialObjectMetadata) (own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, ok := r.objects[recentKeyOf(o)]
	if !ok {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(o.ResourceVersion, w.object.ResourceVersion)
	if err != nil || order >= 0 {
		delete(r.objects, recentKeyOf(o))
	}
	return err == nil && order <= 0
}

// Gone is to be told of every object that a cache no longer holds, in the last version that it knew. It forgets what was written to
// that very object, in whatever version: a cache that lists again does not know in which one the object was deleted.
func (r *Recent) Gone(o *metav1.PartialObjectMetadata) {
	r.Seen(o)
	r.mu.Lock()
	defer r.mu.Unlock()
	if w, ok := r.objects[recentKeyOf(o)]; ok && w.object.UID == o.UID {
		delete(r.objects, recentKeyOf(o))
	}
}

// Forget drops what is remembered of a kind, when its API has left the cluster.
func (r *Recent) Forget(kind schema.GroupVersionKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.objects {
		if k.kind == kind {
			delete(r.objects, k)
		}
	}
}

// Pending reports whether a write to an object of the owner's has not been seen yet: once it is forgotten, somebody must look again.
func (r *Recent) Pending(owner Owner) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	for k, w := range r.objects {
		if k.namespace == owner.Namespace && owner.Belongs(w.object) {
			return true
		}
	}
	return false
}

// Overlay returns those of the cached objects of a kind and of the owner's namespace that are the owner's, with our newer writes in
// their place.
func (r *Recent) Overlay(
	kind schema.GroupVersionKind, owner Owner, cached []metav1.PartialObjectMetadata,
) []*metav1.PartialObjectMetadata {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	var result []*metav1.PartialObjectMetadata
	add := func(o *metav1.PartialObjectMetadata) {
		if owner.Belongs(o) {
			result = append(result, o)
		}
	}
	seen := map[string]bool{}
	for i := range cached {
		o := &cached[i]
		o.SetGroupVersionKind(kind)
		seen[o.Name] = true
		if w, ok := r.objects[recentKeyOf(o)]; ok {
			o = w.object
		}
		add(o)
	}
	for k, w := range r.objects {
		if k.kind == kind && k.namespace == owner.Namespace && !seen[k.name] {
			add(w.object)
		}
	}
	return result
}

func (r *Recent) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// expire forgets what is older than Memory.
func (r *Recent) expire() {
	now := r.now()
	for k, w := range r.objects {
		if now.Sub(w.at) >= Memory {
			delete(r.objects, k)
		}
	}
}
