package exporter

import (
	"context"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/klog/v2"
)

// queueReread queues an object whose text must be read again.
func (s *store) queueReread(t *tracked) {
	if t.rereadQueued {
		return
	}
	t.rereadQueued = true
	s.rereadKeys = append(s.rereadKeys, t.key)
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is already pending
	}
}

// nextReread returns the next queued key that still needs to be read; ok is false if there is none.
func (s *store) nextReread() (key string, ok bool) {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	for len(s.rereadKeys) > 0 && !s.closed {
		key, s.rereadKeys = s.rereadKeys[0], s.rereadKeys[1:]
		t := s.tracked[key]
		if t == nil {
			continue
		}
		t.rereadQueued = false
		if t.admitted && t.slot == noSlot {
			return key, true
		}
	}
	s.rereadKeys = nil
	return "", false
}

// requeueReread queues an object again, if it still needs to be read.
func (s *store) requeueReread(key string) {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	if t := s.tracked[key]; t != nil && !s.closed && t.admitted && t.slot == noSlot {
		s.queueReread(t)
	}
}

// putReread stores an object that was read again, unless an event has brought it meanwhile.
func (s *store) putReread(o *object) {
	s.update(func() {
		if t := s.tracked[o.key]; t != nil && t.admitted && t.slot == noSlot {
			s.upsert(o)
		}
	})
}

// rereadLoop reads queued objects, one at a time, until the context ends. It backs off after failures.
func (f *follower) rereadLoop(ctx context.Context, source *collection) {
	for retry := backoff(); ; {
		select {
		case <-ctx.Done():
			return
		case <-f.store.wake:
		}
		for key, ok := f.store.nextReread(); ok; key, ok = f.store.nextReread() {
			if f.reread(ctx, source, key) {
				retry = backoff()
				continue
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(retry.Step()):
			}
		}
	}
}

// reread reads an object again, and reports whether the request succeeded. If the object is gone, a watch event will
// report it.
func (f *follower) reread(ctx context.Context, source *collection, key string) bool {
	o, err := source.get(ctx, key)
	switch {
	case err != nil:
		klog.FromContext(ctx).V(1).Info("Reading a Flux object again failed", "kind", f.schema.kind.Name, "object", key, "error", err)
		f.store.requeueReread(key)
	case o != nil:
		f.store.putReread(o)
	}
	return err == nil
}

// get reads one object; nil if it does not exist or is not selected. It uses a list with a field selector, because
// the operator only has permission to list.
func (c *collection) get(ctx context.Context, key string) (*object, error) {
	namespace, name, namespaced := strings.Cut(key, "/")
	if !namespaced {
		namespace, name = "", key
	}
	list := &objectList{}
	options := metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()}
	err := c.listPage(ctx, namespace, options, list)
	if err != nil || len(list.Items) == 0 {
		return nil, err
	}
	return list.Items[0], nil
}
