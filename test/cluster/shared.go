package cluster

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/tools/clientcmd"
)

// Shared is a control plane that the tests of a package share. The first test that asks for it starts it.
type Shared struct {
	start   func() (*ControlPlane, error)
	started atomic.Bool
}

// Share has the tests of a package share a control plane that no other package uses.
func Share(with ...Option) *Shared {
	return share(func() (*ControlPlane, error) { return Start(context.Background(), with...) })
}

func share(start func() (*ControlPlane, error)) *Shared {
	return &Shared{start: sync.OnceValues(start)}
}

// common names the kubeconfig of the control plane of several packages.
const common = "FLUXMONITORING_COMMON_CONTROL_PLANE"

// Common has the tests of a package share a control plane with other packages, where `go run ./test/cluster/share` has started one with
// every definition that has a name. Else the package has one of its own, with these definitions. It is for tests that keep to a namespace
// or create nothing for good, and run no operator: an operator sees the whole cluster.
func Common(crds ...string) *Shared {
	return share(func() (*ControlPlane, error) {
		file := os.Getenv(common)
		if file == "" {
			return Start(context.Background(), WithCRDs(crds...))
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", common, err)
		}
		config, err := clientcmd.RESTConfigFromKubeConfig(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		config.QPS = -1
		return &ControlPlane{Config: config, KubeConfig: content}, nil
	})
}

// StartCommon starts a control plane for several packages, and returns it with what is to be added to the environment of their tests.
// The kubeconfig is written to a file: its name should be the same each time, for `go test` remembers results by the environment.
func StartCommon(ctx context.Context, kubeconfig string) (plane *ControlPlane, environment string, err error) {
	if plane, err = Start(ctx, WithCRDs(everything...)); err != nil {
		return nil, "", err
	}
	if err := os.WriteFile(kubeconfig, plane.KubeConfig, 0o600); err != nil {
		_ = plane.Stop()
		return nil, "", err
	}
	return plane, common + "=" + kubeconfig, nil
}

// Plane is the control plane. Where it does not start, every test gets the error.
func (s *Shared) Plane() (*ControlPlane, error) {
	s.started.Store(true)
	return s.start()
}

// Main runs the tests of a package, and ends the control plane if it was started. It is what TestMain exits with. Preparations are made
// before the tests, on the control plane; their context ends after the tests.
func (s *Shared) Main(tests interface{ Run() int }, prepare ...func(context.Context, *ControlPlane) error) (code int) {
	defer s.stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, p := range prepare {
		plane, err := s.Plane()
		if err == nil {
			err = p(ctx, plane)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "before the tests:", err)
			return 1
		}
	}
	return tests.Run()
}

func (s *Shared) stop() {
	if !s.started.Load() {
		return
	}
	if plane, err := s.start(); err == nil {
		_ = plane.Stop()
	}
}
