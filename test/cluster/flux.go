package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Components are the controllers of Flux 2.9, all of which `flux install` can give.
var Components = []string{
	"source-controller", "kustomize-controller", "helm-controller", "notification-controller",
	"image-reflector-controller", "image-automation-controller", "source-watcher",
}

// Flux returns what `flux install` creates in a namespace, but the custom resource definitions: the namespace, roles,
// network policies, and of the named components, or all, the ServiceAccounts, Services and Deployments.
func Flux(ctx context.Context, namespace string, components ...string) ([]*unstructured.Unstructured, error) {
	if len(components) == 0 {
		components = Components
	}
	for _, c := range components {
		if !slices.Contains(Components, c) {
			return nil, fmt.Errorf("%s is no controller of Flux; they are %s", c, strings.Join(Components, ", "))
		}
	}
	rendered, err := render(ctx, components)
	if err != nil {
		return nil, fmt.Errorf("rendering Flux: %w", err)
	}
	return Decode(bytes.ReplaceAll(rendered, []byte(home), []byte(namespace)))
}

// InstallFlux applies what Flux returns.
func InstallFlux(ctx context.Context, c client.Client, namespace string, components ...string) error {
	objects, err := Flux(ctx, namespace, components...)
	if err != nil {
		return err
	}
	return Apply(ctx, c, objects...)
}

// Apply applies objects in order, server-side, as flux does, and takes over fields that others hold.
func Apply(ctx context.Context, c client.Client, objects ...*unstructured.Unstructured) error {
	for _, o := range objects {
		err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("flux"), client.ForceOwnership)
		if err != nil {
			return fmt.Errorf("applying %s %s/%s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), err)
		}
	}
	return nil
}

// Decode reads the objects of a YAML stream.
func Decode(stream []byte) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(stream), 4096); ; {
		o := &unstructured.Unstructured{}
		switch err := d.Decode(&o.Object); {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, err
		case len(o.Object) > 0:
			objects = append(objects, o)
		}
	}
}

// Kustomize builds the objects of a kustomization, as `kubectl apply -k` does.
func Kustomize(folder string) ([]*unstructured.Unstructured, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	stream, err := resources.AsYaml()
	if err != nil {
		return nil, err
	}
	return Decode(stream)
}
