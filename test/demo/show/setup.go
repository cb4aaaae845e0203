package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"time"

	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// stack is what kube-prometheus-stack makes that concerns us.
//
//go:embed kube-prometheus-stack.yaml
var stack []byte

// noticed is how long something may take before it is said what is waited for.
const noticed = 2 * time.Second

// setUp makes a cluster, and starts the operator beside it.
func (d *demo) setUp(ctx context.Context) error {
	for _, step := range []struct {
		doing string
		do    func(context.Context) (string, error)
	}{
		{"starting etcd and kube-apiserver", d.startCluster},
		{"installing Flux", d.installFlux},
		{"installing what kube-prometheus-stack would", d.installPrometheus},
		{"starting the operator", d.startOperator},
	} {
		start := time.Now()
		note := time.AfterFunc(noticed, func() { d.screen.doing(step.doing) })
		did, err := step.do(ctx)
		note.Stop()
		if err != nil {
			return err
		}
		d.screen.step(time.Since(start), "%s", did)
	}
	return nil
}

func (d *demo) startCluster(ctx context.Context) (string, error) {
	flux, monitoring, err := cluster.CRDs(ctx)
	if err != nil {
		return "", err
	}
	d.plane, err = cluster.Start(ctx, cluster.WithCRDs("config/crd", flux, monitoring))
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(d.kubeconfig(), d.plane.KubeConfig, 0o600); err != nil {
		return "", err
	}
	if d.client, err = client.NewWithWatch(d.plane.Config, client.Options{}); err != nil {
		return "", err
	}
	asker, err := discovery.NewDiscoveryClientForConfig(d.plane.Config)
	if err != nil {
		return "", err
	}
	version, err := asker.ServerVersion()
	if err != nil {
		return "", err
	}
	host := strings.TrimSuffix(d.plane.Config.Host, "/")
	return fmt.Sprintf("Kubernetes API %s on %s (%s); there are no nodes, so no pods run", version.GitVersion, host, parts.Origin(d.plane.Assets)), nil
}

func (d *demo) installFlux(ctx context.Context) (string, error) {
	err := cluster.InstallFlux(ctx, d.client, "flux-system")
	return fmt.Sprintf("Flux %s in flux-system: the Deployments of its %d controllers", parts.FluxVersion, len(cluster.Components)), err
}

func (d *demo) installPrometheus(ctx context.Context) (string, error) {
	objects, err := cluster.Decode(stack)
	if err != nil {
		return "", err
	}
	return "a Prometheus in monitoring, which selects objects with the label release=kube-prometheus-stack, and an Alertmanager",
		cluster.Apply(ctx, d.client, objects...)
}
