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
	"time"

	"k8s.io/client-go/rest"
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
	c.again = exec.Command(filepath.Join(c.Assets, "kube-apiserver"), arguments...)
	if err := c.again.Start(); err != nil {
		return fmt.Errorf("starting kube-apiserver again: %w", err)
	}
	return c.answers(ctx)
}

// apiServer finds this control plane's kube-apiserver among the processes by its port.
func (c *ControlPlane) apiServer() (pid int, arguments []string, err error) {
	port := []byte("--secure-port=" + c.environment.ControlPlane.GetAPIServer().SecureServing.Port)
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

// answers waits until the API server says that it is ready.
func (c *ControlPlane) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	client, err := rest.HTTPClientFor(c.Config)
	if err != nil {
		return err
	}
	for {
		response, err := client.Get("https://" + c.Config.Host + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == 200 {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("kube-apiserver does not answer: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
