package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/exporter"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// listingTimeout bounds how long a Look lists Flux's objects, which tells how long they may take.
const listingTimeout = time.Minute

// Look sees a cluster as the operator does, once and without caches: for commands that compare or describe. It reads, and writes
// nothing.
type Look struct {
	*observe.Observer
	// live reads and writes without a cache.
	live client.Client
}

// NewLook looks at the APIs and at Flux's objects. Of Options those matter that say where the operator runs and
// how it serves metrics.
func NewLook(ctx context.Context, cfg *rest.Config, options Options) (*Look, error) {
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1
	readAll(cfg)
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	live, err := client.New(cfg, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	asked, err := discovery.NewDiscoveryClientForConfig(cfg)
	if err != nil {
		return nil, err
	}
	apis := &APIReconciler{Client: live, Live: live, Discovery: asked, Optional: &OptionalKinds{}}
	available, _ := apis.look(ctx)
	if err := readable(available); err != nil {
		return nil, err
	}
	kinds, unknown, err := servedKinds(asked, nil)
	if err := errors.Join(unknown, err); err != nil {
		return nil, err
	}
	waits, err := waitsNow(ctx, cfg, kinds)
	if err != nil {
		return nil, err
	}
	return &Look{live: live, Observer: &observe.Observer{
		Reader: unindexed{live}, Optional: servedNow{live, available.served}, Objects: bootstrapNow{live},
		MetricsNamespace: options.metricsNamespace(), MetricsSecure: options.MetricsSecure, OperatorNamespace: options.Namespace,
		State: stateNow{kinds: kinds, waits: waits, exporter: facts.Exporter{Namespace: options.Namespace, Serving: true}},
	}}, nil
}

// readable is an error where a kind is served that cannot be read: it would look as if it were not served, and be left out.
func readable(a availability) error {
	for _, kind := range kinds.Optional() {
		if err := a.faults[kind]; apierrors.IsForbidden(err) {
			return fmt.Errorf("this account may not read all that the operator reads: %w", err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// unindexed reads from the API server what a cache finds by its index.
type unindexed struct{ client.Reader }

// List does without the index of FluxMonitorings by the Flux they name, which an API server does not have.
func (u unindexed) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	all, is := list.(*v1alpha1.FluxMonitoringList)
	if !is {
		return u.Reader.List(ctx, list, options...)
	}
	asked := (&client.ListOptions{}).ApplyOptions(options)
	namespace, narrowed := "", asked.FieldSelector != nil
	if narrowed {
		namespace, _ = asked.FieldSelector.RequiresExactMatch(observe.FluxNamespaceIndex)
		asked.FieldSelector = nil
	}
	if err := u.Reader.List(ctx, all, asked); err != nil || !narrowed {
		return withoutDefinition(err)
	}
	var kept []v1alpha1.FluxMonitoring
	for _, fm := range all.Items {
		if fm.Spec.FluxNamespace() == namespace {
			kept = append(kept, fm)
		}
	}
	all.Items = kept
	return nil
}

// withoutDefinition takes it for no error that the cluster does not know FluxMonitorings: then there are none.
func withoutDefinition(err error) error {
	if meta.IsNoMatchError(err) {
		return nil
	}
	return err
}

// servedNow reads every kind that is served from the API server.
type servedNow struct {
	live   client.Reader
	served map[schema.GroupVersionKind]bool
}

// Reader of a kind; nil where it is not served.
func (s servedNow) Reader(kind schema.GroupVersionKind) client.Reader {
	if !s.served[kind] {
		return nil
	}
	return s.live
}

// Fault is nil: where a kind cannot be read there is no Look.
func (s servedNow) Fault(schema.GroupVersionKind) error { return nil }

// stateNow is what is known of the state of Flux's objects.
type stateNow struct {
	kinds    []flux.ServedKind
	exporter facts.Exporter
	waits    map[string]flux.ReconcileTimings
}

// FluxKinds served.
func (s stateNow) FluxKinds() []flux.ServedKind { return s.kinds }

// Exporter is taken to serve.
func (s stateNow) Exporter() facts.Exporter { return s.exporter }

// Timings of the objects.
func (s stateNow) Timings() map[string]flux.ReconcileTimings { return s.waits }

// waitsNow lists Flux's objects once, by the exporter's own code, for how long they may take.
func waitsNow(ctx context.Context, cfg *rest.Config, kinds []flux.ServedKind) (map[string]flux.ReconcileTimings, error) {
	ctx, stop := context.WithTimeout(ctx, listingTimeout)
	defer stop()
	client, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return nil, err
	}
	changed := make(chan struct{}, 1)
	own, err := exporter.New(cfg, client, exporter.Options{Changed: func() {
		select {
		case changed <- struct{}{}:
		default: // one is waiting already
		}
	}})
	if err != nil {
		return nil, err
	}
	wanted := exporter.Desired{Kinds: kinds, WatchOnly: true}
	own.Follow(ctx, wanted)
	for {
		if health := own.Health(); health.Listed {
			if len(health.Failing) > 0 {
				return nil, fmt.Errorf("this account may not read all that the operator reads: %s: %s", health.Failing[0].Kind, health.Failing[0].Reason)
			}
			return (&StateReconciler{}).waits(wanted, health), nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, errors.New("listing the Flux objects takes too long")
		}
	}
}
