//go:build e2e

package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// shared is the cluster of all tests.
var shared *testCluster

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bed{}
	if err := b.begin(ctx); err != nil {
		progress("error: %s", err)
		b.tellWhy()
		b.end()
		return 1
	}
	interrupted := context.AfterFunc(ctx, func() {
		b.end()
		os.Exit(130)
	})
	flag.Parse()
	if flag.Lookup("test.run").Value.String() == "" {
		go previousVersion() //nolint:errcheck // The test that asks for it reports the error.
	}
	if err := flag.Set("test.parallel", "16"); err != nil { // They wait most of the time, so it matters not how many processors there are.
		progress("error: %s", err)
	}
	code := m.Run()
	if !interrupted() {
		select {} // The process is about to end.
	}
	if code != 0 {
		b.tellWhy()
	}
	b.end()
	return code
}

// began is when the tests were called.
var began = time.Now()

// progress says on stderr what is going on, with the time since the start.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "e2e %5.1fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}
