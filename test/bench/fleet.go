package main

import (
	"context"
	"fmt"
	"time"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
)

const (
	// atOnce is how many requests are made side by side to fill a cluster.
	atOnce = 8
	// longest is how long a fleet may take to become Ready, or the operator to come to rest after a start.
	longest = 20 * time.Minute
)

// fleet makes namespaces, each with a Flux of its own.
func (b *bed) fleet(ctx context.Context, n int) {
	b.progress("making %d namespaces, each with a Flux of two controllers", n)
	sideBySide(ctx, n, atOnce, func(ctx context.Context, i int) { b.smallFlux(ctx, numbered("fleet", i)) })
}

// createFleet creates a FluxMonitoring in each namespace of the fleet, and returns when all are Ready.
func (b *bed) createFleet(ctx context.Context, n int, interval time.Duration) {
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	ready := make(chan error, 1)
	go func() { ready <- must.Try(func() { b.allReady(ctx, n) }) }()
	b.progress("creating %d FluxMonitorings", n)
	sideBySide(ctx, n, atOnce, func(ctx context.Context, i int) {
		fm := fluxMonitoring(numbered("fleet", i), numbered("fleet", i))
		if interval > 0 {
			fm.Spec.Interval = v1alpha1.Duration(interval.String())
		}
		must.Succeed(b.Create(ctx, fm))
	})
	must.Succeed(<-ready)
}

// allReady waits until n FluxMonitorings are Ready.
func (b *bed) allReady(ctx context.Context, n int) {
	ready := map[client.ObjectKey]bool{}
	ticks := time.NewTicker(10 * time.Second)
	defer ticks.Stop()
	for len(ready) < n {
		w := must.Get(b.Watch(ctx, &v1alpha1.FluxMonitoringList{}))
		b.follow(ctx, w, ready, n, ticks.C)
		w.Stop()
	}
}

// follow notes which are Ready until all are, or the watch ends: then another begins with what there is.
func (b *bed) follow(ctx context.Context, w watch.Interface, ready map[client.ObjectKey]bool, n int, ticks <-chan time.Time) {
	for len(ready) < n {
		select {
		case <-ctx.Done():
			must.Succeed(fmt.Errorf("%d of %d are Ready: %w", len(ready), n, context.Cause(ctx)))
		case <-ticks:
			b.progress("%d of %d are Ready", len(ready), n)
		case e, open := <-w.ResultChan():
			fm, ok := e.Object.(*v1alpha1.FluxMonitoring)
			if !open || !ok {
				return
			}
			if meta.IsStatusConditionTrue(fm.Status.Conditions, fluxmeta.ReadyCondition) {
				ready[client.ObjectKeyFromObject(fm)] = true
			}
		}
	}
}

// smallFlux makes a namespace with a Flux of two controllers in it.
func (b *bed) smallFlux(ctx context.Context, namespace string) {
	b.namespace(ctx, namespace)
	objects := must.Get(cluster.Flux(ctx, namespace, "source-controller", "kustomize-controller"))
	for _, o := range objects {
		if o.GetKind() != "Deployment" {
			continue
		}
		must.Succeed(b.Create(ctx, o))
	}
}

// sideBySide does something n times, some at once, until all are done or one fails.
func sideBySide(ctx context.Context, n, atOnce int, one func(context.Context, int)) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error { return must.Try(func() { one(ctx, i) }) })
	}
	must.Succeed(group.Wait())
}
