// Package examples_test tries what users copy from here: the API server accepts every manifest, and with these manifests Flux and Argo CD judge
// a FluxMonitoring right in every state that the operator writes. It judges as both do: Flux by its own packages, Argo CD by the interpreter
// that it uses, opened as it opens it. It does not apply: test/e2e runs Flux, and no test runs Argo CD, which docs/how-to/gitops.md says.
package examples_test

import (
	"context"
	"os"
	"testing"

	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

// What these tests are written with.
var (
	must  = rig.Must
	built = rig.Built
)

const (
	soon  = rig.Soon
	often = rig.Often
)

// shared has every definition that the examples need, and runs the operator, which no other package's tests may meet.
var shared = cluster.Share(cluster.WithCRDs(cluster.OperatorCRDs, cluster.FluxCRDs, cluster.MonitoringCRDs, "testdata"))

// admin may do everything on the API server of all tests.
var admin client.Client

func TestMain(m *testing.M) {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.FatalLevel)))
	os.Exit(shared.Main(m, prepare))
}

func prepare(ctx context.Context, plane *cluster.ControlPlane) error {
	scheme, err := kinds.Scheme()
	if err != nil {
		return err
	}
	if admin, err = client.New(plane.Config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	if err := cluster.InstallFlux(ctx, admin, "flux-system", "source-controller", "kustomize-controller"); err != nil {
		return err
	}
	for _, name := range []string{"argocd", "monitoring", operator.Namespace} { // which the manifests need
		if err := admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return err
		}
	}
	_, err = operator.Start(ctx, plane.Config)
	return err
}

// written are the objects of a file.
func written(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	return rig.Objects(t, rig.Read(t, file))
}
