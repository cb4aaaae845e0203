package stack

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
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

// wait waits until the object's condition is as wanted.
func (s state) wait(ctx context.Context, c client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	retry := time.NewTicker(200 * time.Millisecond)
	defer retry.Stop()
	for {
		reached, why := s.reached(ctx, c)
		if reached {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %s for %s: %s", patience, s, why)
		case <-retry.C:
		}
	}
}

// reached reports whether the object's condition is as wanted, or else what it is.
func (s state) reached(ctx context.Context, c client.Client) (bool, string) {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(kinds[s.kind].WithKind(s.kind))
	if err := c.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: s.name}, o); err != nil {
		return false, err.Error()
	}
	seen, found, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration") //nolint:errcheck // It is a number in every kind.
	if found && seen != o.GetGeneration() && s.is {
		return false, "its change is not seen yet"
	}
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions") //nolint:errcheck // It is a list in every kind.
	for _, entry := range conditions {
		condition, ok := entry.(map[string]any)
		if !ok || condition["type"] != s.condition {
			continue
		}
		want := map[bool]string{true: "True", false: "False"}[s.is]
		return condition["status"] == want, fmt.Sprintf("it is %v: %v", condition["status"], condition["message"])
	}
	return false, "it has no such condition"
}
