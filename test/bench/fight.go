package main

import (
	"context"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

const (
	// fightFor is how long the other manager goes on.
	fightFor = time.Minute
	// blow is how often it changes the object.
	blow = 100 * time.Millisecond
)

// fight measures what it costs that another manager changes a PodMonitor all the time.
func fight(ctx context.Context, b *bed) ([]figure, error) {
	if err := b.withOperator(ctx); err != nil {
		return nil, err
	}
	if err := b.namespace(ctx, "fought-over"); err != nil {
		return nil, err
	}
	if err := b.Create(ctx, fluxMonitoring("fought-over", "flux-system")); err != nil {
		return nil, err
	}
	if _, err := b.quiet(ctx); err != nil {
		return nil, err
	}
	from, err1 := b.audit.size()
	before, err2 := b.measured.cpu()
	b.progress("changing a PodMonitor for %s", fightFor)
	changes, err3 := b.strike(ctx)
	after, err4 := b.measured.cpu()
	asked, err5 := b.audit.since(from)
	b.progress("asked meanwhile: %s", asked)
	return []figure{
		told("changes by the other manager in a minute", "%d", changes),
		atMost("writes of the operator meanwhile", float64(asked.writes()), 20),
		below("CPU meanwhile", "% of a core", 100*float64(after-before)/float64(fightFor), 2),
	}, errors.Join(err1, err2, err3, err4, err5)
}

// strike changes the PodMonitor again and again, and returns how often that was.
func (b *bed) strike(ctx context.Context) (changes int, err error) {
	podMonitor := &unstructured.Unstructured{}
	podMonitor.SetGroupVersionKind(kinds.PodMonitor)
	podMonitor.SetNamespace("fought-over")
	podMonitor.SetName("flux")
	theirs := client.RawPatch(types.JSONPatchType, []byte(`[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"7s"}]`))
	for end := time.Now().Add(fightFor); time.Now().Before(end); changes++ {
		if err := b.Patch(ctx, podMonitor, theirs, client.FieldOwner("somebody")); err != nil {
			return changes, err
		}
		if err := pause(ctx, blow); err != nil {
			return changes, err
		}
	}
	return changes, nil
}
