package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/observe"
)

const (
	// soon is how long one thing may take that takes milliseconds.
	soon = 30 * time.Second
	// warmUp is how many repetitions are made before those that count.
	warmUp = 5
)

// way is one of the ways in which the same objects come to be.
type way struct {
	name string
	// prepare returns what makes the objects of a namespace; only that is timed.
	prepare func(ctx context.Context, b *bed, namespace string) (func(context.Context) error, error)
	took    []time.Duration
}

// create measures the ways to create the same objects, in turn, so that whatever else the machine does meets all alike.
func create(ctx context.Context, b *bed) ([]figure, error) {
	if err := errors.Join(b.installFlux(ctx), b.restart(ctx)); err != nil {
		return nil, err
	}
	if _, err := b.quiet(ctx); err != nil {
		return nil, err
	}
	ways := []*way{
		{name: "operator", prepare: (*bed).byOperator},
		{name: "sequence", prepare: (*bed).inSequence},
		{name: "parallel", prepare: (*bed).inParallel},
	}
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
		told("operator, from creating a FluxMonitoring, median", "%s", amount(median(operator), "ms")),
		told("operator, p99", "%s", amount(quantile(operator, 0.99), "ms")),
		told("plain client, in sequence, median", "%s", amount(median(sequence), "ms")),
		told("plain client, in parallel, median", "%s", amount(median(parallel), "ms")),
		atMost("operator : plain client in sequence", "", median(operator)/median(sequence), 1.5),
		told("operator : plain client in parallel", "%s", amount(median(operator)/median(parallel), "")),
	}, nil
}

// createOnce has one way make the objects of a namespace of their own, and removes them.
func (b *bed) createOnce(ctx context.Context, w *way, namespace string) (took time.Duration, err error) {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	if err := b.namespace(ctx, namespace); err != nil {
		return 0, err
	}
	make, err := w.prepare(b.contextFor(ctx), b, namespace)
	if err != nil {
		return 0, err
	}
	sights, err := b.watchGenerated(ctx, namespace, metadataOf)
	if err != nil {
		return 0, err
	}
	if err := pause(ctx, b.createPause); err != nil {
		return 0, err
	}
	start := time.Now()
	if err := make(ctx); err != nil {
		return 0, err
	}
	complete, err := sights.allOf(ctx, generatedObjects)
	if err != nil {
		return 0, err
	}
	return complete.Sub(start), b.clear(ctx, namespace)
}
