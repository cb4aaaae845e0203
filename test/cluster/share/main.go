// Command share starts a control plane with every definition that tests know by name, runs a command that tests packages, which share it,
// and ends with what the command ends with.
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

	"github.com/fluxmonitoring/operator/test/cluster"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		code = 1
	}
	os.Exit(code)
}

func run(command []string) (code int, err error) {
	if len(command) == 0 {
		return 2, errors.New("usage: share COMMAND [ARGUMENT...]")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	kubeconfig, release, err := place()
	if err != nil {
		return 1, err
	}
	defer release()
	plane, environment, err := cluster.StartCommon(ctx, kubeconfig)
	if err != nil {
		return 1, err
	}
	defer plane.Stop() //nolint:errcheck // what is asked is how the command ends.
	tests := exec.CommandContext(ctx, command[0], command[1:]...)
	tests.Cancel = func() error { return tests.Process.Signal(os.Interrupt) }
	tests.Env = append(os.Environ(), environment)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = tests.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// place is where the kubeconfig is written: of the first that runs always the same file, of others beside it the next.
func place() (file string, release func(), err error) {
	for n := 0; ; n++ {
		folder := filepath.Join(os.TempDir(), fmt.Sprintf("fluxmonitoring-common-%d", n))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", nil, err
		}
		lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return "", nil, err
		}
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return filepath.Join(folder, "kubeconfig"), func() { _ = lock.Close() }, nil
		}
		_ = lock.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return "", nil, err
		}
	}
}
