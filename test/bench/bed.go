package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/test/cluster"
)

// bed is what a scenario runs on: a control plane with an audit log, a Prometheus that takes up what bears its label, and
// what is measured once it is started, which is the operator.
type bed struct {
	*settings
	client.WithWatch

	name, folder string
	start        time.Time
	plane        *cluster.ControlPlane
	audit        auditLog
	measured     *process
	fail         context.CancelCauseFunc
	probe        int // the number of the last change that was looked for in a scrape
}

// release is what the Prometheus asks of the objects it takes up, as kube-prometheus-stack's does.
const release = "kube-prometheus-stack"

// newFolder is a bed of nothing but a folder.
func newFolder(_ context.Context, s *settings, folder, name string) (*bed, error) {
	b := &bed{settings: s, name: name, start: time.Now(), folder: filepath.Join(folder, name)}
	return b, os.Mkdir(b.folder, 0o755)
}

// newBed starts a control plane.
func newBed(ctx context.Context, s *settings, folder, name string) (*bed, error) {
	b, err := newFolder(ctx, s, folder, name)
	if err != nil {
		return nil, err
	}
	b.progress("starting etcd and kube-apiserver")
	b.plane, err = cluster.Start(ctx, cluster.WithCRDs(cluster.OperatorCRDs, cluster.MonitoringCRDs),
		cluster.WithAuditLog(), cluster.WithArgument("audit-log-maxsize", "100000")) // in MB, so that it is one file
	if err != nil {
		return nil, err
	}
	b.audit = auditLog{file: b.plane.AuditLog}
	if err := b.furnish(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// furnish makes a client, and the Prometheus.
func (b *bed) furnish(ctx context.Context) error {
	if err := os.WriteFile(b.kubeconfig(), b.plane.KubeConfig, 0o600); err != nil {
		return err
	}
	b.plane.Config.WarningHandler = rest.NoWarnings{} // thousands of the same
	scheme, err := kinds.Scheme()
	if err != nil {
		return err
	}
	if b.WithWatch, err = client.NewWithWatch(b.plane.Config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	if err := b.namespace(ctx, "monitoring"); err != nil {
		return err
	}
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"release": release}}
	prometheus := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "k8s"}}
	prometheus.Spec.PodMonitorSelector, prometheus.Spec.PodMonitorNamespaceSelector = selector, &metav1.LabelSelector{}
	prometheus.Spec.RuleSelector, prometheus.Spec.RuleNamespaceSelector = selector, &metav1.LabelSelector{}
	return b.Create(ctx, prometheus)
}

func (b *bed) kubeconfig() string { return filepath.Join(b.folder, "kubeconfig") }

// close ends what is measured and the control plane.
func (b *bed) close() {
	b.measured.stop()
	if b.plane == nil {
		return
	}
	if err := b.plane.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the control plane:", err)
	}
	_ = os.RemoveAll(b.folder) // what is left goes with the folder it is in
}

// namespace creates a namespace.
func (b *bed) namespace(ctx context.Context, name string) error {
	return b.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

// installFlux installs a Flux of all controllers.
func (b *bed) installFlux(ctx context.Context) error {
	b.progress("installing Flux")
	return cluster.InstallFlux(ctx, b, "flux-system")
}

// restart stops the operator, if it runs, and starts it, with these flags besides.
func (b *bed) restart(ctx context.Context, flags ...string) (err error) {
	b.measured.stop()
	args := []string{
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--exporter-bind-address=127.0.0.1:0", "--kubeconfig=" + b.kubeconfig(),
		"--trusted-namespaces=*",
	}
	b.measured, err = launch(ctx, binaryName, b.operator, filepath.Join(b.folder, "operator.log"), b.fail, append(args, flags...)...)
	return err
}

// quiet waits until the operator has asked nothing of the API server and used next to no CPU for a while, and returns when
// it did so last.
func (b *bed) quiet(ctx context.Context) (time.Time, error) {
	last, read, used := time.Now(), int64(0), time.Duration(0)
	for time.Since(last) < resting {
		size, err := b.audit.size()
		if err != nil {
			return last, err
		}
		asked, err := b.audit.since(read)
		if err != nil {
			return last, err
		}
		cpu, err := b.measured.cpu()
		if err != nil {
			return last, err
		}
		if len(asked) > 0 || cpu-used > 2*tick {
			last = time.Now()
		}
		read, used = size, cpu
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return last, err
		}
	}
	return last, nil
}

// numbered is a name with a number at its end.
func numbered(prefix string, n int) string {
	return strings.Join([]string{prefix, fmt.Sprintf("%04d", n)}, "-")
}
