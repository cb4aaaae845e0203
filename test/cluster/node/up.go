//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// up starts the node if it does not run, waits until it is Ready, and prints its kubeconfig.
func up(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return errors.New("this needs root: namespaces, cgroups and a network link are made")
	}
	if err := os.Unsetenv("KUBEBUILDER_ASSETS"); err != nil { // Its API server may be older than the kubelet.
		return err
	}
	built, err := parts.Build(ctx, os.Stderr, "apiserver", "node", "runtime")
	if err != nil {
		return err
	}
	f := folders{built[0], built[1], built[2]}
	pid, err := running()
	if err != nil {
		return err
	}
	start := time.Now()
	if pid == 0 {
		if err := begin(ctx, f); err != nil {
			return errors.Join(err, end(context.WithoutCancel(ctx)))
		}
	}
	if err := ready(ctx, f); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "the node is Ready after %s, its logs are in %s\n", time.Since(start).Round(100*time.Millisecond), logs())
	fmt.Println(kubeconfig())
	return nil
}

// begin starts the node on a machine that was cleared of what an earlier one left.
func begin(ctx context.Context, f folders) error {
	if err := down(ctx); err != nil {
		return fmt.Errorf("removing what an earlier node left: %w", err)
	}
	if err := prepare(f); err != nil {
		return err
	}
	return launch()
}

// prepare writes all that the node reads, and makes what it needs of the machine.
func prepare(f folders) error {
	if err := os.Mkdir(state(), 0o700); err != nil {
		return err
	}
	if err := errors.Join(writeFiles(f), writePKI(), writePlan(f)); err != nil {
		return err
	}
	if err := makePrivateFolders(); err != nil {
		return err
	}
	return makeCgroups()
}

// launch starts the node's first process, in namespaces of its own, and makes its network.
func launch() error {
	self, err := copySelf()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(logs(), "init.log"))
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // The process has its own handle.
	// What runs on the node is measured in seconds, and comes before what is built beside it.
	cmd := exec.Command("nice", "-n", "-10", self, initCommand)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Dir(state()))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET,
		Setsid:     true,
	}
	release, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("making namespaces, which a container may need --privileged for: %w", err)
	}
	if err := os.WriteFile(inState("pid"), []byte(strconv.Itoa(cmd.Process.Pid)), 0o644); err != nil {
		return errors.Join(err, cmd.Process.Kill())
	}
	go cmd.Wait() //nolint:errcheck // Nobody waits for it to end; this collects it if it does.
	if err := outerNetwork(cmd.Process.Pid); err != nil {
		return err
	}
	return release.Close()
}

// copySelf copies this program to where it stays when `go run` removes it.
func copySelf() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	return inState("node"), os.WriteFile(inState("node"), data, 0o755)
}

// ready waits until pods can run, with the image they all need.
func ready(ctx context.Context, f folders) error {
	err := cluster.Await(ctx, "containerd", 30*time.Second, func(ctx context.Context) error {
		return f.ctr(ctx, nil, "version")
	})
	if err != nil {
		return withLog(withLog(err, "containerd"), "init")
	}
	if err := f.load(ctx, pause(f)); err != nil {
		return err
	}
	var api client.Client
	err = cluster.Await(ctx, "the API server", 90*time.Second, func(context.Context) (err error) {
		api, err = connect()
		return err
	})
	if err != nil {
		return withLog(withLog(err, "kube-apiserver"), "init")
	}
	err = cluster.Await(ctx, "node "+nodeName+" to be Ready", 90*time.Second, func(ctx context.Context) error {
		return nodeReady(ctx, api)
	})
	return withLog(err, "kubelet")
}

// withLog adds the end of a server's log to an error.
func withLog(err error, server string) error {
	if err == nil {
		return nil
	}
	data, _ := os.ReadFile(filepath.Join(logs(), server+".log")) //nolint:errcheck // Without a log the error is what there is.
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return fmt.Errorf("%w\nthe end of %s/%s.log:\n%s", err, logs(), server, strings.Join(lines[max(0, len(lines)-15):], "\n"))
}

func nodeReady(ctx context.Context, api client.Client) error {
	var node corev1.Node
	if err := api.Get(ctx, client.ObjectKey{Name: nodeName}, &node); err != nil {
		return err
	}
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue {
			return errors.New(c.Message)
		}
		if c.Type == corev1.NodeReady {
			return nil
		}
	}
	return errors.New("it has no condition Ready")
}

// connect connects to the API server, and never through a proxy: a proxy is not on the network of the node.
func connect() (client.Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig())
	if err != nil {
		return nil, err
	}
	config.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	config.QPS = -1
	return client.New(config, client.Options{})
}
