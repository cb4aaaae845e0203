// Command demo plays a demo of the operator, on a machine with Go and nothing else: a Kubernetes API server of its own, a Flux and a
// Prometheus object as they really are, the operator as a process beside them, and kubectl. It runs every command that it shows. If one
// of its claims is false, it reports so and fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/must"
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

// errInterrupted ends the demo without it having failed.
var errInterrupted = errors.New("interrupted")

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
	os.Exit(run(*keep))
}

// run plays the demo in the folder of the checkout, and returns the exit code.
func run(keep bool) int {
	log.SetLogger(zap.New(zap.WriteTo(io.Discard))) // a failure reports what matters
	signals, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancelCause(signals)
	defer cancel(nil)
	d := &demo{screen: newScreen(os.Stdout), fail: cancel}
	context.AfterFunc(signals, func() {
		stop() // a second Ctrl-C ends it at once
		d.screen.say("Stopping what was started.")
	})
	err := must.Try(func() {
		must.Succeed(os.Chdir(must.Get(parts.Checkout())))
		d.folder = must.Get(os.MkdirTemp("", "fluxmonitoring-demo-"))
		must.Succeed(d.play(ctx, keep))
	})
	if signals.Err() != nil {
		err = errInterrupted
	}
	d.end(err)
	switch {
	case err == nil:
		return 0
	case keep && d.played && errors.Is(err, errInterrupted):
		return 0
	case errors.Is(err, errInterrupted):
		return 130
	}
	return 1
}
