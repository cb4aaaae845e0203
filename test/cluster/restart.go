package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"k8s.io/client-go/discovery"
)

// RestartAPIServer kills kube-apiserver without warning and starts it again on the same port and data, as a crash or an
// upgrade does, and returns when it answers. It reads /proc, so it works on Linux only.
func (c *ControlPlane) RestartAPIServer(ctx context.Context) error {
	pid, arguments, err := c.apiServer()
	if err != nil {
		return err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := process.Kill(); err != nil {
		return fmt.Errorf("killing kube-apiserver: %w", err)
	}
	if err := gone(ctx, process); err != nil {
		return err
	}
	c.again = exec.Command(filepath.Join(c.Assets, "kube-apiserver"), arguments...)
	if err := c.again.Start(); err != nil {
		return fmt.Errorf("starting kube-apiserver again: %w", err)
	}
	return c.answers(ctx)
}

// apiServer finds this control plane's kube-apiserver among the processes by its port.
func (c *ControlPlane) apiServer() (pid int, arguments []string, err error) {
	port := []byte("--secure-port=" + c.environment.ControlPlane.GetAPIServer().Port)
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, nil, err
	}
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(line, port) {
			continue // it has ended meanwhile, or is another
		}
		for _, argument := range bytes.Split(bytes.TrimRight(line, "\x00"), []byte{0})[1:] {
			arguments = append(arguments, string(argument))
		}
		pid, err = strconv.Atoi(filepath.Base(filepath.Dir(file)))
		return pid, arguments, err
	}
	return 0, nil, errors.New("kube-apiserver is not among the processes")
}

// gone waits until a killed process has ended and left its port.
func gone(ctx context.Context, process *os.Process) error {
	return every(ctx, "kube-apiserver does not end", func() bool { return process.Signal(syscall.Signal(0)) != nil })
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
