package apply

import (
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// Recent remembers what our own writes returned until the cache has caught up with them, so that a cache that lags is
// never mistaken for drift. It holds nothing at rest. The zero value is ready; it may be used from several goroutines.
type Recent struct {
	mu      sync.Mutex
	objects map[recentKey]*metav1.PartialObjectMetadata
}

type recentKey struct {
	kind            schema.GroupVersionKind
	namespace, name string
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
	if r.objects == nil {
		r.objects = map[recentKey]*metav1.PartialObjectMetadata{}
	}
	r.objects[recentKeyOf(kept)] = kept
}

// Seen is to be told of every version of an object that a cache has seen, deletion included. It forgets writes that the
// version includes, and reports whether the version is nothing but our own write.
func (r *Recent) Seen(o *metav1.PartialObjectMetadata) (own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	written, ok := r.objects[recentKeyOf(o)]
	if !ok {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(o.ResourceVersion, written.ResourceVersion)
	if err != nil || order >= 0 {
		delete(r.objects, recentKeyOf(o))
	}
	return err == nil && order <= 0
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

// Overlay returns the cached objects of a kind and namespace with our newer writes in their place, for one owner's name.
func (r *Recent) Overlay(
	kind schema.GroupVersionKind, owner Owner, cached []metav1.PartialObjectMetadata,
) []*metav1.PartialObjectMetadata {
	r.mu.Lock()
	defer r.mu.Unlock()
	var result []*metav1.PartialObjectMetadata
	seen := map[string]bool{}
	for i := range cached {
		o := &cached[i]
		o.SetGroupVersionKind(kind)
		seen[o.Name] = true
		if written, ok := r.objects[recentKeyOf(o)]; ok {
			o = written
		}
		result = append(result, o)
	}
	for k, written := range r.objects {
		if k.kind == kind && k.namespace == owner.Namespace && !seen[k.name] && written.Labels[OwnerLabel] == owner.Name {
			result = append(result, written)
		}
	}
	return result
}
