// Command show plays the demo of the operator: a Kubernetes API server of its own, a Flux and a Prometheus object as they
// really are, the operator as a process beside them, and kubectl. It runs every command that it shows. If one of
// its claims is false, it says so and fails. It is built and started by test/demo.
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
)

// errInterrupted ends the demo without it having failed.
var errInterrupted = errors.New("interrupted")

func main() {
	flags := flag.NewFlagSet("show", flag.ExitOnError)
	keep := flags.Bool("keep", false, "stay up at the end, until Ctrl-C")
	folder := flags.String("folder", "", "folder of the built operator; what the demo writes goes there, and all of it is removed")
	_ = flags.Parse(os.Args[1:]) // it exits on an error
	if *folder == "" {
		fmt.Fprintln(os.Stderr, "this is started by: go run ./test/demo")
		os.Exit(2)
	}
	os.Exit(run(*folder, *keep))
}

// run plays the demo and returns the exit code.
func run(folder string, keep bool) int {
	log.SetLogger(zap.New(zap.WriteTo(io.Discard))) // what matters is said by what fails
	signals, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancelCause(signals)
	defer cancel(nil)
	d := &demo{screen: newScreen(os.Stdout), fail: cancel, folder: folder}
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
