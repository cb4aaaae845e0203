package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// goodbye is how long a process may take to end.
	goodbye = 15 * time.Second
	// tick is the unit of CPU time in /proc.
	tick = 10 * time.Millisecond
)

// process is what is measured: a program that runs beside this one.
type process struct {
	name, log string
	command   *exec.Cmd
	ended     chan struct{}
	asked     chan struct{} // closed when it is asked to end
}

// launch runs a binary under a name. Should it end unasked, fail is called.
func launch(ctx context.Context, name, binary, log string, fail context.CancelCauseFunc, args ...string) (*process, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	p := &process{name: name, log: log, ended: make(chan struct{}), asked: make(chan struct{})}
	said, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer said.Close() //nolint:errcheck // the process has its own handle.
	p.command = exec.Command(binary, args...)
	p.command.Args[0] = name
	p.command.Stdout, p.command.Stderr = said, said
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		_ = p.command.Wait() // how it ended is in its state
		close(p.ended)
		select {
		case <-p.asked:
		default:
			fail(fmt.Errorf("%s ended by itself: %s", name, p.command.ProcessState))
		}
	}()
	return p, nil
}

// stop ends the process, and returns when it has ended. It may be called when none was started.
func (p *process) stop() {
	if p == nil {
		return
	}
	select {
	case <-p.asked:
	default:
		close(p.asked)
	}
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.ended:
	case <-time.After(goodbye):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// lastWords are the last lines of the process's log, on lines of their own.
func (p *process) lastWords() string {
	if p == nil {
		return ""
	}
	content, err := os.ReadFile(p.log)
	if err != nil || len(content) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return fmt.Sprintf("\nthe last words of %s:\n", p.name) + strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// memoryUse is the memory a process takes, in MiB.
type memoryUse struct {
	resident, peak   float64
	anonymous, files float64
}

// memory reads how much the process has resident: what it has allocated, and the pages of its binary in use.
func (p *process) memory() (memoryUse, error) {
	content, err := p.proc("status")
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

// cpu is the CPU time the process has used so far.
func (p *process) cpu() (time.Duration, error) { return cpuOf(p.command.Process.Pid) }

func (p *process) proc(file string) (string, error) { return proc(p.command.Process.Pid, file) }

// cpuOf is the CPU time that the process of that number has used so far, by user and system.
func cpuOf(pid int) (time.Duration, error) {
	content, err := proc(pid, "stat")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(content[strings.LastIndex(content, ")")+1:])
	if len(fields) < 13 {
		return 0, errors.New("/proc has no CPU time of the process")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

func proc(pid int, file string) (string, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return "", fmt.Errorf("reading what a process uses: %w", err)
	}
	return string(content), nil
}
