// Package examples_test tries what users copy from here: that every manifest is accepted by the definitions it is for, and that Flux
// and Argo CD, told by these manifests how, judge a FluxMonitoring right in every state that the operator really writes. It knows
// how both judge: Flux by its own packages, Argo CD by the interpreter it uses, opened as it opens it. What it does not know is how
// they apply: Flux does so in test/e2e, and Argo CD, which cannot be built here, nowhere.
package examples_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	soon  = time.Minute // generous: what is asserted is that it happens, on machines that are busy
	often = 20 * time.Millisecond
)

// admin may do everything on the API server of all tests, which has every definition that the examples need and runs the operator.
var admin client.Client

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.FatalLevel)))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	flux, monitoring, err := cluster.CRDs(ctx)
	if err != nil {
		return 1, err
	}
	plane, err := cluster.Start(ctx, cluster.WithCRDs("../config/crd", flux, monitoring, "testdata"))
	if err != nil {
		return 1, err
	}
	defer plane.Stop() //nolint:errcheck // the test's result is known by then.
	scheme, err := kinds.Scheme()
	if err != nil {
		return 1, err
	}
	if admin, err = client.New(plane.Config, client.Options{Scheme: scheme}); err != nil {
		return 1, err
	}
	if err := cluster.InstallFlux(ctx, admin, "flux-system", "source-controller", "kustomize-controller"); err != nil {
		return 1, err
	}
	for _, name := range []string{"argocd", "monitoring", "fluxmonitoring-system"} { // which the manifests need
		if err := admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return 1, err
		}
	}
	stop, err := runOperator(ctx, plane.Config)
	if err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

// runOperator runs the operator until stop is called.
func runOperator(ctx context.Context, config *rest.Config) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	manager, err := controllers.NewManager(ctx, config, controllers.Options{
		MetricsAddress: "127.0.0.1:0", ProbeAddress: "0", ExporterAddress: "127.0.0.1:0", Namespace: "fluxmonitoring-system", Concurrent: 4,
		TrustedNamespaces: []string{controllers.AnyNamespace},
	})
	if err != nil {
		cancel()
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			fmt.Fprintln(os.Stderr, "the operator ended with:", err)
		}
	}, nil
}

// built are the objects of a kustomization.
func built(t *testing.T, folder string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := cluster.Kustomize(folder)
	must(t, err)
	return objects
}

// written are the objects of a file.
func written(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	stream, err := os.ReadFile(file)
	must(t, err)
	return decoded(t, stream)
}

func decoded(t *testing.T, stream []byte) []*unstructured.Unstructured {
	t.Helper()
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
