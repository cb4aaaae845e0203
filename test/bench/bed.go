package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
	"github.com/fluxmonitoring/operator/test/process"
)

// bed is what a scenario runs on: a control plane with an audit log, a Prometheus that selects objects by a label, and
// the process that is measured, which is the operator.
type bed struct {
	*settings
	client.WithWatch

	name, folder string
	start        time.Time
	plane        *cluster.ControlPlane
	audit        auditLog
	measured     measured
	fail         context.CancelCauseFunc
	probe        int // the number of the last change that was looked for in a scrape
}

// release is the label by which the Prometheus selects objects, as that of kube-prometheus-stack does.
const release = "kube-prometheus-stack"

// startPlane starts a control plane, with a client for it and the Prometheus.
func (b *bed) startPlane(ctx context.Context) {
	b.progress("starting etcd and kube-apiserver")
	b.plane = must.Get(cluster.Start(ctx, cluster.WithCRDs(cluster.OperatorCRDs, cluster.MonitoringCRDs),
		cluster.WithAuditLog(), cluster.WithArgument("audit-log-maxsize", "100000"))) // in MB, so that it is one file
	b.audit = auditLog{file: b.plane.AuditLog}
	must.Succeed(os.WriteFile(b.kubeconfig(), b.plane.KubeConfig, 0o600))
	b.plane.Config.WarningHandler = rest.NoWarnings{} // thousands of the same
	b.WithWatch = must.Get(client.NewWithWatch(b.plane.Config, client.Options{Scheme: must.Get(kinds.Scheme())}))
	b.namespace(ctx, "monitoring")
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"release": release}}
	prometheus := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "k8s"}}
	prometheus.Spec.PodMonitorSelector, prometheus.Spec.PodMonitorNamespaceSelector = selector, &metav1.LabelSelector{}
	prometheus.Spec.RuleSelector, prometheus.Spec.RuleNamespaceSelector = selector, &metav1.LabelSelector{}
	must.Succeed(b.Create(ctx, prometheus))
}

func (b *bed) kubeconfig() string { return filepath.Join(b.folder, "kubeconfig") }

// close ends the measured process and the control plane.
func (b *bed) close() {
	b.measured.Stop()
	if b.plane == nil {
		return
	}
	if err := b.plane.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the control plane:", err)
	}
	_ = os.RemoveAll(b.folder) // what is left goes with the folder it is in
}

// namespace creates a namespace.
func (b *bed) namespace(ctx context.Context, name string) {
	must.Succeed(b.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
}

// installFlux installs a Flux of all controllers.
func (b *bed) installFlux(ctx context.Context) {
	b.progress("installing Flux")
	must.Succeed(cluster.InstallFlux(ctx, b, "flux-system"))
}

// restart stops the operator, if it runs, and starts it, with these flags besides.
func (b *bed) restart(ctx context.Context, flags ...string) {
	b.measured.Stop()
	args := []string{
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--exporter-bind-address=127.0.0.1:0", "--kubeconfig=" + b.kubeconfig(),
		"--trusted-namespaces=*",
	}
	b.launch(ctx, binaryName, b.operator, append(args, flags...)...)
}

// launch runs a program that is measured from now on. The scenario fails if the program ends.
func (b *bed) launch(ctx context.Context, name, program string, args ...string) {
	must.Succeed(context.Cause(ctx))
	b.measured = measured{must.Get(process.Start(name, program, filepath.Join(b.folder, name+".log"), b.fail, nil, args...))}
}

// quiet waits until the operator has asked nothing of the API server and used next to no CPU for a while, and returns when
// it did so last.
func (b *bed) quiet(ctx context.Context) time.Time {
	last, read, used := time.Now(), int64(0), time.Duration(0)
	for time.Since(last) < resting {
		size := b.audit.size()
		asked := b.audit.since(read)
		cpu := b.measured.cpu()
		if len(asked) > 0 || cpu-used > 2*tick {
			last = time.Now()
		}
		read, used = size, cpu
		pause(ctx, 200*time.Millisecond)
	}
	return last
}

// numbered is a name with a number at its end.
func numbered(prefix string, n int) string {
	return fmt.Sprintf("%s-%04d", prefix, n)
}
