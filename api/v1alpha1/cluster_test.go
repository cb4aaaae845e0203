package v1alpha1_test

import (
	"context"
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// shared is the API server that judges what the tests write by server.
var (
	shared = cluster.Common(cluster.OperatorCRDs)
	server client.Client
	must   = rig.Must
)

func TestMain(m *testing.M) {
	os.Exit(shared.Main(m, func(_ context.Context, plane *cluster.ControlPlane) (err error) {
		scheme := runtime.NewScheme()
		if err := v1alpha1.AddToScheme(scheme); err != nil {
			return err
		}
		server, err = client.New(plane.Config, client.Options{Scheme: scheme})
		return err
	}))
}

// manifest is a FluxMonitoring as a user writes it: the head, and below it what is given, such as a spec.
func manifest(t *testing.T, name, rest string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	must(t, yaml.Unmarshal([]byte(rest), &o.Object))
	if o.Object == nil {
		o.Object = map[string]any{}
	}
	o.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.Kind))
	o.SetNamespace("default")
	o.SetName(name)
	return o
}

// create creates a FluxMonitoring for the length of a test, and reads it back.
func create(t *testing.T, name, rest string) *unstructured.Unstructured {
	t.Helper()
	o := manifest(t, name, rest)
	must(t, server.Create(t.Context(), o))
	t.Cleanup(func() { must(t, server.Delete(context.Background(), o)) })
	must(t, server.Get(t.Context(), client.ObjectKeyFromObject(o), o))
	return o
}
