// Package process runs a program beside this one, with its output in a file, until it is stopped.
package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// patience is how long a process may take to end after SIGTERM.
const patience = 15 * time.Second

// Process is a program that runs.
type Process struct {
	name, log string
	command   *exec.Cmd
	cancel    context.CancelFunc
	ended     chan struct{}
}

// Start runs a program under a name, with these variables besides the environment. If it ends before Stop, failed is called.
func Start(name, program, log string, failed func(error), environment []string, args ...string) (*Process, error) {
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer output.Close() //nolint:errcheck // the process has its own handle.
	ctx, cancel := context.WithCancel(context.Background())
	p := &Process{name: name, log: log, command: exec.CommandContext(ctx, program, args...), cancel: cancel, ended: make(chan struct{})}
	p.command.Args[0], p.command.Env = name, append(os.Environ(), environment...)
	p.command.Stdout, p.command.Stderr = output, output
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	p.command.WaitDelay = patience
	if err := p.command.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		_ = p.command.Wait() // how it ended is in its state
		if ctx.Err() == nil {
			failed(fmt.Errorf("%s ended by itself: %s", name, p.command.ProcessState))
		}
		close(p.ended)
	}()
	return p, nil
}

// PID is the number of the process.
func (p *Process) PID() int { return p.command.Process.Pid }

// Stop ends the process, and returns when it has ended. A process that was never started needs no end.
func (p *Process) Stop() {
	if p != nil {
		p.cancel()
		<-p.ended
	}
}

// LastLines are the last lines of its output, under a heading.
func (p *Process) LastLines() string {
	if p == nil {
		return ""
	}
	content, err := os.ReadFile(p.log)
	if err != nil || len(content) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return fmt.Sprintf("the last lines of %s:\n", p.name) + strings.Join(lines[max(0, len(lines)-10):], "\n")
}
