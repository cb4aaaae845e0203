package apply

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// WriteTTL is how long a write overrides a cache that has not shown it. A cache lags for moments. If it never shows a
// write, the object was deleted while the cache's watch was broken.
const WriteTTL = 30 * time.Second

// WriteTracker keeps what the operator's own writes returned until the cache has caught up, but no longer than
// WriteTTL, so that a lagging cache is never mistaken for drift. At rest it is empty. The zero value is ready to use,
// from several goroutines.
type WriteTracker struct {
	// Now is the clock; nil for time.Now.
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

// Record keeps an object as a write returned it.
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

// Observe must be called with every version that a cache shows. It drops writes that the version includes, and
// reports whether the version is the operator's own write.
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

// ObserveDeleted must be called with the last known version of every object that a cache no longer holds. It drops
// all writes to that object, because a relisting cache does not know the version of the deletion.
func (r *WriteTracker) ObserveDeleted(o *metav1.PartialObjectMetadata) {
	r.Observe(o)
	r.mu.Lock()
	defer r.mu.Unlock()
	if w, ok := r.objects[keyOfObject(o)]; ok && w.object.UID == o.UID {
		delete(r.objects, keyOfObject(o))
	}
}

// DropKind drops all writes of a kind, when the cluster no longer serves it.
func (r *WriteTracker) DropKind(kind schema.GroupVersionKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.objects {
		if k.kind == kind {
			delete(r.objects, k)
		}
	}
}

// Pending reports whether a write to an object of the owner has not been seen in the cache. The caller must then
// check again later.
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

// Merge returns the owner's objects of a kind: the cached ones, with newer writes in their place.
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

// expire drops writes that are older than WriteTTL.
func (r *WriteTracker) expire() {
	now := r.now()
	for k, w := range r.objects {
		if now.Sub(w.at) >= WriteTTL {
			delete(r.objects, k)
		}
	}
}
