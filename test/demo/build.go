package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// quiet is how long a build may take before its progress is shown.
	quiet = 2 * time.Second
	// often is how often its progress is then shown.
	often = 10 * time.Second
	// leave is how long the go command may take to end after it is asked to.
	leave = 10 * time.Second
)

// build builds commands of the checkout into a folder, and shows its progress if that takes long.
func build(ctx context.Context, out io.Writer, root, folder string, packages ...string) error {
	stale, err := goCommand(ctx, root, append([]string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, packages...)).Output()
	if err != nil {
		return fmt.Errorf("finding out what there is to build: %w", explained(ctx, err))
	}
	command := goCommand(ctx, root, append([]string{"build", "-v", "-o", folder + "/"}, packages...))
	said, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	faults := follow(out, said, len(bytes.Fields(stale)))
	if err := command.Wait(); err != nil {
		return fmt.Errorf("building the operator and its demo: %w\n%s", explained(ctx, err), faults)
	}
	return nil
}

func goCommand(ctx context.Context, root string, args []string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = root
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = leave
	return command
}

// explained prefers the interruption to the failure that it causes.
func explained(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// follow shows the progress of a build, and returns its other lines. The import path of a package is a line when it is built.
func follow(out io.Writer, said io.Reader, total int) (faults string) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(said); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	start, built, report := time.Now(), 0, time.After(quiet)
	for {
		select {
		case line, more := <-lines:
			switch {
			case !more:
				return faults
			case line != "" && !strings.ContainsAny(line, " :#\t"):
				built++
			default:
				faults += line + "\n"
			}
		case <-report:
			fmt.Fprintf(out, "building the operator  %s  %s\n", stage(built, total), time.Since(start).Round(time.Second))
			report = time.After(often)
		}
	}
}

// stage of a build. Its longest part comes after the last package.
func stage(built, total int) string {
	if built >= total {
		return "linking"
	}
	return fmt.Sprintf("%d/%d packages", built, total)
}
