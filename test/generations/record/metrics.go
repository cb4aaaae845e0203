package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// recorded is a controller whose metrics are recorded.
type recorded struct {
	component string
	// kind of the objects it reconciles.
	kind string
	// folder of the module that pins its version, in the checkout.
	folder string
}

var controllers = []recorded{
	{"source-controller", "GitRepository", "test/generations/controllers/source-controller"},
	{"source-controller", "GitRepository", "test/cluster/flux"},
	{"kustomize-controller", "Kustomization", "test/generations/controllers/kustomize-controller"},
	{"kustomize-controller", "Kustomization", "test/cluster/flux"},
	{"helm-controller", "HelmRelease", "test/generations/controllers/helm-controller"},
	{"notification-controller", "Receiver", "test/generations/controllers/notification-controller"},
}

// recordMetrics writes what each of the controllers exposes, a file a controller and version.
func recordMetrics(ctx context.Context, root, scratch string) error {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	stream, err := os.ReadFile(filepath.Join(testdata(root, "metrics"), "given.yaml"))
	if err != nil {
		return err
	}
	for _, r := range controllers {
		given, err := cluster.Decode(stream)
		if err != nil {
			return err
		}
		version, text, err := r.record(ctx, root, scratch, given)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", r.component, r.folder, err)
		}
		file := filepath.Join(testdata(root, "metrics"), r.component+"-"+version[1:]+".txt")
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "wrote", file)
	}
	return nil
}

// record builds the controller, has it reconcile what is given in a control plane of its own, and returns its version
// and its metrics then.
func (r recorded) record(ctx context.Context, root, scratch string, given []*unstructured.Unstructured) (
	version string, text []byte, err error,
) {
	folder, path := filepath.Join(root, r.folder), "github.com/fluxcd/"+r.component
	version, sources, err := pinned(ctx, folder, path)
	if err != nil {
		return "", nil, err
	}
	binary := filepath.Join(scratch, r.component+"-"+version)
	fmt.Fprintln(os.Stderr, "building", r.component, version)
	_, err = run(ctx, folder, "go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary, path)
	if err != nil {
		return "", nil, err
	}
	crds := []string{filepath.Join(sources, "config", "crd", "bases")}
	if r.kind == "Kustomization" || r.kind == "HelmRelease" {
		crds, err = withSources(ctx, crds)
	}
	if err != nil {
		return "", nil, err
	}
	plane, err := cluster.Start(ctx, cluster.WithCRDs(crds...))
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	c, err := client.New(plane.Config, client.Options{})
	if err != nil {
		return "", nil, err
	}
	objects, err := create(ctx, c, r.kind, given)
	if err != nil {
		return "", nil, err
	}
	text, err = scrape(ctx, c, binary, plane.KubeConfig, objects)
	return version, text, err
}

// withSources adds the definitions of the sources a Kustomization or a HelmRelease can have.
func withSources(ctx context.Context, crds []string) ([]string, error) {
	flux, _, err := cluster.CRDs(ctx)
	for _, plural := range []string{"buckets", "externalartifacts", "gitrepositories", "helmcharts", "helmrepositories", "ocirepositories"} {
		crds = append(crds, filepath.Join(flux, "source.toolkit.fluxcd.io_"+plural+".yaml"))
	}
	return crds, err
}

// create creates the objects of the kind and what they refer to, and returns those of the kind. A suspended GitRepository
// is given an artifact, as if it had been fetched before: a Kustomization looks at what it depends on only after that.
func create(ctx context.Context, c client.Client, kind string, given []*unstructured.Unstructured) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, o := range given {
		source := o.GetKind() == "GitRepository" && kind == "Kustomization"
		if o.GetKind() != kind && o.GetKind() != "Namespace" && !source {
			continue
		}
		suspended, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend")
		if err := c.Create(ctx, o); err != nil {
			return nil, err
		}
		if o.GetKind() == "GitRepository" && suspended {
			if err := fetched(ctx, c, o); err != nil {
				return nil, err
			}
		}
		objects = append(objects, o)
	}
	return slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() != kind }), nil
}

// fetched gives a GitRepository an artifact.
func fetched(ctx context.Context, c client.Client, repository *unstructured.Unstructured) error {
	artifact := map[string]any{
		"digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "lastUpdateTime": "2024-05-13T00:00:00Z",
		"path": "nothing.tar.gz", "revision": "main@sha1:0000000000000000000000000000000000000000", "url": "http://nowhere.invalid/nothing.tar.gz",
	}
	if err := unstructured.SetNestedMap(repository.Object, artifact, "status", "artifact"); err != nil {
		return err
	}
	return c.Status().Update(ctx, repository)
}

// pinned returns which version of a module the go.mod in folder pins, and where the module cache holds it.
func pinned(ctx context.Context, folder, path string) (version, dir string, err error) {
	out, err := run(ctx, folder, "go", "list", "-mod=readonly", "-m", "-json", path)
	if err != nil {
		return "", "", err
	}
	var m struct{ Version, Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", "", fmt.Errorf("reading the answer of go list about %s: %w", path, err)
	}
	return m.Version, m.Dir, nil
}
