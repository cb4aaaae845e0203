//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
	rigoperator "github.com/fluxmonitoring/operator/test/rig/operator"
)

const (
	// soon is for what the operator or the API server does by itself.
	soon = 30 * time.Second
	// patient is for what waits for pods to start, for scrapes or for evaluations.
	patient = 2 * time.Minute
	often   = 250 * time.Millisecond
	// nowAndThen is for what asks many questions at once.
	nowAndThen = 2 * time.Second
	// atRest is how long something must stay as it is.
	atRest = 8 * time.Second
)

// The conditions of a FluxMonitoring that works.
const (
	ready     = "Ready=True/Applied"
	scraped   = "Scraped=True/TargetsUp"
	served    = "ResourceMetrics=True/Served"
	healthy   = "RulesHealthy=True/RulesEvaluated"
	effective = "AlertsEffective=True/Effective"
)

// The sample, and the jobs its targets get: those of Flux's controllers, and the operator's own exporter.
const (
	namespace   = "monitoring"
	name        = "flux"
	job         = namespace + "/" + name
	exporterJob = job + "-exporter"
)

var must = rig.Must

// testCluster is the cluster that tests talk to.
type testCluster struct {
	client.WithWatch
	rest       rest.Interface
	prometheus prometheus
	kubectl    string
	kubeconfig string
	direct     bool
	bed        *bed
}

func connect(ctx context.Context, config *rest.Config, kubeconfig string) (*testCluster, error) {
	scheme, err := kinds.Scheme()
	if err != nil {
		return nil, err
	}
	if err := admissionv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	c := &testCluster{kubeconfig: kubeconfig, direct: config.Proxy != nil}
	if c.WithWatch, err = client.NewWithWatch(config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	discoverer, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	c.rest = discoverer.RESTClient()
	c.prometheus = prometheus{c.rest}
	assets, err := cluster.Assets(ctx)
	c.kubectl = filepath.Join(assets, "kubectl")
	return c, err
}

// command is kubectl on this cluster.
func (c *testCluster) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.kubectl, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig)
	if c.direct {
		cmd.Env = append(cmd.Env, "NO_PROXY=*", "no_proxy=*")
	}
	return cmd
}

// monitored applies the minimal sample, with the given YAML for its spec, and waits until it is in effect. It has no fields of earlier
// tests.
func (c *testCluster) monitored(t *testing.T, spec string) *v1alpha1.FluxMonitoring {
	t.Helper()
	return c.settled(t, c.ask(t, spec), ready)
}

// ask applies the minimal sample, with the given YAML for its spec.
func (c *testCluster) ask(t *testing.T, spec string) *v1alpha1.FluxMonitoring {
	t.Helper()
	stream, err := os.ReadFile(filepath.Join(source, "config", "samples", "fluxmonitoring_minimal.yaml"))
	must(t, err)
	o := &unstructured.Unstructured{}
	must(t, yaml.Unmarshal(stream, &o.Object))
	content := map[string]any{}
	must(t, yaml.Unmarshal([]byte(spec), &content))
	o.Object["spec"] = content
	must(t, cluster.Apply(t.Context(), c, o))
	fm := &v1alpha1.FluxMonitoring{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, fm))
	return fm
}

// settled waits for these conditions of the present generation, each written as Type=Status/Reason.
func (c *testCluster) settled(t *testing.T, fm *v1alpha1.FluxMonitoring, conditions ...string) *v1alpha1.FluxMonitoring {
	t.Helper()
	return rigoperator.Settled(t, c, fm, conditions...)
}

// missing reports whether an error is that the object does not exist.
func missing(err error) bool { return client.IgnoreNotFound(err) == nil && err != nil }
