package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	mib = "MiB"
	// atOnce is how many requests the bench makes side by side to fill a cluster.
	atOnce = 8
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
	for _, crowd := range []struct {
		what  string
		n     int
		limit float64 // 0 for none
		make  func(context.Context, int) error
	}{
		{"ConfigMaps", b.configMaps, 5, b.foreignConfigMap},
		{"Deployments", b.deployments, 0, b.foreignDeployment},
	} {
		if err := b.crowd(ctx, crowd.what, crowd.n, crowd.make); err != nil {
			return nil, err
		}
		added, err := b.growth(ctx, fmt.Sprintf("%d foreign %s", crowd.n, crowd.what), crowd.limit, one)
		if err != nil {
			return nil, err
		}
		figures = append(figures, added...)
		if one, err = b.operator.memory(); err != nil {
			return nil, err
		}
	}
	return figures, nil
}

// growth is what a crowd has added to an operator that watched it arrive, and to one that was started after it.
func (b *bed) growth(ctx context.Context, crowd string, limit float64, before memoryUse) ([]figure, error) {
	watched, err := b.settledMemory(ctx)
	if err != nil {
		return nil, err
	}
	started, err := b.memoryAfterRestart(ctx)
	if err != nil {
		return nil, err
	}
	arrived, there := crowd+" arrive: growth", crowd+" there at start: growth"
	if limit == 0 {
		return []figure{
			told(arrived, "%.1f MiB", watched.resident-before.resident),
			told(there, "%.1f MiB", started.resident-before.resident),
		}, nil
	}
	return []figure{
		below(arrived, mib, watched.resident-before.resident, limit),
		below(there, mib, started.resident-before.resident, limit),
	}, nil
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
	m, err := b.operator.memory()
	b.progress("resident %.1f MiB: allocated %.1f, of files %.1f; at most %.1f", m.resident, m.anonymous, m.files, m.peak)
	return m, err
}

// crowd makes n objects of somebody else.
func (b *bed) crowd(ctx context.Context, what string, n int, make func(context.Context, int) error) error {
	b.progress("creating %d foreign %s", n, what)
	for i := range foreignNamespaces {
		if err := b.namespace(ctx, strings.ToLower(numbered(what, i))); err != nil {
			return err
		}
	}
	return b.sideBySide(ctx, n, make)
}

// sideBySide does something n times, some at once, until all are done or one fails.
func (b *bed) sideBySide(ctx context.Context, n int, do func(context.Context, int) error) error {
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
				if err := do(ctx, i); err != nil {
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
		if o.GetKind() != "Deployment" {
			continue
		}
		o.SetName(numbered("foreign", i))
		return b.createWithoutPorts(ctx, o)
	}
	return fmt.Errorf("Flux has no Deployment to make a foreign one of")
}

func (b *bed) createWithoutPorts(ctx context.Context, o *unstructured.Unstructured) error {
	containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	if err != nil {
		return err
	}
	for _, c := range containers {
		delete(c.(map[string]any), "ports")
		delete(c.(map[string]any), "livenessProbe")
		delete(c.(map[string]any), "readinessProbe")
	}
	if err := unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers"); err != nil {
		return err
	}
	return b.Create(ctx, o, client.FieldOwner("somebody"))
}
