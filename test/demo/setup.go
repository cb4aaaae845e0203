package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/must"
	"github.com/fluxmonitoring/operator/test/process"
)

// stack is what kube-prometheus-stack makes that concerns us.
//
//go:embed kube-prometheus-stack.yaml
var stack []byte

// noticed is how long a step may take before the demo names it.
const noticed = 2 * time.Second

// setUp makes a cluster, and starts the operator beside it.
func (d *demo) setUp(ctx context.Context) {
	for _, step := range []struct {
		doing string
		do    func(context.Context) string
	}{
		{"building the operator", d.buildOperator},
		{"starting etcd and kube-apiserver", d.startCluster},
		{"installing Flux", d.installFlux},
		{"installing what kube-prometheus-stack would", d.installPrometheus},
		{"starting the operator", d.startOperator},
	} {
		start := time.Now()
		note := time.AfterFunc(noticed, func() { d.screen.doing(step.doing) })
		did := step.do(ctx)
		note.Stop()
		d.screen.step(time.Since(start), "%s", did)
	}
}

func (d *demo) buildOperator(ctx context.Context) string {
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(d.folder, "operator"), ".")
	build.Stderr = os.Stderr
	must.Succeed(build.Run())
	return "the operator, built from this checkout"
}

func (d *demo) startCluster(ctx context.Context) string {
	d.plane = must.Get(cluster.Start(ctx, cluster.WithCRDs(cluster.OperatorCRDs, cluster.FluxCRDs, cluster.MonitoringCRDs)))
	must.Succeed(os.WriteFile(d.kubeconfig(), d.plane.KubeConfig, 0o600))
	d.client = must.Get(client.NewWithWatch(d.plane.Config, client.Options{}))
	version := must.Get(must.Get(discovery.NewDiscoveryClientForConfig(d.plane.Config)).ServerVersion())
	host := strings.TrimSuffix(d.plane.Config.Host, "/")
	return fmt.Sprintf("Kubernetes API %s on %s (%s); there are no nodes, so no pods run", version.GitVersion, host, parts.Origin(d.plane.Assets))
}

func (d *demo) installFlux(ctx context.Context) string {
	must.Succeed(cluster.InstallFlux(ctx, d.client, "flux-system"))
	return fmt.Sprintf("Flux %s in flux-system: the Deployments of its %d controllers", parts.FluxVersion, len(cluster.Components))
}

func (d *demo) installPrometheus(ctx context.Context) string {
	must.Succeed(cluster.Apply(ctx, d.client, must.Get(cluster.Decode(stack))...))
	return "a Prometheus in monitoring, which selects objects with the label release=kube-prometheus-stack, and an Alertmanager"
}

// startOperator runs the operator against the cluster. Should it end by itself, so does the demo.
func (d *demo) startOperator(context.Context) string {
	address := must.Get(cluster.FreeAddresses(1))[0]
	d.exporter = "http://" + address + "/metrics"
	d.operator = must.Get(process.Start("operator", filepath.Join(d.folder, "operator"), d.operatorLog(), d.fail,
		[]string{"KUBECONFIG=" + d.kubeconfig()},
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--exporter-bind-address="+address, "--trusted-namespaces=monitoring",
		"--stack-namespaces=monitoring"))
	return fmt.Sprintf("the operator, running as process %d", d.operator.PID())
}

func (d *demo) operatorLog() string { return filepath.Join(d.folder, "operator.log") }
