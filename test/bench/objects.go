package main

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/observe"
)

// fluxMonitoring is one with all its defaults, for a Flux in a namespace.
func fluxMonitoring(namespace, flux string) *v1alpha1.FluxMonitoring {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "flux"}}
	fm.Spec.Flux.Namespace = flux
	return fm
}

// rendered are the objects that the operator makes for a FluxMonitoring on this cluster.
func (b *bed) rendered(ctx context.Context, fm *v1alpha1.FluxMonitoring) ([]*unstructured.Unstructured, error) {
	namespace := &corev1.Namespace{}
	if err := b.Get(ctx, client.ObjectKey{Name: fm.Namespace}, namespace); err != nil {
		return nil, err
	}
	facts := facts.Facts{
		FluxNamespaceExists: true, NamespaceLabels: namespace.Labels, Served: map[schema.GroupVersionKind]bool{kinds.ConfigMap: true},
	}
	for _, kind := range kinds.Optional() {
		facts.Served[kind] = true
	}
	var deployments appsv1.DeploymentList
	if err := b.List(ctx, &deployments, client.InNamespace(fm.Spec.FluxNamespace())); err != nil {
		return nil, err
	}
	facts.Flux = observe.InstallationOf(fm.Spec.FluxNamespace(), deployments.Items)
	var prometheuses monitoringv1.PrometheusList
	if err := b.List(ctx, &prometheuses); err != nil {
		return nil, err
	}
	for i := range prometheuses.Items {
		if instance, ok := observe.InstanceOf(&prometheuses.Items[i]); ok {
			facts.Prometheuses = append(facts.Prometheuses, instance)
		}
	}
	return desired.Objects(fm, facts)
}

// seen is an object as a watch told of it.
type seen struct {
	at     time.Time
	kind   string
	object client.Object
}

// sights come from watches on all generated kinds of a namespace until its context ends.
type sights struct {
	events chan seen
	ended  chan error
}

// watchGenerated starts to watch. What exists already is told of first.
func (b *bed) watchGenerated(ctx context.Context, namespace string, list func(schema.GroupVersionKind) client.ObjectList) (*sights, error) {
	s := &sights{events: make(chan seen, 1000), ended: make(chan error, len(kinds.Generated()))}
	for _, kind := range kinds.Generated() {
		w, err := b.Watch(ctx, list(kind), client.InNamespace(namespace), client.HasLabels{mark.OwnerLabel})
		if err != nil {
			return nil, fmt.Errorf("watching %s objects: %w", kind.Kind, err)
		}
		go s.follow(ctx, kind.Kind, w)
	}
	return s, nil
}

func (s *sights) follow(ctx context.Context, kind string, w watch.Interface) {
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, open := <-w.ResultChan():
			object, ok := e.Object.(client.Object)
			if !open || !ok {
				s.ended <- fmt.Errorf("the watch on %s objects ended", kind)
				return
			}
			if e.Type == watch.Added || e.Type == watch.Modified {
				s.events <- seen{at: time.Now(), kind: kind, object: object}
			}
		}
	}
}

// next waits for the next object seen.
func (s *sights) next(ctx context.Context) (seen, error) {
	select {
	case e := <-s.events:
		return e, nil
	case err := <-s.ended:
		return seen{}, err
	case <-ctx.Done():
		return seen{}, context.Cause(ctx)
	}
}

// allOf waits until so many different objects have been seen, and returns when the last was.
func (s *sights) allOf(ctx context.Context, n int) (time.Time, error) {
	known := map[string]bool{}
	for {
		e, err := s.next(ctx)
		if err != nil {
			return time.Time{}, fmt.Errorf("waiting for %d objects, saw %d: %w", n, len(known), err)
		}
		known[e.kind+"/"+e.object.GetName()] = true
		if len(known) == n {
			return e.at, nil
		}
	}
}

// metadataOf lists a kind as metadata, contentOf with all that is in it.
func metadataOf(kind schema.GroupVersionKind) client.ObjectList { return kinds.MetadataList(kind) }

func contentOf(kind schema.GroupVersionKind) client.ObjectList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	return list
}
