package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/must"
)

// happens reports of an event of an object whether it is the moment.
type happens func(watch.EventType, *unstructured.Unstructured) bool

// moment is something that happens to an object.
type moment struct {
	apiVersion, kind, namespace, name string
	happens
}

// stopwatch measures the time between two moments from now on, as the API server's own watches report them. The function
// returned waits for the second.
func (d *demo) stopwatch(ctx context.Context, from, to moment) (took func() time.Duration) {
	start, end := d.witness(ctx, from), d.witness(ctx, to)
	return func() time.Duration {
		var times [2]time.Time
		for i, seen := range []<-chan time.Time{start, end} {
			select {
			case times[i] = <-seen:
			case <-ctx.Done():
				must.Succeed(fmt.Errorf("waiting for %s %s: %w", to.kind, to.name, context.Cause(ctx)))
			}
		}
		return max(0, times[1].Sub(times[0]))
	}
}

// witness sends the time of a moment when it comes.
func (d *demo) witness(ctx context.Context, m moment) <-chan time.Time {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(m.apiVersion)
	list.SetKind(m.kind + "List")
	must.Succeed(d.client.List(ctx, list, client.InNamespace(m.namespace)))
	options := &client.ListOptions{Namespace: m.namespace}
	client.MatchingFields{"metadata.name": m.name}.ApplyToList(options)
	raw := options.AsListOptions()
	raw.ResourceVersion = list.GetResourceVersion()
	options.Raw = raw
	events := must.Get(d.client.Watch(ctx, list, options))
	seen := make(chan time.Time, 1)
	go func() {
		defer events.Stop()
		for e := range events.ResultChan() {
			if o, ok := e.Object.(*unstructured.Unstructured); ok && m.happens(e.Type, o) {
				seen <- time.Now()
				return
			}
		}
	}()
	return seen
}
