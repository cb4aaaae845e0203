// Package manifests_test tries the manifests of config/ on a real API server: that they are accepted, that the operator works with the
// permissions they give it and needs every one of them, and that the samples are valid and whole.
package manifests_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	// config is the folder of the manifests.
	config = "../../config"

	soon  = 30 * time.Second
	often = 20 * time.Millisecond
)

// plane is the control plane of all tests, with every CRD installed. It logs each request to audit.
var (
	plane *cluster.ControlPlane
	admin client.Client
	audit string
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	ctx := context.Background()
	scratch, err := os.MkdirTemp("", "fluxmonitoring-config-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // nothing in it is needed any more.
	audit = filepath.Join(scratch, "audit.log")
	flux, monitoring, err := cluster.CRDs(ctx)
	if err != nil {
		return 1, err
	}
	plane, err = cluster.Start(ctx, cluster.WithCRDs(config+"/crd", flux, monitoring, "../cluster/manifests/flux-operator/crds.yaml",
		"../cluster/manifests/grafana-operator/crds.yaml"), cluster.WithAuditLog(audit),
		cluster.WithArgument("enable-admission-plugins", "OwnerReferencesPermissionEnforcement"))
	if err != nil {
		return 1, err
	}
	defer plane.Stop() //nolint:errcheck // the test's result is known by then.
	if err := v1alpha1.AddToScheme(scheme.Scheme); err != nil {
		return 1, err
	}
	if admin, err = client.New(plane.Config, client.Options{Scheme: scheme.Scheme}); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// built are the objects of a kustomization.
func built(t *testing.T, folder string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := cluster.Kustomize(folder)
	must(t, err)
	return objects
}

// sample are the objects of a sample.
func sample(t *testing.T, name string) []*unstructured.Unstructured {
	t.Helper()
	stream, err := os.ReadFile(filepath.Join(config, "samples", name))
	must(t, err)
	objects, err := cluster.Decode(stream)
	must(t, err)
	return objects
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
