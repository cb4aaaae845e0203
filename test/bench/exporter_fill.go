package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// writer is the field manager that owns what Flux's controllers have written.
const writer = client.FieldOwner("kustomize-controller")

// furnishExporter installs Flux with its definitions, the namespaces of the objects, and a FluxMonitoring that has their
// state exported.
func (b *bed) furnishExporter(ctx context.Context) error {
	definitions, _, err := cluster.CRDs(ctx)
	if err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(definitions, "*.yaml"))
	if err != nil {
		return err
	}
	if _, err := envtest.InstallCRDs(b.plane.Config, envtest.CRDInstallOptions{Paths: found}); err != nil {
		return err
	}
	fm := fluxMonitoring("monitoring", "flux-system")
	fm.Spec.ResourceMetrics.Source = v1alpha1.ResourceMetricsSourceExporter
	err = errors.Join(b.installFlux(ctx), b.Create(ctx, fm))
	for i := range fluxNamespaces {
		err = errors.Join(err, b.namespace(ctx, numbered("team", i)))
	}
	return err
}

// populate creates the Flux objects from one number to another, each with the status it has once Flux has dealt with it.
func (b *bed) populate(ctx context.Context, from, to int) error {
	b.progress("creating %d Flux objects", to-from)
	return b.sideBySide(ctx, to-from, func(ctx context.Context, i int) error {
		o := fluxObject(from + i)
		if err := b.Create(ctx, o, writer); err != nil {
			return err
		}
		return b.patchStatus(ctx, from+i, shapeOf(from+i).status(from+i))
	})
}

// patchStatus writes these fields of the i-th object's status, as Flux's controllers do.
func (b *bed) patchStatus(ctx context.Context, i int, status fields) error {
	patch, err := json.Marshal(fields{"status": status})
	if err != nil {
		return err
	}
	return b.Status().Patch(ctx, fluxObject(i), client.RawPatch(types.MergePatchType, patch), writer)
}

// compatibility has the FluxMonitoring want the families of Flux's guide besides, or not.
func (b *bed) compatibility(ctx context.Context, c v1alpha1.LegacyMetrics) error {
	patch, err := json.Marshal(fields{"spec": fields{"resourceMetrics": fields{"compatibility": c}}})
	if err != nil {
		return err
	}
	return b.Patch(ctx, fluxMonitoring("monitoring", ""), client.RawPatch(types.MergePatchType, patch))
}
