package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
	"github.com/fluxmonitoring/operator/test/process"
)

// startOperator runs the operator against the cluster. Should it end by itself, so does the demo.
func (d *demo) startOperator(context.Context) string {
	address := must.Get(cluster.FreeAddresses(1))[0]
	d.exporter = "http://" + address + "/metrics"
	d.operator = must.Get(process.Start("operator", filepath.Join(d.folder, "operator"), d.operatorLog(), d.fail,
		[]string{"KUBECONFIG=" + d.kubeconfig()},
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--exporter-bind-address="+address, "--trusted-namespaces=monitoring"))
	return fmt.Sprintf("the operator, running as process %d", d.operator.PID())
}

func (d *demo) operatorLog() string { return filepath.Join(d.folder, "operator.log") }
