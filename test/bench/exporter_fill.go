package main

import (
	"context"
	"encoding/json"
	"path/filepath"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
)

// writer is the field manager that owns what Flux's controllers have written.
const writer = client.FieldOwner("kustomize-controller")

// furnishExporter installs Flux with its definitions, the namespaces of the objects, and a FluxMonitoring that has their
// state exported.
func (b *bed) furnishExporter(ctx context.Context) {
	definitions, _, err := cluster.CRDs(ctx)
	must.Succeed(err)
	found := must.Get(filepath.Glob(filepath.Join(definitions, "*.yaml")))
	must.Get(envtest.InstallCRDs(b.plane.Config, envtest.CRDInstallOptions{Paths: found}))
	fm := fluxMonitoring("monitoring", "flux-system")
	fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceExporter
	b.installFlux(ctx)
	must.Succeed(b.Create(ctx, fm))
	for i := range fluxNamespaces {
		b.namespace(ctx, numbered("team", i))
	}
}

// populate creates the Flux objects from one number to another, each with the status it has once Flux has dealt with it.
func (b *bed) populate(ctx context.Context, from, to int) {
	b.progress("creating %d Flux objects", to-from)
	sideBySide(ctx, to-from, atOnce, func(ctx context.Context, i int) {
		o := fluxObject(from + i)
		must.Succeed(b.Create(ctx, o, writer))
		b.patchStatus(ctx, from+i, shapeOf(from+i).status(from+i))
	})
}

// patchStatus writes these fields of the i-th object's status, as Flux's controllers do.
func (b *bed) patchStatus(ctx context.Context, i int, status fields) {
	patch := must.Get(json.Marshal(fields{"status": status}))
	must.Succeed(b.Status().Patch(ctx, fluxObject(i), client.RawPatch(types.MergePatchType, patch), writer))
}

// compatibility has the exporter export the families of Flux's guide besides, or not.
func (b *bed) compatibility(ctx context.Context, c v1alpha1.LegacyMetrics) {
	patch := must.Get(json.Marshal(fields{"spec": fields{"resourceMetrics": fields{"compatibility": c}}}))
	must.Succeed(b.Patch(ctx, fluxMonitoring("monitoring", ""), client.RawPatch(types.MergePatchType, patch)))
}
