package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/statemetrics"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// candidate is a program that tells the state of Flux's objects, in one configuration.
type candidate struct {
	name string
	// launch starts it, to serve at a free port.
	launch func(ctx context.Context, port int) error
	// collect has it collect its garbage. It is nil where the program does so by itself.
	collect func(ctx context.Context) error
}

// candidates are those compared: kube-state-metrics and the operator, with one series an object and with all families.
type candidates struct{ theirs, ours, theirsAll, oursAll candidate }

func (b *bed) candidates(ctx context.Context) (*candidates, error) {
	folders, err := parts.Build(ctx, os.Stderr, "kube-state-metrics")
	if err != nil {
		return nil, err
	}
	k := stateMetrics{bed: b, binary: filepath.Join(folders[0], "kube-state-metrics")}
	upstream, err := upstreamConfiguration()
	if err != nil {
		return nil, err
	}
	all, err := statemetrics.Configuration(servedKinds(), true)
	if err != nil {
		return nil, err
	}
	return &candidates{
		theirs:    k.with("kube-state-metrics, one series", upstream),
		ours:      b.exporterWith("exporter, one series", v1alpha1.LegacyMetricsDisabled),
		theirsAll: k.with("kube-state-metrics, all families", all),
		oursAll:   b.exporterWith("exporter, all families", v1alpha1.LegacyMetricsEnabled),
	}, nil
}

// exporterWith is the operator with the families of Flux's guide or without. Its FluxMonitoring has been dealt with before.
func (b *bed) exporterWith(name string, c v1alpha1.LegacyMetrics) candidate {
	return candidate{name: name, launch: func(ctx context.Context, port int) error {
		if err := b.compatibility(ctx, c); err != nil {
			return err
		}
		return b.restart(ctx, fmt.Sprintf("--exporter-bind-address=127.0.0.1:%d", port))
	}}
}

// stateMetrics runs kube-state-metrics.
type stateMetrics struct {
	*bed
	binary string
}

func (k stateMetrics) with(name string, configuration []byte) candidate {
	telemetry := 0
	launched := func(ctx context.Context, port int) error {
		file := filepath.Join(k.folder, "kube-state-metrics.yaml")
		if err := os.WriteFile(file, configuration, 0o600); err != nil {
			return err
		}
		ports, err := cluster.FreePorts(1)
		if err != nil {
			return err
		}
		telemetry = ports[0]
		k.measured.stop()
		k.measured, err = launch(ctx, "kube-state-metrics", k.binary, filepath.Join(k.folder, "kube-state-metrics.log"), k.fail,
			"--kubeconfig="+k.kubeconfig(), "--custom-resource-state-only", "--custom-resource-state-config-file="+file,
			"--enable-gzip-encoding", "--host=127.0.0.1", fmt.Sprintf("--port=%d", port),
			"--telemetry-host=127.0.0.1", fmt.Sprintf("--telemetry-port=%d", telemetry))
		return err
	}
	// Its profile of the heap is made after a collection, where asked to.
	return candidate{name: name, launch: launched, collect: func(ctx context.Context) error {
		return get(ctx, fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/heap?gc=1", telemetry))
	}}
}

// get asks for what is of no interest.
func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, answer.Status)
	}
	return firstOf(err, answer.Body.Close())
}
