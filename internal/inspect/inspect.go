// Package inspect sees a cluster as the operator does, once and without caches, for commands that compare or describe. It reads, and asks the
// API server to try writes; it writes nothing.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
	"github.com/fluxmonitoring/operator/internal/served"
	"github.com/fluxmonitoring/operator/internal/shallow"
)

// listingTimeout bounds how long Flux's objects are listed, from which follows how long they may take.
const listingTimeout = time.Minute

// Inspector sees a cluster as the operator does.
type Inspector struct {
	*observe.Observer
	// live reads from the API server.
	live client.Client
}

// Operator is where the operator runs and how it serves metrics.
type Operator struct {
	// Namespace of its pods.
	Namespace string
	// MetricsSecure: it serves metrics by HTTPS, to those who may get them.
	MetricsSecure bool
}

// New asks for the APIs and lists Flux's objects.
func New(ctx context.Context, cfg *rest.Config, operator Operator) (*Inspector, error) {
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1
	cfg.Wrap(func(next http.RoundTripper) http.RoundTripper { return &shallow.Transport{Next: next} })
	scheme, err := kinds.Scheme()
	if err != nil {
		return nil, err
	}
	live, err := client.New(cfg, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	api, err := discovery.NewDiscoveryClientForConfig(cfg)
	if err != nil {
		return nil, err
	}
	discover := served.Discovery{CRDs: live, Live: live, API: api}
	optional, err := optionalKinds(ctx, discover)
	if err != nil {
		return nil, err
	}
	fluxKinds, unknown, err := discover.FluxKinds(nil)
	if err := errors.Join(unknown, err); err != nil {
		return nil, err
	}
	waits, err := listWaits(ctx, cfg, fluxKinds)
	if err != nil {
		return nil, err
	}
	return &Inspector{live: live, Observer: &observe.Observer{
		Reader: noIndexReader{live}, Live: live, Optional: liveReaders{noIndexReader{live}, optional}, Objects: liveBootstrap{live},
		MetricsNamespace: operator.Namespace, MetricsSecure: operator.MetricsSecure, OperatorNamespace: operator.Namespace,
		StackNamespaces: facts.StackNamespaces(operator.Namespace),
		State:           liveState{kinds: fluxKinds, waits: waits, exporter: facts.Exporter{Namespace: operator.Namespace, Serving: true}},
	}}, nil
}

// optionalKinds are those that are served. A kind that is served and cannot be read is an error: it would look as if it were not served.
func optionalKinds(ctx context.Context, discover served.Discovery) (map[schema.GroupVersionKind]bool, error) {
	found := map[schema.GroupVersionKind]bool{}
	for _, crd := range kinds.CRDs() {
		f := discover.Optional(ctx, crd, func(schema.GroupVersionKind) bool { return false })
		if apierrors.IsForbidden(f.Err) {
			return nil, fmt.Errorf("this account may not read all that the operator reads: %w", f.Err)
		} else if f.Err != nil {
			return nil, f.Err
		}
		found[f.Kind] = f.Served
	}
	return found, nil
}

// noIndexReader reads from the API server what a cache finds by an index.
type noIndexReader struct{ client.Reader }

// List does without the indexes of FluxMonitorings by the Flux they name, and of those that run Grafana, which an API server does not have.
func (u noIndexReader) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	query := (&client.ListOptions{}).ApplyOptions(options)
	all, is := list.(*v1alpha1.FluxMonitoringList)
	if !is {
		if query.FieldSelector != nil {
			for _, index := range []string{observe.GrafanaIndex, observe.OperatorIndex} {
				if _, indexed := query.FieldSelector.RequiresExactMatch(index); indexed {
					query.FieldSelector = nil // the reader finds out by itself which of all run Grafana, or prometheus-operator
					break
				}
			}
		}
		return u.Reader.List(ctx, list, query)
	}
	namespace, narrowed := "", query.FieldSelector != nil
	if narrowed {
		namespace, _ = query.FieldSelector.RequiresExactMatch(observe.FluxNamespaceIndex)
		query.FieldSelector = nil
	}
	if err := u.Reader.List(ctx, all, query); err != nil || !narrowed {
		return ignoreMissingCRD(err)
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

// ignoreMissingCRD is nil if the cluster does not serve FluxMonitorings: then there are none.
func ignoreMissingCRD(err error) error {
	if meta.IsNoMatchError(err) {
		return nil
	}
	return err
}

// liveReaders reads every kind that is served from the API server.
type liveReaders struct {
	live   client.Reader
	served map[schema.GroupVersionKind]bool
}

// Reader of a kind; nil where it is not served.
func (s liveReaders) Reader(kind schema.GroupVersionKind) client.Reader {
	if !s.served[kind] {
		return nil
	}
	return s.live
}

// Fault is nil: New fails if a kind cannot be read.
func (s liveReaders) Fault(schema.GroupVersionKind) error { return nil }

// liveState is what is known of the state of Flux's objects.
type liveState struct {
	kinds    []flux.ServedKind
	exporter facts.Exporter
	waits    map[string]flux.ReconcileTimings
}

// FluxKinds served.
func (s liveState) FluxKinds() []flux.ServedKind { return s.kinds }

// Exporter is taken to serve.
func (s liveState) Exporter() facts.Exporter { return s.exporter }

// Timings of the objects.
func (s liveState) Timings() map[string]flux.ReconcileTimings { return s.waits }

// listWaits lists Flux's objects once, by the exporter's own code, for how long they may take.
func listWaits(ctx context.Context, cfg *rest.Config, kinds []flux.ServedKind) (map[string]flux.ReconcileTimings, error) {
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
	own.Follow(ctx, exporter.Desired{Kinds: kinds, WatchOnly: true})
	for {
		if health := own.Health(); health.Listed {
			if len(health.Failing) > 0 {
				return nil, fmt.Errorf("this account may not read all that the operator reads: %s: %s", health.Failing[0].Kind, health.Failing[0].Reason)
			}
			waits := map[string]flux.ReconcileTimings{} // not nil: it is known that there are none
			maps.Copy(waits, health.Timings)
			return waits, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, errors.New("listing the Flux objects takes too long")
		}
	}
}

// liveBootstrap reads what says where Flux itself comes from, from the API server.
type liveBootstrap struct{ live client.Reader }

// Objects of a kind in a namespace, of one name or all; false where they cannot be read.
func (r liveBootstrap) Objects(ctx context.Context, kind flux.ServedKind, namespace, name string) ([]unstructured.Unstructured, bool) {
	found := &unstructured.UnstructuredList{}
	found.SetGroupVersionKind(schema.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Name + "List"})
	options := []client.ListOption{client.InNamespace(namespace)}
	if name != "" {
		options = append(options, client.MatchingFields{"metadata.name": name})
	}
	if err := r.live.List(ctx, found, options...); err != nil {
		return nil, false
	}
	for i := range found.Items {
		if kept, err := observe.StripBootstrap(&found.Items[i]); err == nil {
			found.Items[i] = *kept.(*unstructured.Unstructured) //nolint:forcetypeassert // it is what it was
		}
	}
	return found.Items, true
}
