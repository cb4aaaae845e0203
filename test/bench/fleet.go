package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	// atOnce is how many requests are made side by side to fill a cluster.
	atOnce = 8
	// longest is how long a fleet may take to become Ready, or the operator to come to rest after a start.
	longest = 20 * time.Minute
)

// fleet makes namespaces, each with a Flux of its own.
func (b *bed) fleet(ctx context.Context, n int) error {
	b.progress("making %d namespaces, each with a Flux of two controllers", n)
	return b.sideBySide(ctx, n, func(ctx context.Context, i int) error { return b.smallFlux(ctx, numbered("fleet", i)) })
}

// createFleet creates a FluxMonitoring in each namespace of the fleet, and returns when all are Ready.
func (b *bed) createFleet(ctx context.Context, n int, interval time.Duration) error {
	ctx, done := context.WithTimeout(ctx, longest)
	defer done()
	ready := make(chan error, 1)
	go func() { ready <- b.allReady(ctx, n) }()
	b.progress("creating %d FluxMonitorings", n)
	err := b.sideBySide(ctx, n, func(ctx context.Context, i int) error {
		fm := fluxMonitoring(numbered("fleet", i), numbered("fleet", i))
		if interval > 0 {
			fm.Spec.Interval = v1alpha1.Duration(interval.String())
		}
		return b.Create(ctx, fm)
	})
	if err != nil {
		return err
	}
	return <-ready
}

// allReady waits until n FluxMonitorings are Ready.
func (b *bed) allReady(ctx context.Context, n int) error {
	ready := map[client.ObjectKey]bool{}
	tell := time.NewTicker(10 * time.Second)
	defer tell.Stop()
	for len(ready) < n {
		w, err := b.Watch(ctx, &v1alpha1.FluxMonitoringList{})
		if err != nil {
			return fmt.Errorf("%d of %d are Ready: %w", len(ready), n, err)
		}
		err = b.follow(ctx, w, ready, n, tell.C)
		w.Stop()
		if err != nil {
			return err
		}
	}
	return nil
}

// follow notes who is Ready until all are, or the watch ends: then another begins with what there is.
func (b *bed) follow(ctx context.Context, w watch.Interface, ready map[client.ObjectKey]bool, n int, tell <-chan time.Time) error {
	for len(ready) < n {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d are Ready: %w", len(ready), n, context.Cause(ctx))
		case <-tell:
			b.progress("%d of %d are Ready", len(ready), n)
		case e, open := <-w.ResultChan():
			fm, ok := e.Object.(*v1alpha1.FluxMonitoring)
			if !open || !ok {
				return nil
			}
			if meta.IsStatusConditionTrue(fm.Status.Conditions, fluxmeta.ReadyCondition) {
				ready[client.ObjectKeyFromObject(fm)] = true
			}
		}
	}
	return nil
}

// smallFlux makes a namespace with a Flux of two controllers in it.
func (b *bed) smallFlux(ctx context.Context, namespace string) error {
	if err := b.namespace(ctx, namespace); err != nil {
		return err
	}
	objects, err := cluster.Flux(ctx, namespace, "source-controller", "kustomize-controller")
	if err != nil {
		return err
	}
	for _, o := range objects {
		if o.GetKind() != "Deployment" {
			continue
		}
		if err := b.Create(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// sideBySide does something n times, some at once, until all are done or one fails.
func (b *bed) sideBySide(ctx context.Context, n int, one func(context.Context, int) error) error {
	ctx, done := context.WithCancel(ctx)
	defer done()
	var next atomic.Int64
	results := make(chan error)
	for range atOnce {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					results <- context.Cause(ctx)
					return
				}
				if err := one(ctx, i); err != nil {
					results <- err
					return
				}
			}
		}()
	}
	var first error
	for range atOnce {
		if err := <-results; err != nil && first == nil {
			first = err
			done()
		}
	}
	return first
}
