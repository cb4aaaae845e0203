package main

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/must"
)

// change is what another manager does to a generated object.
type change struct {
	kind        schema.GroupVersionKind
	name, patch string
	content     string // the field that holds what the object says
}

// changes are one for each generated kind.
var changes = []change{
	{kinds.PodMonitor, "flux", `[{"op":"replace","path":"/spec/podMetricsEndpoints/0/interval","value":"7s"}]`, "spec"},
	{kinds.PrometheusRule, "flux", `[{"op":"remove","path":"/spec/groups/0"}]`, "spec"},
	{kinds.ConfigMap, "flux-dashboard-cluster", `[{"op":"replace","path":"/data/flux-cluster.json","value":"{}"}]`, "data"},
}

// get reads the object that is changed.
func (b *bed) get(ctx context.Context, namespace string, c change) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(c.kind)
	must.Succeed(b.Get(ctx, client.ObjectKey{Namespace: namespace, Name: c.name}, o))
	return o
}

// change changes the object as another manager does.
func (b *bed) change(ctx context.Context, o *unstructured.Unstructured, c change) {
	must.Succeed(b.Patch(ctx, o.DeepCopy(), client.RawPatch(types.JSONPatchType, []byte(c.patch)), client.FieldOwner("somebody")))
}

// changesOfEach is how often an object is changed: from the fourth time within a minute on, the operator waits before it restores it.
const changesOfEach = 2

// drift measures how soon the operator restores what another manager changed.
func drift(ctx context.Context, b *bed) []figure {
	b.withOperator(ctx)
	b.progress("changing an object %d times", b.driftTimes)
	var took []time.Duration
	for round := 0; len(took) < b.driftTimes; round++ {
		took = append(took, b.driftIn(ctx, fmt.Sprintf("drifting-%d", round), b.driftTimes-len(took))...)
	}
	return []figure{
		below("from change to repair, p50", "ms", quantile(took, 0.5), 50),
		below("from change to repair, p99", "ms", quantile(took, 0.99), 250),
		plain("from change to repair, longest", "%s", amount(quantile(took, 1), "ms")),
	}
}

// driftIn changes the objects of a new FluxMonitoring in a new namespace, as often as they can be, at most so often.
func (b *bed) driftIn(ctx context.Context, namespace string, most int) (took []time.Duration) {
	ctx, done := context.WithCancel(ctx)
	defer done()
	b.namespace(ctx, namespace)
	fm := fluxMonitoring(namespace, "flux-system")
	must.Succeed(b.Create(ctx, fm))
	b.quiet(ctx)
	events := b.watchGenerated(ctx, namespace, contentOf)
	for i := range min(most, changesOfEach*len(changes)) {
		took = append(took, b.driftOnce(ctx, namespace, events, changes[i%len(changes)]))
	}
	must.Succeed(b.Delete(ctx, fm))
	return took
}

// driftOnce makes a change, and returns how long it took from asking for it until the object is as it was.
func (b *bed) driftOnce(ctx context.Context, namespace string, e *events, c change) time.Duration {
	ctx, done := context.WithTimeout(ctx, soon)
	defer done()
	pause(ctx, between)
	for len(e.seen) > 0 {
		<-e.seen // of the change before
	}
	before := b.get(ctx, namespace, c)
	start := time.Now()
	b.change(ctx, before, c)
	return e.repaired(ctx, before, c.content).Sub(start)
}

// repaired waits until an object has been seen with other content than before, and then as it was.
func (e *events) repaired(ctx context.Context, before *unstructured.Unstructured, content string) time.Time {
	for changed := false; ; {
		next := e.next(ctx)
		object, ok := next.object.(*unstructured.Unstructured)
		if !ok || next.kind != before.GetKind() || object.GetName() != before.GetName() {
			continue
		}
		same := reflect.DeepEqual(object.Object[content], before.Object[content])
		if changed && same {
			return next.at
		}
		changed = changed || !same
	}
}
