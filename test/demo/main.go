// Command demo shows the operator at work, on a machine with Go and nothing else. This part uses the standard library
// alone, so that it starts at once: it downloads or builds what the demo needs, reports its progress, and hands over to show.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

const usage = `Show the operator at work: no cluster, no root, no Docker.

usage: go run ./test/demo [--keep]

It starts an API server, installs Flux's Deployments and a Prometheus object, runs the
operator and shows what the operator does with one FluxMonitoring.

The first run downloads etcd, kube-apiserver and kubectl, or builds them from Go modules
if it cannot, and compiles the operator. That takes some minutes; later runs take less
than a minute. Only what is downloaded and built is kept.

flags:
`

func main() {
	keep := flag.Bool("keep", false, "stay up at the end, until Ctrl-C, and say how to reach the cluster")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	err := run(*keep)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "interrupted: what is built so far is kept for the next run")
		os.Exit(130)
	}
	fmt.Fprintln(os.Stderr, "failed:", err)
	os.Exit(1)
}

// run builds, and becomes the demo itself. It returns only if that fails.
func run(keep bool) error {
	root, err := parts.Checkout()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "fluxmonitoring-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a leftover in the temporary folder is no reason to fail.
	if err := prepare(root, folder); err != nil {
		return err
	}
	if err := os.Chdir(root); err != nil {
		return err
	}
	args := []string{"show", "--folder", folder, fmt.Sprintf("--keep=%t", keep)}
	return syscall.Exec(filepath.Join(folder, "show"), args, os.Environ())
}

// prepare builds all that the demo needs, until it is interrupted.
func prepare(root, folder string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if _, err := parts.Build(ctx, os.Stderr, "apiserver", "crds"); err != nil {
		return err
	}
	return build(ctx, os.Stderr, root, folder, "./test/demo/show", ".")
}
