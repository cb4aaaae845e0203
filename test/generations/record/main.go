// Command record writes the recordings with which tests compare what the operator knows of Flux's generations: which
// versions of its kinds each of them serves, and which metrics its controllers export.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// patience is how long a recording may take, builds on a cold machine included.
const patience = 30 * time.Minute

const usage = `Record what generations of Flux are, for tests to read.

usage: go run ./test/generations/record definitions   into test/testdata/generations
       go run ./test/generations/record metrics       into test/testdata/metrics
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, patience)
	err := record(ctx, os.Args[1:])
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func record(ctx context.Context, args []string) error {
	root, err := parts.Checkout()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "fluxmonitoring-record-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // A temporary folder is the system's to clean where we cannot.
	switch {
	case len(args) == 1 && args[0] == "definitions":
		return recordDefinitions(ctx, root, scratch)
	case len(args) == 1 && args[0] == "metrics":
		return recordMetrics(ctx, root, scratch)
	}
	fmt.Fprint(os.Stderr, usage)
	return errors.New("definitions or metrics?")
}

// testdata is a folder below the checkout's test data.
func testdata(root, folder string) string { return filepath.Join(root, "test", "testdata", folder) }

// run calls a program in a folder, with Go settings no workspace or environment changes, and returns its output.
func run(ctx context.Context, folder string, command ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "CGO_ENABLED=0")
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return out, fmt.Errorf("%v in %s: %w\n%s%s", command, folder, err, out, failed.Stderr)
	}
	return out, err
}
