package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/discovery"
)

// noting is what envtest starts as kube-apiserver: it notes its process and its arguments, which envtest keeps to itself, and becomes
// kube-apiserver. As a server of tests it rather takes memory than time.
const noting = `#!/bin/sh
printf '%%s\n' "$$" "$@" >'%s'
export GOGC="${GOGC:-200}"
exec '%s' "$@"
`

// note writes the program that notes, and returns its path.
func (c *ControlPlane) note() (string, error) {
	program := filepath.Join(c.scratch, "kube-apiserver")
	text := fmt.Sprintf(noting, c.noted(), filepath.Join(c.Assets, "kube-apiserver"))
	return program, os.WriteFile(program, []byte(text), 0o755)
}

func (c *ControlPlane) noted() string { return filepath.Join(c.scratch, "started") }

// RestartAPIServer kills kube-apiserver without warning and starts it again on the same port and data, as a crash or an
// upgrade does, and returns when it answers.
func (c *ControlPlane) RestartAPIServer(ctx context.Context) error {
	content, err := os.ReadFile(c.noted())
	if err != nil {
		return fmt.Errorf("only a control plane that this process started can be restarted: %w", err)
	}
	noted := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if err := c.kill(ctx, noted[0]); err != nil {
		return fmt.Errorf("killing kube-apiserver: %w", err)
	}
	c.again = exec.Command(filepath.Join(c.Assets, "kube-apiserver"), noted[1:]...)
	if err := c.again.Start(); err != nil {
		return fmt.Errorf("starting kube-apiserver again: %w", err)
	}
	return c.answers(ctx)
}

// kill ends kube-apiserver, and returns when it has left its port. The first one is envtest's, which waits for it.
func (c *ControlPlane) kill(ctx context.Context, noted string) error {
	if c.again != nil {
		_ = c.again.Process.Kill() // it may have ended already
		_ = c.again.Wait()
		return nil
	}
	pid, err := strconv.Atoi(noted)
	if err != nil {
		return err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := process.Kill(); err != nil {
		return err
	}
	return every(ctx, "it does not end", func() bool { return process.Signal(syscall.Signal(0)) != nil })
}

// answers waits until the API server says that it is ready.
func (c *ControlPlane) answers(ctx context.Context) error {
	client, err := discovery.NewDiscoveryClientForConfig(c.Config)
	if err != nil {
		return err
	}
	return every(ctx, "kube-apiserver does not answer", func() bool {
		return client.RESTClient().Get().AbsPath("/readyz").Timeout(time.Second).Do(ctx).Error() == nil
	})
}

// every asks again and again until it is so, or the time to start is over.
func every(ctx context.Context, otherwise string, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !so() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", otherwise, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}
