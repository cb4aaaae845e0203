package observe

import (
	"cmp"
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	// kustomize-controller sets these labels on an object to the Kustomization that applied it.
	applierName      = "kustomize.toolkit.fluxcd.io/name"
	applierNamespace = "kustomize.toolkit.fluxcd.io/namespace"

	instanceKind      = "FluxInstance"
	kustomizationKind = "Kustomization"
)

// Objects reads bootstrap objects.
type Objects interface {
	// Objects of a kind in a namespace, as StripBootstrapObject leaves them: the one with the name, or if that is
	// empty, all. False if they are not known, for example without permission.
	Objects(ctx context.Context, kind flux.ServedKind, namespace, name string) ([]unstructured.Unstructured, bool)
}

// bootstrap is the bootstrap objects of the Flux that consists of these Deployments: as a FluxInstance says, or else the
// Kustomization that applied the controllers. What cannot be read is missing.
func (o *Observer) bootstrap(ctx context.Context, namespace string, deployments []appsv1.Deployment) flux.Bootstrap {
	bootstrap, synced := o.instanceBootstrap(ctx, namespace)
	if synced {
		return bootstrap
	}
	named := appliers(deployments)
	if len(named) == 0 {
		named = []flux.Object{{Kind: kustomizationKind, Namespace: namespace, Name: namespace}}
		if len(bootstrap.Appliers) == 0 {
			return bootstrap
		}
	}
	bootstrap.Appliers = append(bootstrap.Appliers, named...)
	for _, k := range named {
		if s, known := o.sourceOf(ctx, k); known && !slices.Contains(bootstrap.Sources, s) {
			bootstrap.Sources = append(bootstrap.Sources, s)
		}
	}
	return bootstrap
}

// instanceBootstrap is what the FluxInstances of a namespace say, and whether one of them syncs a cluster. If they
// are not known, it assumes one with the only name that flux-operator allows.
func (o *Observer) instanceBootstrap(ctx context.Context, namespace string) (bootstrap flux.Bootstrap, synced bool) {
	kind, served := o.served(instanceKind)
	if !served {
		return bootstrap, false
	}
	instances, known := o.Objects.Objects(ctx, kind, namespace, "")
	if !known {
		return flux.Bootstrap{Appliers: []flux.Object{{Kind: instanceKind, Namespace: namespace, Name: "flux"}}}, false
	}
	slices.SortFunc(instances, func(a, b unstructured.Unstructured) int { return cmp.Compare(a.GetName(), b.GetName()) })
	for _, i := range instances {
		bootstrap.Appliers = append(bootstrap.Appliers, flux.Object{Kind: instanceKind, Namespace: namespace, Name: i.GetName()})
		sync, has, _ := unstructured.NestedStringMap(i.Object, "spec", "sync")
		if !has {
			continue
		}
		synced = true
		name := cmp.Or(sync["name"], namespace)
		bootstrap.Appliers = append(bootstrap.Appliers, flux.Object{Kind: kustomizationKind, Namespace: namespace, Name: name})
		bootstrap.Sources = append(bootstrap.Sources, flux.Object{Kind: cmp.Or(sync["kind"], "GitRepository"), Namespace: namespace, Name: name})
	}
	return bootstrap, synced
}

// appliers are the Kustomizations that applied Flux's controllers, sorted, without duplicates. Those of shards count
// only if there are no others.
func appliers(deployments []appsv1.Deployment) []flux.Object {
	var all, whole []flux.Object
	for i := range deployments {
		d := &deployments[i]
		k := flux.Object{Kind: kustomizationKind, Namespace: d.Labels[applierNamespace], Name: d.Labels[applierName]}
		if k.Name == "" || k.Namespace == "" || !IsFlux(d) {
			continue
		}
		all = append(all, k)
		if !slices.ContainsFunc(ControllersOf(d), func(c flux.Controller) bool { return c.IsShard() }) {
			whole = append(whole, k)
		}
	}
	if len(whole) > 0 {
		all = whole
	}
	slices.SortFunc(all, func(a, b flux.Object) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(all)
}

// sourceOf is the source of a Kustomization; false if it is not known.
func (o *Observer) sourceOf(ctx context.Context, k flux.Object) (flux.Object, bool) {
	kind, served := o.served(kustomizationKind)
	if !served {
		return flux.Object{}, false
	}
	found, _ := o.Objects.Objects(ctx, kind, k.Namespace, k.Name)
	if len(found) == 0 {
		return flux.Object{}, false
	}
	ref, has, _ := unstructured.NestedStringMap(found[0].Object, "spec", "sourceRef")
	return flux.Object{Kind: ref["kind"], Namespace: cmp.Or(ref["namespace"], k.Namespace), Name: ref["name"]}, has && ref["name"] != ""
}

// served returns a kind of Flux in the version that is read; false if it is not served or cannot be read.
func (o *Observer) served(name string) (flux.ServedKind, bool) {
	kinds := o.State.FluxKinds()
	i := slices.IndexFunc(kinds, func(k flux.ServedKind) bool { return k.Name == name })
	if i < 0 || o.Objects == nil {
		return flux.ServedKind{}, false
	}
	return kinds[i], true
}

// StripBootstrap is the transform of caches of FluxInstances and Kustomizations. It keeps what bootstrap
// reads.
func StripBootstrap(in any) (any, error) {
	o, ok := in.(*unstructured.Unstructured)
	if !ok {
		return in, nil
	}
	kept := &unstructured.Unstructured{Object: map[string]any{}}
	kept.SetGroupVersionKind(o.GroupVersionKind())
	identity := identityOf(o)
	kept.SetNamespace(identity.Namespace)
	kept.SetName(identity.Name)
	kept.SetUID(identity.UID)
	kept.SetResourceVersion(identity.ResourceVersion)
	kept.SetGeneration(identity.Generation)
	for _, path := range [][]string{{"spec", "sync", "name"}, {"spec", "sync", "kind"}, {"spec", "sourceRef", "kind"},
		{"spec", "sourceRef", "namespace"}, {"spec", "sourceRef", "name"}} {
		if value, has, _ := unstructured.NestedString(o.Object, path...); has {
			_ = unstructured.SetNestedField(kept.Object, value, path...) // cannot fail: the parents are maps
		}
	}
	if _, has, _ := unstructured.NestedMap(o.Object, "spec", "sync"); has && !hasSync(kept) {
		_ = unstructured.SetNestedMap(kept.Object, map[string]any{}, "spec", "sync")
	}
	return kept, nil
}

func hasSync(o *unstructured.Unstructured) bool {
	_, has, _ := unstructured.NestedMap(o.Object, "spec", "sync")
	return has
}
