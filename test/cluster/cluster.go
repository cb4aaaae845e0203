// Package cluster gives tests, the demo and the benchmarks a Kubernetes API of their own, and a Flux as it really is to
// put into it. The API is etcd and kube-apiserver on loopback. On first use setup-envtest downloads them, or they are built from
// Go modules. It needs no root and no container runtime. Nothing runs pods in it; test/cluster/node does that.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// startTimeout is how long etcd and kube-apiserver may each take to start, and the CRDs to be served, on a machine that is busy with other tests.
const startTimeout = 2 * time.Minute

// ControlPlane is a running etcd and kube-apiserver.
type ControlPlane struct {
	// Config of a client that may do everything.
	Config *rest.Config
	// KubeConfig is the same for kubectl, which Assets holds.
	KubeConfig []byte
	// Assets is the folder of etcd, kube-apiserver and kubectl.
	Assets string
	// AuditLog is the file of all requests, where WithAuditLog asks for one.
	AuditLog string

	environment *envtest.Environment
	scratch     string
	leash       *exec.Cmd // what hold has started
	again       *exec.Cmd // kube-apiserver, where RestartAPIServer has started it again
}

// Option changes how Start starts a control plane.
type Option func(*options)

type options struct {
	crds      []string
	arguments map[string][]string
	audited   bool
}

// WithCRDs installs custom resource definitions: those in these files and folders, and those that have a name here, such as FluxCRDs.
func WithCRDs(paths ...string) Option {
	return func(o *options) { o.crds = append(o.crds, paths...) }
}

// WithArgument gives kube-apiserver another argument, named without its dashes.
func WithArgument(name string, values ...string) Option {
	return func(o *options) { o.arguments[name] = values }
}

// WithAuditLog has every request's metadata written to the file AuditLog of the control plane, a JSON object a line.
func WithAuditLog() Option { return func(o *options) { o.audited = true } }

// Assets returns the folder with etcd, kube-apiserver and kubectl: those of KUBEBUILDER_ASSETS, or else those that parts.Build
// finds, downloads or builds.
func Assets(ctx context.Context) (string, error) {
	return one(ctx, "apiserver")
}

// CRDs returns the folders with Flux's and prometheus-operator's custom resource definitions.
func CRDs(ctx context.Context) (flux, monitoring string, err error) {
	folder, err := one(ctx, "crds")
	return filepath.Join(folder, "flux"), filepath.Join(folder, "monitoring"), err
}

// Promtool returns the path of promtool, and builds it with Prometheus first if it is not there.
func Promtool(ctx context.Context) (string, error) {
	folder, err := one(ctx, "promtool")
	return filepath.Join(folder, "promtool"), err
}

func one(ctx context.Context, part string) (string, error) {
	folders, err := parts.Build(ctx, os.Stderr, part)
	if err != nil {
		return "", err
	}
	return folders[0], nil
}

// Start starts a control plane on free ports of loopback and waits until it answers. Stop it when it is of no more use;
// if this process is killed, it ends by itself.
func Start(ctx context.Context, with ...Option) (*ControlPlane, error) {
	o := options{arguments: map[string][]string{}}
	for _, option := range with {
		option(&o)
	}
	assets, err := Assets(ctx)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "fluxmonitoring-plane-")
	if err != nil {
		return nil, err
	}
	c := &ControlPlane{Assets: assets, scratch: scratch}
	if o.crds, err = definitions(ctx, o.crds); err == nil {
		err = c.start(o)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s in %s: %w", parts.Origin(assets), assets, err), c.Stop())
	}
	return c, nil
}

func (c *ControlPlane) start(o options) error {
	if err := c.audit(o); err != nil {
		return err
	}
	if err := errors.Join(c.wrap("etcd"), c.wrap(apiServer), c.hold()); err != nil {
		return err
	}
	c.environment = &envtest.Environment{
		BinaryAssetsDirectory:    c.Assets,
		CRDDirectoryPaths:        o.crds,
		ErrorIfCRDPathMissing:    true,
		CRDInstallOptions:        envtest.CRDInstallOptions{MaxTime: startTimeout}, // ten seconds by itself
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  startTimeout,
	}
	c.environment.ControlPlane.Etcd = &envtest.Etcd{Path: c.wrapper("etcd")}
	server := c.environment.ControlPlane.GetAPIServer()
	server.Path = c.wrapper(apiServer)
	arguments := server.Configure()
	// envtest's own range has 256 addresses, fewer than the Services that the tests of one package create.
	arguments.Set("service-cluster-ip-range", "10.0.0.0/16")
	for name, values := range o.arguments {
		arguments.Set(name, values...)
	}
	var err error
	if c.Config, err = c.environment.Start(); err != nil {
		return err
	}
	// A client that waits for itself would make every measurement one of the client.
	c.Config.QPS, c.Config.Burst = -1, 0
	c.KubeConfig = c.environment.KubeConfig
	return nil
}

// Stop ends the control plane and removes its data.
func (c *ControlPlane) Stop() error {
	if c.again != nil {
		_ = c.again.Process.Kill()
		_ = c.again.Wait()
	}
	err := os.RemoveAll(c.scratch)
	if c.environment != nil {
		err = errors.Join(err, c.environment.Stop())
	}
	c.release()
	return err
}

// audit configures an audit log of everything, without bodies, if the options have one.
func (c *ControlPlane) audit(o options) error {
	if !o.audited {
		return nil
	}
	c.AuditLog = filepath.Join(c.scratch, "audit.log")
	policy := filepath.Join(c.scratch, "policy.yaml")
	o.arguments["audit-log-path"], o.arguments["audit-policy-file"] = []string{c.AuditLog}, []string{policy}
	o.arguments["audit-log-mode"] = []string{"blocking"}
	text := "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n"
	return os.WriteFile(policy, []byte(text), 0o644)
}
