package main

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
)

const (
	mib = "MiB"
	// foreignNamespaces is how many namespaces foreign objects are spread over.
	foreignNamespaces = 50
)

// memory measures what the operator takes with one resource, and what objects of others add to it.
func memory(ctx context.Context, b *bed) []figure {
	b.withOperator(ctx)
	must.Succeed(b.Create(ctx, fluxMonitoring("monitoring", "flux-system")))
	made := b.settledMemory(ctx)
	one := b.memoryAfterRestart(ctx)
	figures := []figure{
		below("resident with one resource", mib, made.resident, 40),
		plain("  of that allocated, and pages of the binary", "%.1f and %.1f MiB", made.anonymous, made.files),
		plain("  at most since its start", "%.1f MiB", made.peak),
		plain("resident after a restart", "%.1f MiB", one.resident),
	}
	for _, c := range []crowd{
		{"ConfigMaps", b.configMaps, 5, b.foreignConfigMap},
		{"Deployments", b.deployments, 0, b.foreignDeployment},
	} {
		b.gather(ctx, c)
		figures = append(figures, b.growth(ctx, c, &one)...)
	}
	return figures
}

// crowd is many objects of somebody else.
type crowd struct {
	what  string
	n     int
	limit float64 // what they may add to the operator's memory; 0 for no target
	one   func(context.Context, int)
}

// growth is what a crowd has added to an operator that watched it arrive, and to one that was started after it. The latter
// is what the next crowd adds to.
func (b *bed) growth(ctx context.Context, c crowd, before *memoryUse) []figure {
	watched := b.settledMemory(ctx)
	started := b.memoryAfterRestart(ctx)
	was := before.resident
	*before = started
	return []figure{
		below(fmt.Sprintf("%d foreign %s arrive: growth", c.n, c.what), mib, watched.resident-was, c.limit),
		below(fmt.Sprintf("%d foreign %s there at start: growth", c.n, c.what), mib, started.resident-was, c.limit),
	}
}

func (b *bed) memoryAfterRestart(ctx context.Context) memoryUse {
	b.restart(ctx)
	return b.settledMemory(ctx)
}

// settledMemory is the operator's memory some time after it has come to rest.
func (b *bed) settledMemory(ctx context.Context) memoryUse {
	b.quiet(ctx)
	pause(ctx, b.settle)
	m := b.measured.memory()
	b.progress("resident %.1f MiB: allocated %.1f, of files %.1f; at most %.1f", m.resident, m.anonymous, m.files, m.peak)
	return m
}

// gather makes a crowd, spread over namespaces.
func (b *bed) gather(ctx context.Context, c crowd) {
	b.progress("creating %d foreign %s", c.n, c.what)
	for i := range foreignNamespaces {
		b.namespace(ctx, strings.ToLower(numbered(c.what, i)))
	}
	sideBySide(ctx, c.n, atOnce, c.one)
}

func (b *bed) foreignConfigMap(ctx context.Context, i int) {
	must.Succeed(b.Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: numbered("configmaps", i%foreignNamespaces), Name: numbered("foreign", i)},
		Data:       map[string]string{"content": strings.Repeat("x", 1000)},
	}))
}

// foreignDeployment is as large as one of Flux's, but serves no metrics of Flux.
func (b *bed) foreignDeployment(ctx context.Context, i int) {
	namespace := numbered("deployments", i%foreignNamespaces)
	for _, o := range must.Get(cluster.Flux(ctx, namespace, "source-controller")) {
		if o.GetKind() != "Deployment" {
			continue
		}
		d := &appsv1.Deployment{}
		must.Succeed(runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, d))
		d.Name = numbered("foreign", i)
		for i := range d.Spec.Template.Spec.Containers {
			c := &d.Spec.Template.Spec.Containers[i]
			c.Ports, c.LivenessProbe, c.ReadinessProbe = nil, nil, nil // the probes name ports
		}
		must.Succeed(b.Create(ctx, d, client.FieldOwner("somebody")))
	}
}
