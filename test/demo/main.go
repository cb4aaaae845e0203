// Command demo shows the operator at work, on a machine with Go and nothing else: a Kubernetes API server of its own, a
// Flux and a Prometheus object as they really are, the operator as a process beside them, and kubectl. Every command it
// shows is run, and every claim it makes is checked: where one does not come true it says so and fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `Show the operator at work: no cluster, no root, no Docker.

usage: go run ./test/demo [--keep]

The first run builds etcd, kube-apiserver and kubectl from Go modules, which takes
some minutes; later runs take less than a minute. Nothing stays behind but that build.

flags:
`

// errInterrupted ends the demo without it having failed.
var errInterrupted = errors.New("interrupted")

func main() {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	keep := flags.Bool("keep", false, "stay up at the end, until Ctrl-C, and say how to reach the cluster")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	_ = flags.Parse(os.Args[1:]) // it exits on an error
	if flags.NArg() > 0 {
		flags.Usage()
		os.Exit(2)
	}
	os.Exit(run(*keep))
}

// run plays the demo and returns the exit code.
func run(keep bool) int {
	signals, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancelCause(signals)
	defer cancel(nil)
	d := &demo{screen: newScreen(os.Stdout), fail: cancel}
	context.AfterFunc(signals, func() {
		stop() // a second Ctrl-C ends it at once
		d.screen.say("Stopping what was started.")
	})
	err := d.play(ctx, keep)
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
