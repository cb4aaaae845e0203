package operator

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/process"
	"github.com/fluxmonitoring/operator/test/rig"
)

// The variables by which a test's program is the operator of a cluster, and serves its metrics at an address.
const (
	kubeConfigVariable = "OPERATOR_KUBECONFIG"
	metricsVariable    = "OPERATOR_METRICS"
)

// Main runs the operator if RunProcess has started this program, and does not return then. TestMain calls it before anything else.
func Main() {
	kubeConfig := os.Getenv(kubeConfigVariable)
	if kubeConfig == "" {
		return
	}
	if err := serve(kubeConfig, os.Getenv(metricsVariable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs the operator until the process is asked to end.
func serve(kubeConfig, metrics string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeConfig)
	if err != nil {
		return err
	}
	config.UserAgent = UserAgent
	ctx := ctrl.SetupSignalHandler()
	stop, err := Start(ctx, config, func(o *controllers.Options) { o.MetricsAddress = metrics })
	if err != nil {
		return err
	}
	<-ctx.Done()
	return stop()
}

// RunProcess runs the operator in a process of its own for the length of a test, so that it alone changes the metrics of the process, which
// are served at an address. TestMain has to call Main.
func RunProcess(t testing.TB, plane *cluster.ControlPlane, metrics string) {
	t.Helper()
	folder := t.TempDir()
	kubeConfig := filepath.Join(folder, "kubeconfig")
	rig.Must(t, os.WriteFile(kubeConfig, plane.KubeConfig, 0o600))
	failed := func(err error) { t.Error(err) }
	p, err := process.Start("operator", os.Args[0], filepath.Join(folder, "log"), failed,
		[]string{kubeConfigVariable + "=" + kubeConfig, metricsVariable + "=" + metrics})
	rig.Must(t, err)
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Log(p.LastLines())
		}
	})
}
