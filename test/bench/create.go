package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/uuid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/test/must"
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
	make func(context.Context, client.Client, *v1alpha1.FluxMonitoring, []*unstructured.Unstructured)
	took []time.Duration
}

// create measures the ways to create the same objects, in turn, so that whatever else the machine does meets all alike.
func create(ctx context.Context, b *bed) []figure {
	b.withOperator(ctx)
	ways := []*way{{name: "operator", make: byOperator}, {name: "sequence", make: inSequence}, {name: "parallel", make: inParallel}}
	b.progress("creating the same objects %d times by the operator, in sequence and in parallel", b.createTimes)
	for i := range warmUp + b.createTimes {
		for j := range ways {
			w := ways[(i+j)%len(ways)]
			if took := b.createOnce(ctx, w, numbered(w.name, i)); i >= warmUp {
				w.took = append(w.took, took)
			}
		}
	}
	operator, sequence, parallel := ways[0].took, ways[1].took, ways[2].took
	return []figure{
		plain("operator, median", "%s", amount(median(operator), "ms")),
		plain("operator, p90", "%s", amount(quantile(operator, 0.9), "ms")),
		plain("plain client in sequence, median", "%s", amount(median(sequence), "ms")),
		plain("plain client in parallel, median", "%s", amount(median(parallel), "ms")),
		atMost("operator / client in sequence", median(operator)/median(sequence), 1.5),
		plain("operator / client in parallel", "%s", amount(median(operator)/median(parallel), "")),
	}
}

// withOperator installs a Flux, starts the operator and waits until it is at rest.
func (b *bed) withOperator(ctx context.Context) {
	b.installFlux(ctx)
	b.restart(ctx)
	b.quiet(ctx)
}

// createOnce has one way make the objects of a namespace of their own, and removes them.
func (b *bed) createOnce(ctx context.Context, w *way, namespace string) time.Duration {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	b.namespace(ctx, namespace)
	fm := fluxMonitoring(namespace, "flux-system")
	fm.UID = uuid.NewUUID()
	objects := b.rendered(ctx, fm)
	events := b.watchGenerated(ctx, namespace, metadataOf)
	pause(ctx, between)
	start := time.Now()
	w.make(ctx, b, fm, objects)
	complete := events.allOf(ctx, len(objects))
	b.asRendered(ctx, fm)
	b.clear(ctx, fm)
	return complete.Sub(start)
}

func byOperator(ctx context.Context, c client.Client, fm *v1alpha1.FluxMonitoring, _ []*unstructured.Unstructured) {
	fm.UID = "" // the API server gives it
	must.Succeed(c.Create(ctx, fm))
}

func inSequence(ctx context.Context, c client.Client, _ *v1alpha1.FluxMonitoring, objects []*unstructured.Unstructured) {
	for _, o := range objects {
		applyOne(ctx, c, o)
	}
}

func inParallel(ctx context.Context, c client.Client, _ *v1alpha1.FluxMonitoring, objects []*unstructured.Unstructured) {
	sideBySide(ctx, len(objects), len(objects), func(ctx context.Context, i int) { applyOne(ctx, c, objects[i]) })
}

func applyOne(ctx context.Context, c client.Client, o *unstructured.Unstructured) {
	must.Succeed(c.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("plain"), client.ForceOwnership))
}

// asRendered checks that what exists is what we rendered: else the ways would not have made the same.
func (b *bed) asRendered(ctx context.Context, fm *v1alpha1.FluxMonitoring) {
	for _, o := range b.rendered(ctx, fm) {
		actual := kinds.Metadata(o.GroupVersionKind())
		must.Succeed(b.Get(ctx, client.ObjectKeyFromObject(o), actual))
		if actual.Annotations[mark.DigestAnnotation] != o.GetAnnotations()[mark.DigestAnnotation] {
			must.Succeed(fmt.Errorf("%s %s is not the object that a plain client is measured with", o.GetKind(), o.GetName()))
		}
	}
}

// clear removes a FluxMonitoring, then what it made, for there is no garbage collector here.
func (b *bed) clear(ctx context.Context, fm *v1alpha1.FluxMonitoring) {
	must.Succeed(client.IgnoreNotFound(b.Delete(ctx, fluxMonitoring(fm.Namespace, ""))))
	pause(ctx, between/4)
	for _, kind := range kinds.Generated() {
		all := &metav1.PartialObjectMetadata{}
		all.SetGroupVersionKind(kind)
		if err := b.DeleteAllOf(ctx, all, client.InNamespace(fm.Namespace)); !meta.IsNoMatchError(err) {
			must.Succeed(err)
		}
	}
}
