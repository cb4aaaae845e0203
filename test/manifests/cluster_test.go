// Package manifests_test tries the manifests of config/ on a real API server: that they are accepted, that the operator works with the
// permissions they give it and needs every one of them, and that the samples are valid and whole.
package manifests_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// config is the folder of the manifests.
const config = "../../config"

// shared is the control plane of all tests of this package: they apply what is there once in a cluster, run the operator, and read in the
// audit log what it was refused.
var shared = cluster.Share(cluster.WithCRDs(cluster.OperatorCRDs, cluster.FluxCRDs, cluster.MonitoringCRDs, cluster.FluxOperatorCRDs,
	cluster.GrafanaOperatorCRDs), cluster.WithAuditLog(), cluster.WithArgument("enable-admission-plugins", "OwnerReferencesPermissionEnforcement"))

var (
	plane *cluster.ControlPlane
	admin client.Client
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	os.Exit(shared.Main(m, func(_ context.Context, p *cluster.ControlPlane) (err error) {
		if err := v1alpha1.AddToScheme(scheme.Scheme); err != nil {
			return err
		}
		plane = p
		admin, err = client.New(plane.Config, client.Options{Scheme: scheme.Scheme})
		return err
	}))
}

// What these tests are written with.
var (
	must  = rig.Must
	built = rig.Built
)

const (
	soon  = rig.Soon
	often = rig.Often
)

// sample are the objects of a sample.
func sample(t *testing.T, name string) []*unstructured.Unstructured {
	t.Helper()
	return rig.Objects(t, rig.Read(t, filepath.Join(config, "samples", name)))
}
