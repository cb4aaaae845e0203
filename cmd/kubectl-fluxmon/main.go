// Command kubectl-fluxmon is a plugin of kubectl: it renders a FluxMonitoring without a cluster, and compares one with a cluster.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/fluxmonitoring/operator/internal/cli"
)

// version of the plugin, which is that of the operator. A release sets it: -ldflags "-X main.version=v0.1.0".
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	code := cli.Run(ctx, streams, version, os.Args[1:])
	stop()
	os.Exit(code)
}
