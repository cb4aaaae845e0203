package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// leave is how long the go command may take to end after it is asked to.
const leave = 10 * time.Second

// build builds commands of the checkout into a folder.
func build(ctx context.Context, out io.Writer, root, folder string, packages ...string) error {
	fmt.Fprintln(out, "building the operator and its demo, which takes some minutes the first time")
	command := exec.CommandContext(ctx, "go", append([]string{"build", "-o", folder + "/"}, packages...)...)
	command.Dir, command.Stdout, command.Stderr = root, out, out
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = leave
	if err := command.Run(); ctx.Err() != nil {
		return ctx.Err() // rather than the failure that the interruption causes
	} else if err != nil {
		return fmt.Errorf("building the operator and its demo: %w", err)
	}
	return nil
}
