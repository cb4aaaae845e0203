package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	mib = "MiB"
	// foreignNamespaces is how many namespaces foreign objects are spread over.
	foreignNamespaces = 50
)

// memory measures what the operator takes with one resource, and what objects of others add to it.
func memory(ctx context.Context, b *bed) ([]figure, error) {
	if err := b.withOperator(ctx); err != nil {
		return nil, err
	}
	if err := b.Create(ctx, fluxMonitoring("monitoring", "flux-system")); err != nil {
		return nil, err
	}
	made, err := b.settledMemory(ctx)
	if err != nil {
		return nil, err
	}
	one, err := b.memoryAfterRestart(ctx)
	if err != nil {
		return nil, err
	}
	figures := []figure{
		below("resident with one resource", mib, made.resident, 40),
		told("  of that allocated, and pages of the binary", "%.1f and %.1f MiB", made.anonymous, made.files),
		told("  at most since its start", "%.1f MiB", made.peak),
		told("resident after a restart", "%.1f MiB", one.resident),
	}
	for _, c := range []crowd{
		{"ConfigMaps", b.configMaps, 5, b.foreignConfigMap},
		{"Deployments", b.deployments, 0, b.foreignDeployment},
	} {
		if err := b.gather(ctx, c); err != nil {
			return nil, err
		}
		added, err := b.growth(ctx, c, &one)
		if err != nil {
			return nil, err
		}
		figures = append(figures, added...)
	}
	return figures, nil
}

// crowd is many objects of somebody else.
type crowd struct {
	what  string
	n     int
	limit float64 // what they may add to the operator's memory; 0 for no target
	one   func(context.Context, int) error
}

// growth is what a crowd has added to an operator that watched it arrive, and to one that was started after it. The latter
// is what the next crowd adds to.
func (b *bed) growth(ctx context.Context, c crowd, before *memoryUse) ([]figure, error) {
	watched, err := b.settledMemory(ctx)
	if err != nil {
		return nil, err
	}
	started, err := b.memoryAfterRestart(ctx)
	if err != nil {
		return nil, err
	}
	arrived, there := watched.resident-before.resident, started.resident-before.resident
	*before = started
	var figures []figure
	for _, grown := range []struct {
		when string
		by   float64
	}{{"arrive", arrived}, {"there at start", there}} {
		what := fmt.Sprintf("%d foreign %s %s: growth", c.n, c.what, grown.when)
		if c.limit > 0 {
			figures = append(figures, below(what, mib, grown.by, c.limit))
		} else {
			figures = append(figures, told(what, "%s", amount(grown.by, mib)))
		}
	}
	return figures, nil
}

func (b *bed) memoryAfterRestart(ctx context.Context) (memoryUse, error) {
	if err := b.restart(ctx); err != nil {
		return memoryUse{}, err
	}
	return b.settledMemory(ctx)
}

// settledMemory is the operator's memory some time after it has come to rest.
func (b *bed) settledMemory(ctx context.Context) (memoryUse, error) {
	if _, err := b.quiet(ctx); err != nil {
		return memoryUse{}, err
	}
	if err := pause(ctx, b.settle); err != nil {
		return memoryUse{}, err
	}
	m, err := b.measured.memory()
	b.progress("resident %.1f MiB: allocated %.1f, of files %.1f; at most %.1f", m.resident, m.anonymous, m.files, m.peak)
	return m, err
}

// gather makes a crowd, spread over namespaces.
func (b *bed) gather(ctx context.Context, c crowd) error {
	b.progress("creating %d foreign %s", c.n, c.what)
	for i := range foreignNamespaces {
		if err := b.namespace(ctx, strings.ToLower(numbered(c.what, i))); err != nil {
			return err
		}
	}
	return b.sideBySide(ctx, c.n, c.one)
}

func (b *bed) foreignConfigMap(ctx context.Context, i int) error {
	return b.Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: numbered("configmaps", i%foreignNamespaces), Name: numbered("foreign", i)},
		Data:       map[string]string{"content": strings.Repeat("x", 1000)},
	})
}

// foreignDeployment is as large as one of Flux's, but serves no metrics of Flux.
func (b *bed) foreignDeployment(ctx context.Context, i int) error {
	namespace := numbered("deployments", i%foreignNamespaces)
	objects, err := cluster.Flux(ctx, namespace, "source-controller")
	if err != nil {
		return err
	}
	for _, o := range objects {
		if o.GetKind() == "Deployment" {
			o.SetName(numbered("foreign", i))
			return b.createWithoutPorts(ctx, o)
		}
	}
	return errors.New("there is no Deployment to make a foreign one of")
}

func (b *bed) createWithoutPorts(ctx context.Context, o *unstructured.Unstructured) error {
	containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	if err != nil {
		return err
	}
	for _, c := range containers {
		for _, field := range []string{"ports", "livenessProbe", "readinessProbe"} { // the probes name ports
			delete(c.(map[string]any), field)
		}
	}
	if err := unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers"); err != nil {
		return err
	}
	return b.Create(ctx, o, client.FieldOwner("somebody"))
}
