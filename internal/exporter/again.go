package exporter

import (
	"context"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/klog/v2"
)

// await has the text of an object read again.
func (s *store) await(of *seat) {
	if of.awaited {
		return
	}
	of.awaited = true
	s.awaited = append(s.awaited, of.key)
	select {
	case s.wake <- struct{}{}:
	default: // somebody is about to look
	}
}

// nextAwaited takes an object whose text is to be read again; ok is that there is one.
func (s *store) nextAwaited() (key string, ok bool) {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	for len(s.awaited) > 0 && !s.closed {
		key, s.awaited = s.awaited[0], s.awaited[1:]
		of := s.seats[key]
		if of == nil {
			continue
		}
		of.awaited = false
		if of.seated && of.place == noPlace {
			return key, true
		}
	}
	s.awaited = nil
	return "", false
}

// awaitAgain has an object's text read once more, unless that has become needless.
func (s *store) awaitAgain(key string) {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	if of := s.seats[key]; of != nil && !s.closed && of.seated && of.place == noPlace {
		s.await(of)
	}
}

// arrive serves an object that has been read again, unless an event has said something of it meanwhile.
func (s *store) arrive(o *object) {
	s.change(func() {
		if of := s.seats[o.key]; of != nil && of.seated && of.place == noPlace {
			s.put(o)
		}
	})
}

// readAgain reads again the objects whose text is awaited, one after the other, until the context ends. After a failure it waits, ever longer
// until something can be read.
func (f *follower) readAgain(ctx context.Context, source *collection) {
	for b := backoff(); ; {
		select {
		case <-ctx.Done():
			return
		case <-f.store.wake:
		}
		for key, ok := f.store.nextAwaited(); ok; key, ok = f.store.nextAwaited() {
			if f.readOne(ctx, source, key) {
				b = backoff()
				continue
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(b.Step()):
			}
		}
	}
}

// readOne reads an object again, and reports whether that could be done. An object that is not there any longer is no concern of it: an
// event is going to say so.
func (f *follower) readOne(ctx context.Context, source *collection, key string) bool {
	o, err := source.one(ctx, key)
	switch {
	case err != nil:
		klog.FromContext(ctx).V(1).Info("Reading a Flux object again failed", "kind", f.form.kind.Name, "object", key, "error", err)
		f.store.awaitAgain(key)
	case o != nil:
		f.store.arrive(o)
	}
	return err == nil
}

// one reads one object; nil is that there is none that is selected. It is a list of one object, for which the permission to list is enough.
func (c *collection) one(ctx context.Context, key string) (*object, error) {
	namespace, name, namespaced := strings.Cut(key, "/")
	if !namespaced {
		namespace, name = "", key
	}
	found := &objectList{}
	options := metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()}
	err := c.page(ctx, namespace, options, found)
	if err != nil || len(found.Items) == 0 {
		return nil, err
	}
	return found.Items[0], nil
}
