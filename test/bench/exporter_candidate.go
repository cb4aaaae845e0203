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
	"github.com/fluxmonitoring/operator/test/must"
)

// candidate is a program that exports the state of Flux objects, in one configuration.
type candidate struct {
	name string
	// launch starts it, to serve at a free port.
	launch func(ctx context.Context, port int)
	// collect has it collect its garbage. It is nil where the program does so by itself.
	collect func(ctx context.Context)
}

// candidates are those compared: kube-state-metrics and the operator, with one series an object and with all families.
type candidates struct{ theirs, ours, theirsAll, oursAll candidate }

func (b *bed) candidates(ctx context.Context) *candidates {
	program := filepath.Join(must.Get(parts.Build(ctx, os.Stderr, "kube-state-metrics"))[0], "kube-state-metrics")
	all := must.Get(statemetrics.Configuration(servedKinds(), true))
	return &candidates{
		theirs:    b.stateMetrics("kube-state-metrics, one series", program, upstreamConfiguration()),
		ours:      b.exporterWith("exporter, one series", v1alpha1.LegacyMetricsDisabled),
		theirsAll: b.stateMetrics("kube-state-metrics, all families", program, all),
		oursAll:   b.exporterWith("exporter, all families", v1alpha1.LegacyMetricsEnabled),
	}
}

// exporterWith is the operator with the families of Flux's guide or without. It has reconciled its FluxMonitoring before.
func (b *bed) exporterWith(name string, c v1alpha1.LegacyMetrics) candidate {
	return candidate{name: name, launch: func(ctx context.Context, port int) {
		b.compatibility(ctx, c)
		b.restart(ctx, fmt.Sprintf("--exporter-bind-address=127.0.0.1:%d", port))
	}}
}

// stateMetrics is kube-state-metrics with a configuration.
func (b *bed) stateMetrics(name, program string, configuration []byte) candidate {
	telemetry := 0
	launched := func(ctx context.Context, port int) {
		file := filepath.Join(b.folder, "kube-state-metrics.yaml")
		must.Succeed(os.WriteFile(file, configuration, 0o600))
		telemetry = must.Get(cluster.FreePorts(1))[0]
		b.measured.Stop()
		b.launch(ctx, "kube-state-metrics", program,
			"--kubeconfig="+b.kubeconfig(), "--custom-resource-state-only", "--custom-resource-state-config-file="+file,
			"--enable-gzip-encoding", "--host=127.0.0.1", fmt.Sprintf("--port=%d", port),
			"--telemetry-host=127.0.0.1", fmt.Sprintf("--telemetry-port=%d", telemetry))
	}
	// The profile of its heap is made after a collection, if asked to.
	return candidate{name: name, launch: launched, collect: func(ctx context.Context) {
		url := fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/heap?gc=1", telemetry)
		answer, err := http.DefaultClient.Do(must.Get(http.NewRequestWithContext(ctx, http.MethodGet, url, nil)))
		must.Succeed(err)
		must.Succeed(answer.Body.Close())
		if answer.StatusCode != http.StatusOK {
			must.Succeed(fmt.Errorf("%s: %s", url, answer.Status))
		}
	}}
}
