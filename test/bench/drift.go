package main

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
)

// change is what somebody else does to an object of ours.
type change struct {
	object  *unstructured.Unstructured
	patch   string
	content string // the field that holds what the object says
}

// changes are one for each generated kind.
func changes() []change {
	podMonitor, rule, dashboard := &unstructured.Unstructured{}, &unstructured.Unstructured{}, &unstructured.Unstructured{}
	podMonitor.SetGroupVersionKind(kinds.PodMonitor)
	podMonitor.SetName("flux")
	rule.SetGroupVersionKind(kinds.PrometheusRule)
	rule.SetName("flux")
	dashboard.SetGroupVersionKind(kinds.ConfigMap)
	dashboard.SetName("flux-dashboard-cluster")
	return []change{
		{podMonitor, `[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"7s"}]`, "spec"},
		{rule, `[{"op":"remove","path":"/spec/groups/0"}]`, "spec"},
		{dashboard, `[{"op":"replace","path":"/data/flux-cluster.json","value":"{}"}]`, "data"},
	}
}

// changesOfEach is how often an object is changed: from the fourth time within a minute on, the operator waits before it restores it.
const changesOfEach = 2

// drift measures how soon what somebody else changed is again as it was.
func drift(ctx context.Context, b *bed) ([]figure, error) {
	if err := b.withOperator(ctx); err != nil {
		return nil, err
	}
	b.progress("changing an object %d times", b.driftTimes)
	var took []time.Duration
	for round := 0; len(took) < b.driftTimes; round++ {
		repaired, err := b.driftIn(ctx, fmt.Sprintf("drifting-%d", round), b.driftTimes-len(took))
		if err != nil {
			return nil, err
		}
		took = append(took, repaired...)
	}
	return []figure{
		below("from change to repair, p50", "ms", quantile(took, 0.5), 50),
		below("from change to repair, p99", "ms", quantile(took, 0.99), 250),
		told("from change to repair, longest", "%s", amount(quantile(took, 1), "ms")),
	}, nil
}

// driftIn changes the objects of a new FluxMonitoring in a new namespace, as often as they can be, or as is wanted.
func (b *bed) driftIn(ctx context.Context, namespace string, most int) (took []time.Duration, err error) {
	ctx, done := context.WithCancel(ctx)
	defer done()
	if err := b.namespace(ctx, namespace); err != nil {
		return nil, err
	}
	fm := fluxMonitoring(namespace, "flux-system")
	if err := b.Create(ctx, fm); err != nil {
		return nil, err
	}
	if _, err := b.quiet(ctx); err != nil {
		return nil, err
	}
	sights, err := b.watchGenerated(ctx, namespace, contentOf)
	if err != nil {
		return nil, err
	}
	for i := range min(most, changesOfEach*len(changes())) {
		c := changes()[i%len(changes())]
		c.object.SetNamespace(namespace)
		repaired, err := b.driftOnce(ctx, sights, c)
		if err != nil {
			return nil, fmt.Errorf("changing %s %s: %w", c.object.GetKind(), c.object.GetName(), err)
		}
		took = append(took, repaired)
	}
	return took, b.Delete(ctx, fm)
}

// driftOnce makes a change, and returns how long it took from asking for it until the object is as it was.
func (b *bed) driftOnce(ctx context.Context, s *sights, c change) (time.Duration, error) {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	if err := pause(ctx, between); err != nil {
		return 0, err
	}
	s.forget()
	before := c.object.DeepCopy()
	if err := b.Get(ctx, client.ObjectKeyFromObject(before), before); err != nil {
		return 0, err
	}
	start := time.Now()
	if err := b.Patch(ctx, c.object, client.RawPatch(types.JSONPatchType, []byte(c.patch)), client.FieldOwner("somebody")); err != nil {
		return 0, err
	}
	repaired, err := s.repaired(ctx, before, c.content)
	return repaired.Sub(start), err
}

// forget drops what was seen.
func (s *sights) forget() {
	for len(s.events) > 0 {
		<-s.events
	}
}

// repaired waits until an object has been seen with other content than before, and then as it was.
func (s *sights) repaired(ctx context.Context, before *unstructured.Unstructured, content string) (time.Time, error) {
	for changed := false; ; {
		e, err := s.next(ctx)
		if err != nil {
			return time.Time{}, fmt.Errorf("waiting for the repair: %w", err)
		}
		object, ok := e.object.(*unstructured.Unstructured)
		if !ok || e.kind != before.GetKind() || e.object.GetName() != before.GetName() {
			continue
		}
		same := reflect.DeepEqual(object.Object[content], before.Object[content])
		if changed && same {
			return e.at, nil
		}
		changed = changed || !same
	}
}
