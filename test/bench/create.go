package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/uuid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
)

const (
	// soon is how long may take what takes milliseconds.
	soon = 30 * time.Second
	// warmUp is how many repetitions are made before those that count.
	warmUp = 5
)

// way is one of the ways in which the same objects come to be. Only make is timed.
type way struct {
	name string
	make func(context.Context, client.Client, *v1alpha1.FluxMonitoring, []*unstructured.Unstructured) error
	took []time.Duration
}

// create measures the ways to create the same objects, in turn, so that whatever else the machine does meets all alike.
func create(ctx context.Context, b *bed) ([]figure, error) {
	if err := b.withOperator(ctx); err != nil {
		return nil, err
	}
	ways := []*way{{name: "operator", make: byOperator}, {name: "sequence", make: inSequence}, {name: "parallel", make: inParallel}}
	b.progress("creating the same objects %d times by the operator, in sequence and in parallel", b.createTimes)
	for i := range warmUp + b.createTimes {
		for j := range ways {
			w := ways[(i+j)%len(ways)]
			took, err := b.createOnce(ctx, w, numbered(w.name, i))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			if i >= warmUp {
				w.took = append(w.took, took)
			}
		}
	}
	operator, sequence, parallel := ways[0].took, ways[1].took, ways[2].took
	return []figure{
		told("operator, median", "%s", amount(median(operator), "ms")),
		told("operator, p90", "%s", amount(quantile(operator, 0.9), "ms")),
		told("plain client in sequence, median", "%s", amount(median(sequence), "ms")),
		told("plain client in parallel, median", "%s", amount(median(parallel), "ms")),
		atMost("operator / client in sequence", median(operator)/median(sequence), 1.5),
		told("operator / client in parallel", "%s", amount(median(operator)/median(parallel), "")),
	}, nil
}

// withOperator installs a Flux, starts the operator and waits until it is at rest.
func (b *bed) withOperator(ctx context.Context) error {
	if err := errors.Join(b.installFlux(ctx), b.restart(ctx)); err != nil {
		return err
	}
	_, err := b.quiet(ctx)
	return err
}

// createOnce has one way make the objects of a namespace of their own, and removes them.
func (b *bed) createOnce(ctx context.Context, w *way, namespace string) (time.Duration, error) {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	if err := b.namespace(ctx, namespace); err != nil {
		return 0, err
	}
	fm := fluxMonitoring(namespace, "flux-system")
	fm.UID = uuid.NewUUID()
	objects, err := b.rendered(ctx, fm)
	if err != nil {
		return 0, err
	}
	sights, err := b.watchGenerated(ctx, namespace, metadataOf)
	if err != nil {
		return 0, err
	}
	if err := pause(ctx, between); err != nil {
		return 0, err
	}
	start := time.Now()
	if err := w.make(ctx, b, fm, objects); err != nil {
		return 0, err
	}
	complete, err := sights.allOf(ctx, len(objects))
	if err != nil {
		return 0, err
	}
	if err := b.asRendered(ctx, fm); err != nil {
		return 0, err
	}
	return complete.Sub(start), b.clear(ctx, fm)
}

func byOperator(ctx context.Context, c client.Client, fm *v1alpha1.FluxMonitoring, _ []*unstructured.Unstructured) error {
	fm.UID = "" // the API server gives it
	return c.Create(ctx, fm)
}

func inSequence(ctx context.Context, c client.Client, _ *v1alpha1.FluxMonitoring, objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		if err := applyOne(ctx, c, o); err != nil {
			return err
		}
	}
	return nil
}

func inParallel(ctx context.Context, c client.Client, _ *v1alpha1.FluxMonitoring, objects []*unstructured.Unstructured) error {
	errs := make([]error, len(objects))
	var running sync.WaitGroup
	for i, o := range objects {
		running.Go(func() { errs[i] = applyOne(ctx, c, o) })
	}
	running.Wait()
	return errors.Join(errs...)
}

func applyOne(ctx context.Context, c client.Client, o *unstructured.Unstructured) error {
	return c.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("plain"), client.ForceOwnership)
}

// asRendered checks that what exists is what we rendered: else the ways would not have made the same.
func (b *bed) asRendered(ctx context.Context, fm *v1alpha1.FluxMonitoring) error {
	objects, err := b.rendered(ctx, fm)
	if err != nil {
		return err
	}
	for _, o := range objects {
		actual := kinds.Metadata(o.GroupVersionKind())
		if err := b.Get(ctx, client.ObjectKeyFromObject(o), actual); err != nil {
			return err
		}
		if actual.Annotations[mark.DigestAnnotation] != o.GetAnnotations()[mark.DigestAnnotation] {
			return fmt.Errorf("%s %s is not the object that a plain client is measured with", o.GetKind(), o.GetName())
		}
	}
	return nil
}

// clear removes a FluxMonitoring, then what it made, for there is no garbage collector here.
func (b *bed) clear(ctx context.Context, fm *v1alpha1.FluxMonitoring) error {
	if err := client.IgnoreNotFound(b.Delete(ctx, fluxMonitoring(fm.Namespace, ""))); err != nil {
		return err
	}
	if err := pause(ctx, between/4); err != nil {
		return err
	}
	for _, kind := range kinds.Generated() {
		all := &metav1.PartialObjectMetadata{}
		all.SetGroupVersionKind(kind)
		if err := b.DeleteAllOf(ctx, all, client.InNamespace(fm.Namespace)); err != nil {
			return err
		}
	}
	return nil
}
