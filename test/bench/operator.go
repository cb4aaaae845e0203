package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

const (
	// binaryName is what the operator's user agent starts with, by which its requests are told from others.
	binaryName = "operator-measured"
	// goodbye is how long the operator may take to end.
	goodbye = 15 * time.Second
	// tick is the unit of CPU time in /proc.
	tick = 10 * time.Millisecond
)

// operator is the operator as a process of its own.
type operator struct {
	log     string
	command *exec.Cmd
	ended   chan struct{}
	asked   chan struct{} // closed when it is asked to end
}

// buildOperator builds the operator in the way of its image.
func buildOperator(ctx context.Context, folder string) (string, error) {
	root, err := parts.Checkout()
	if err != nil {
		return "", err
	}
	fmt.Fprintln(os.Stderr, "building the operator")
	binary := filepath.Join(folder, binaryName)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the operator: %w\n%s", err, said)
	}
	return binary, nil
}

// startOperator runs a binary as the operator. Should it end unasked, fail is called.
func startOperator(ctx context.Context, binary, log string, fail context.CancelCauseFunc, args ...string) (*operator, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	o := &operator{log: log, ended: make(chan struct{}), asked: make(chan struct{})}
	said, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer said.Close() //nolint:errcheck // the process has its own handle.
	o.command = exec.Command(binary, args...)
	o.command.Args[0] = binaryName
	o.command.Stdout, o.command.Stderr = said, said
	if err := o.command.Start(); err != nil {
		return nil, fmt.Errorf("starting the operator: %w", err)
	}
	go func() {
		_ = o.command.Wait() // how it ended is in its state
		close(o.ended)
		select {
		case <-o.asked:
		default:
			fail(fmt.Errorf("the operator ended by itself: %s", o.command.ProcessState))
		}
	}()
	return o, nil
}

// stop ends the operator, and returns when it has ended. It may be called when none was started.
func (o *operator) stop() {
	if o == nil {
		return
	}
	select {
	case <-o.asked:
	default:
		close(o.asked)
	}
	_ = o.command.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-o.ended:
	case <-time.After(goodbye):
		_ = o.command.Process.Kill()
		<-o.ended
	}
}

// lastWords are the last lines of the operator's log, on lines of their own.
func (o *operator) lastWords() string {
	if o == nil {
		return ""
	}
	content, err := os.ReadFile(o.log)
	if err != nil || len(content) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return "\nthe operator's last words:\n" + strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// memoryUse is the memory a process takes, in MiB.
type memoryUse struct {
	resident, peak   float64
	anonymous, files float64
}

// memory reads how much the operator has resident: what it has allocated, and the pages of its binary in use.
func (o *operator) memory() (memoryUse, error) {
	content, err := o.proc("status")
	if err != nil {
		return memoryUse{}, err
	}
	var m memoryUse
	fields := map[string]*float64{"VmRSS": &m.resident, "VmHWM": &m.peak, "RssAnon": &m.anonymous, "RssFile": &m.files}
	for line := range strings.Lines(content) {
		name, value, _ := strings.Cut(line, ":")
		into, wanted := fields[name]
		if !wanted {
			continue
		}
		kib, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
		if err != nil {
			return memoryUse{}, fmt.Errorf("reading %s: %w", name, err)
		}
		*into = kib / 1024
	}
	return m, nil
}

// cpu is the CPU time the operator has used so far.
func (o *operator) cpu() (time.Duration, error) {
	content, err := o.proc("stat")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(content[strings.LastIndex(content, ")")+1:])
	if len(fields) < 13 {
		return 0, errors.New("/proc has no CPU time of the operator")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

func (o *operator) proc(file string) (string, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", o.command.Process.Pid, file))
	if err != nil {
		return "", fmt.Errorf("reading what the operator uses: %w", err)
	}
	return string(content), nil
}
