package stack

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// kinds of the objects that are waited for.
var kinds = map[string]schema.GroupVersion{
	"CustomResourceDefinition": {Group: "apiextensions.k8s.io", Version: "v1"},
	"Deployment":               {Group: "apps", Version: "v1"},
	"Prometheus":               {Group: "monitoring.coreos.com", Version: "v1"},
	"Alertmanager":             {Group: "monitoring.coreos.com", Version: "v1"},
	"OCIRepository":            {Group: "source.toolkit.fluxcd.io", Version: "v1"},
	"HelmRepository":           {Group: "source.toolkit.fluxcd.io", Version: "v1"},
	"HelmChart":                {Group: "source.toolkit.fluxcd.io", Version: "v1"},
	"GitRepository":            {Group: "source.toolkit.fluxcd.io", Version: "v1"},
	"HelmRelease":              {Group: "helm.toolkit.fluxcd.io", Version: "v2"},
	"Kustomization":            {Group: "kustomize.toolkit.fluxcd.io", Version: "v1"},
}

// state is what one object's condition should be.
type state struct {
	kind, namespace, name, condition string
	is                               bool
}

func (s state) String() string {
	not := ""
	if !s.is {
		not = "not "
	}
	return fmt.Sprintf("%s %s/%s to be %s%s", s.kind, s.namespace, s.name, not, s.condition)
}

// wait waits until the object's condition is as it should be.
func (s state) wait(ctx context.Context, c client.Client) error {
	return cluster.Await(ctx, s.String(), patience, func(ctx context.Context) error { return s.reached(ctx, c) })
}

// reached returns an error that says what the object's condition is, if it is not as it should be.
func (s state) reached(ctx context.Context, c client.Client) error {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(kinds[s.kind].WithKind(s.kind))
	if err := c.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: s.name}, o); err != nil {
		return err
	}
	seen, found, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration") //nolint:errcheck // It is a number in every kind.
	if found && seen != o.GetGeneration() && s.is {
		return errors.New("its change is not observed yet")
	}
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions") //nolint:errcheck // It is a list in every kind.
	for _, entry := range conditions {
		condition, ok := entry.(map[string]any)
		if !ok || condition["type"] != s.condition {
			continue
		}
		if condition["status"] != map[bool]string{true: "True", false: "False"}[s.is] {
			return fmt.Errorf("it is %v: %v", condition["status"], condition["message"])
		}
		return nil
	}
	return errors.New("it has no such condition")
}
