package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/inspect"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/test/must"
)

// fluxMonitoring is one with all its defaults, for a Flux in a namespace.
func fluxMonitoring(namespace, flux string) *v1alpha1.FluxMonitoring {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "flux"}}
	fm.Spec.Flux.Namespace = flux
	return fm
}

// rendered are the objects that the operator makes for a FluxMonitoring on this cluster.
func (b *bed) rendered(ctx context.Context, fm *v1alpha1.FluxMonitoring) []*unstructured.Unstructured {
	inspector := must.Get(inspect.New(ctx, b.plane.Config, inspect.Operator{Namespace: "fluxmonitoring-system"}))
	inspector.MetricsNamespace = "" // its own metrics are not served here
	return must.Get(render.Render(fm, must.Get(inspector.Observe(ctx, fm)))).Objects
}

// seen is an object in an event of a watch.
type seen struct {
	at     time.Time
	kind   string
	object client.Object
}

// events come from watches on all generated kinds of a namespace until its context ends.
type events struct {
	seen  chan seen
	ended chan error
}

// watchGenerated starts to watch. The first events are of what exists already.
func (b *bed) watchGenerated(ctx context.Context, namespace string, list func(schema.GroupVersionKind) client.ObjectList) *events {
	e := &events{seen: make(chan seen, 1000), ended: make(chan error, len(kinds.Generated()))}
	for _, kind := range kinds.Generated() {
		w, err := b.Watch(ctx, list(kind), client.InNamespace(namespace), client.HasLabels{mark.OwnerLabel})
		if meta.IsNoMatchError(err) {
			continue // not served, as one of the two versions of AlertmanagerConfig
		}
		must.Succeed(err)
		go e.follow(ctx, kind.Kind, w)
	}
	return e
}

func (e *events) follow(ctx context.Context, kind string, w watch.Interface) {
	defer w.Stop()
	for event := range w.ResultChan() {
		if object, is := event.Object.(client.Object); is && (event.Type == watch.Added || event.Type == watch.Modified) {
			e.seen <- seen{at: time.Now(), kind: kind, object: object}
		}
	}
	if ctx.Err() == nil {
		e.ended <- fmt.Errorf("the watch on %s objects ended", kind)
	}
}

// next waits for the next object.
func (e *events) next(ctx context.Context) (next seen) {
	select {
	case next = <-e.seen:
	case err := <-e.ended:
		must.Succeed(err)
	case <-ctx.Done():
		must.Succeed(context.Cause(ctx))
	}
	return next
}

// allOf waits until so many different objects have been seen, and returns when the last was.
func (e *events) allOf(ctx context.Context, n int) time.Time {
	known := map[string]bool{}
	for {
		next := e.next(ctx)
		if known[next.kind+"/"+next.object.GetName()] = true; len(known) == n {
			return next.at
		}
	}
}

// metadataOf lists a kind as metadata, contentOf with all that is in it.
func metadataOf(kind schema.GroupVersionKind) client.ObjectList { return kinds.MetadataList(kind) }

func contentOf(kind schema.GroupVersionKind) client.ObjectList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	return list
}
