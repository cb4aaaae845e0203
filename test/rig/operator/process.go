package operator

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
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

// Process is an operator in a process of its own, so that it alone changes the counters of the process.
type Process struct{ metrics string }

// RunProcess runs the operator in a process of its own for the length of a test. TestMain has to call Main.
func RunProcess(t testing.TB, plane *cluster.ControlPlane) Process {
	t.Helper()
	folder := t.TempDir()
	kubeConfig := filepath.Join(folder, "kubeconfig")
	rig.Must(t, os.WriteFile(kubeConfig, plane.KubeConfig, 0o600))
	addresses, err := cluster.FreeAddresses(1)
	rig.Must(t, err)
	failed := func(err error) { t.Error(err) }
	p, err := process.Start("operator", os.Args[0], filepath.Join(folder, "log"), failed,
		[]string{kubeConfigVariable + "=" + kubeConfig, metricsVariable + "=" + addresses[0]})
	rig.Must(t, err)
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Log(p.LastLines())
		}
	})
	return Process{metrics: "http://" + addresses[0] + "/metrics"}
}

// Metric is the sum of a metric of the process over the series that have a label, of which there has to be one. An empty label is any.
func (p Process) Metric(t testing.TB, name, label, value string) (sum float64) {
	t.Helper()
	families, err := p.scrape()
	rig.Must(t, err)
	found := false
	for _, m := range families[name].GetMetric() {
		labelled := func(l *dto.LabelPair) bool { return l.GetName() == label && l.GetValue() == value }
		if label == "" || slices.ContainsFunc(m.GetLabel(), labelled) {
			found, sum = true, sum+m.GetCounter().GetValue()
		}
	}
	if !found {
		t.Fatalf("%s{%s=%q} is not exported", name, label, value)
	}
	return sum
}

func (p Process) scrape() (map[string]*dto.MetricFamily, error) {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get(p.metrics) //nolint:noctx // it has a timeout
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read.
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(answer.Body)
}
