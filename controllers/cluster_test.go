package controllers_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/zap/zapcore"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
	"github.com/fluxmonitoring/operator/test/rig/operator"
)

const (
	soon  = rig.Soon
	often = rig.Often
)

// shared is the cluster of every test that does not need one of its own: the CRDs of prometheus-operator and grafana-operator
// installed, the operator running.
var shared *testCluster

func TestMain(m *testing.M) {
	operator.Main()
	level := zapcore.FatalLevel // tests report what matters
	if os.Getenv("VERBOSE") != "" {
		level = zapcore.DebugLevel
	}
	ctrl.SetLogger(zap.New(zap.UseDevMode(true), zap.WriteTo(os.Stderr), zap.Level(level)))
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if err := flag.Set("test.parallel", "10"); err != nil { // they wait more than they compute
		return 1, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, stop, err := start(ctx, cluster.WithCRDs(cluster.GrafanaOperatorCRDs))
	if err != nil {
		return 1, err
	}
	defer stop()
	stopOperator, err := c.startOperator(ctx)
	if err != nil {
		return 1, err
	}
	defer stopOperator()
	if err := c.settle(ctx); err != nil {
		return 1, err
	}
	shared = c
	defer stopVacant()
	return m.Run(), nil
}

// settle creates a FluxMonitoring that stays, so that no test's is the first: before there is one the exporter watches no Flux object, and
// its rules are written again when it is known how long those may take. It has the plain uids for dashboards, so that no test's does.
func (c *testCluster) settle(ctx context.Context) error {
	fm := &v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "first"}}
	fm.Spec.Flux.Namespace = "of-no-flux"
	fm.Spec.Prometheus.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"none": "such"}}
	if err := c.Create(ctx, fm); err != nil {
		return err
	}
	if err := wait.PollUntilContextTimeout(ctx, often, soon, true, func(ctx context.Context) (bool, error) {
		err := c.Get(ctx, client.ObjectKeyFromObject(fm), fm)
		return len(fm.Status.Conditions) > 0, err
	}); err != nil {
		return err
	}
	fm.Status.Dashboards = &v1alpha1.DashboardsStatus{}
	return c.Status().Update(ctx, fm)
}

// testCluster is a cluster that tests talk to.
type testCluster struct {
	client.Client
	plane    *cluster.ControlPlane
	auditLog string // a file, if one is kept
}

// start starts a control plane with the CRDs of the operator and of prometheus-operator.
func start(ctx context.Context, options ...cluster.Option) (*testCluster, func(), error) {
	plane, err := cluster.Start(ctx, append(options, cluster.WithCRDs(cluster.OperatorCRDs, cluster.MonitoringCRDs))...)
	if err != nil {
		return nil, nil, err
	}
	c, err := clientOf(plane)
	if err != nil {
		return nil, nil, err
	}
	return &testCluster{Client: c, plane: plane, auditLog: plane.AuditLog}, func() { _ = plane.Stop() }, nil
}

func clientOf(plane *cluster.ControlPlane) (client.Client, error) {
	scheme, err := kinds.Scheme()
	if err == nil {
		err = errors.Join(clientgoscheme.AddToScheme(scheme), apiextensionsv1.AddToScheme(scheme))
	}
	if err != nil {
		return nil, err
	}
	return client.New(plane.Config, client.Options{Scheme: scheme})
}

// startOperator runs the operator until stop is called; stop returns when it has ended.
func (c *testCluster) startOperator(ctx context.Context, with ...func(*controllers.Options)) (stop func(), err error) {
	config := rest.CopyConfig(c.plane.Config)
	config.UserAgent = operator.UserAgent
	end, err := operator.Start(ctx, config, with...)
	return func() {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, "the operator ended with:", err)
		}
	}, err
}

// operator runs the operator for the length of a test, or until the returned function is called.
func (c *testCluster) operator(t *testing.T, with ...func(*controllers.Options)) (stop func()) {
	t.Helper()
	end, err := c.startOperator(context.Background(), with...)
	rig.Must(t, err)
	once := sync.OnceFunc(end)
	t.Cleanup(once)
	return once
}
