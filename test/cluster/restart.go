package cluster

import (
	"context"
	"errors"
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

const apiServer = "kube-apiserver"

// started is the end of the name of the file into which a wrapped server writes how it was started.
const started = ".started"

// wrapped is what envtest starts as a server: it writes its process and its arguments to a file, which envtest keeps to itself, and
// becomes the server. As a server of tests it rather takes memory than time.
const wrapped = `#!/bin/sh
printf '%%s\n' "$$" "$@" >'%[1]s'
export GOGC="${GOGC:-200}"
exec '%[2]s' "$@"
`

// leash waits until its input ends, and kills the servers whose files it is given, those that have started.
const leash = `trap '' HUP INT TERM; read -r _; for file; do read -r server <"$file" && kill -9 "$server"; done`

// wrap writes the program that starts a server.
func (c *ControlPlane) wrap(server string) error {
	text := fmt.Sprintf(wrapped, c.wrapper(server)+started, filepath.Join(c.Assets, server))
	return os.WriteFile(c.wrapper(server), []byte(text), 0o755)
}

// hold ends the servers with this process, so that a test that is killed leaves nothing running: a shell waits for the end of a pipe that this
// process holds open.
func (c *ControlPlane) hold() error {
	c.leash = exec.Command("sh", "-c", leash, "leash", c.wrapper("etcd")+started, c.wrapper(apiServer)+started)
	if _, err := c.leash.StdinPipe(); err != nil {
		return err
	}
	return c.leash.Start()
}

// release ends the shell of hold, and no server.
func (c *ControlPlane) release() {
	if c.leash != nil && c.leash.Process != nil {
		_ = c.leash.Process.Kill()
		_ = c.leash.Wait()
	}
}

func (c *ControlPlane) wrapper(server string) string { return filepath.Join(c.scratch, server) }

// RestartAPIServer kills kube-apiserver without warning and starts it again on the same port and data, as a crash or an
// upgrade does, and returns when it answers.
func (c *ControlPlane) RestartAPIServer(ctx context.Context) error {
	content, err := os.ReadFile(c.wrapper(apiServer) + started)
	if err != nil {
		return fmt.Errorf("only a control plane that this process started can be restarted: %w", err)
	}
	first := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if err := c.kill(ctx, first[0]); err != nil {
		return fmt.Errorf("killing kube-apiserver: %w", err)
	}
	c.again = exec.Command(c.wrapper(apiServer), first[1:]...)
	if err := c.again.Start(); err != nil {
		return fmt.Errorf("starting kube-apiserver again: %w", err)
	}
	return c.answers(ctx)
}

// kill ends kube-apiserver, and returns when it has left its port. The first one is envtest's, which waits for it.
func (c *ControlPlane) kill(ctx context.Context, first string) error {
	if c.again != nil {
		_ = c.again.Process.Kill() // it may have ended already
		_ = c.again.Wait()
		return nil
	}
	pid, err := strconv.Atoi(first)
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
	return Await(ctx, "its end", startTimeout, func(context.Context) error {
		if process.Signal(syscall.Signal(0)) == nil {
			return errors.New("it still runs")
		}
		return nil
	})
}

// answers waits until the API server is ready.
func (c *ControlPlane) answers(ctx context.Context) error {
	client, err := discovery.NewDiscoveryClientForConfig(c.Config)
	if err != nil {
		return err
	}
	return Await(ctx, "kube-apiserver", startTimeout, func(ctx context.Context) error {
		return client.RESTClient().Get().AbsPath("/readyz").Timeout(time.Second).Do(ctx).Error()
	})
}

// Await calls check until it returns no error. After the limit, the error has what did not happen.
func Await(ctx context.Context, what string, limit time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %s for %s: %w", limit, what, err)
		case <-retry.C:
		}
	}
}
