//go:build linux

// Command node runs a whole Kubernetes on this machine, a control plane and one node that runs pods, without Docker,
// systemd or anything downloaded but Go modules. All of it lives in namespaces of its own under one process: ending that
// one ends everything. It needs root.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const help = `Run a Kubernetes node on this machine, as root.

usage: go run ./test/cluster/node COMMAND

  up                        build what is missing, start the node, and print its kubeconfig's path when it is Ready
  down                      end it and remove what it left
  status                    print whether it runs, and where its kubeconfig is
  stack                     install Flux and objects for it, prometheus-operator, a Prometheus and an Alertmanager, and
                            wait until they run
  flux                      install Flux alone, and load the images of the chart in test/testdata/stack
  load IMAGE BINARY [PATH]  make IMAGE of one static binary, at PATH (default /BINARY) as its entrypoint, for pods to use

There can be one node on a machine. Its pods and Services can be reached from the machine by their addresses.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	switch command, rest := args[0], args[1:]; command {
	case "up":
		return up(ctx)
	case "down":
		return down(ctx)
	case "status":
		return status()
	case "stack", "flux":
		return installStack(ctx, command == "flux")
	case "load":
		return loadBinary(ctx, rest)
	case initCommand:
		return runInit()
	case "help", "-h", "--help":
		fmt.Print(help)
		return nil
	default:
		fmt.Fprint(os.Stderr, help)
		return fmt.Errorf("there is no command %q", command)
	}
}

// status prints whether the node runs.
func status() error {
	pid, err := running()
	if err != nil {
		return err
	}
	if pid == 0 {
		return errors.New("no node is running: start one with `go run ./test/cluster/node up`")
	}
	fmt.Fprintf(os.Stderr, "the node runs under process %d, its logs are in %s\n", pid, logs())
	fmt.Println(kubeconfig())
	return nil
}
