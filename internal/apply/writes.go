package apply

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// WriteTTL is how long a write stands in for a cache that has not shown it. A cache lags for moments; one that never shows a write has
// lost its watch meanwhile and listed again after the object was deleted.
const WriteTTL = 30 * time.Second

// WriteTracker remembers what our own writes returned until the cache has caught up with them, so that a cache that lags is
// never mistaken for drift, and no longer than Memory. It holds nothing at rest. The zero value is ready; it may be used from several
// goroutines.
type WriteTracker struct {
	// Now is the clock; nil for the usual one.
	Now func() time.Time

	mu      sync.Mutex
	objects map[objectKey]write
}

type objectKey struct {
	kind            schema.GroupVersionKind
	namespace, name string
}

type write struct {
	object *metav1.PartialObjectMetadata
	at     time.Time
}

func keyOfObject(o *metav1.PartialObjectMetadata) objectKey {
	return objectKey{o.GroupVersionKind(), o.Namespace, o.Name}
}

// Record remembers an object as a write returned it.
func (r *WriteTracker) Record(o *metav1.PartialObjectMetadata) {
	stripped, err := Strip(o)
	kept, ok := stripped.(*metav1.PartialObjectMetadata)
	if err != nil || !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	if r.objects == nil {
		r.objects = map[objectKey]write{}
	}
	r.objects[keyOfObject(kept)] = write{kept, r.now()}
}

// Observe is to be told of every version of an object that a cache has seen. It forgets writes that the version includes, and reports
// whether the version is nothing but our own write.
func (r *WriteTracker) Observe(o *metav1.PartialObjectMetadata) (own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, ok := r.objects[keyOfObject(o)]
	if !ok {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(o.ResourceVersion, w.object.ResourceVersion)
	if err != nil || order >= 0 {
		delete(r.objects, keyOfObject(o))
	}
	return err == nil && order <= 0
}

// ObserveDeleted is to be told of every object that a cache no longer holds, in the last version that it knew. It forgets what was written to
// that very object, in whatever version: a cache that lists again does not know in which one the object was deleted.
func (r *WriteTracker) ObserveDeleted(o *metav1.PartialObjectMetadata) {
	r.Observe(o)
	r.mu.Lock()
	defer r.mu.Unlock()
	if w, ok := r.objects[keyOfObject(o)]; ok && w.object.UID == o.UID {
		delete(r.objects, keyOfObject(o))
	}
}

// DropKind drops what is remembered of a kind, when its API has left the cluster.
func (r *WriteTracker) DropKind(kind schema.GroupVersionKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.objects {
		if k.kind == kind {
			delete(r.objects, k)
		}
	}
}

// Pending reports whether a write to an object of the owner's has not been seen yet: once it is forgotten, somebody must look again.
func (r *WriteTracker) Pending(owner Owner) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	for k, w := range r.objects {
		if k.namespace == owner.Namespace && owner.Owns(w.object) {
			return true
		}
	}
	return false
}

// Merge returns those of the cached objects of a kind and of the owner's namespace that are the owner's, with our newer writes in
// their place.
func (r *WriteTracker) Merge(
	kind schema.GroupVersionKind, owner Owner, cached []metav1.PartialObjectMetadata,
) []*metav1.PartialObjectMetadata {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	var result []*metav1.PartialObjectMetadata
	add := func(o *metav1.PartialObjectMetadata) {
		if owner.Owns(o) {
			result = append(result, o)
		}
	}
	seen := map[string]bool{}
	for i := range cached {
		o := &cached[i]
		o.SetGroupVersionKind(kind)
		seen[o.Name] = true
		if w, ok := r.objects[keyOfObject(o)]; ok {
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

func (r *WriteTracker) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// expire forgets what is older than Memory.
func (r *WriteTracker) expire() {
	now := r.now()
	for k, w := range r.objects {
		if now.Sub(w.at) >= WriteTTL {
			delete(r.objects, k)
		}
	}
}
