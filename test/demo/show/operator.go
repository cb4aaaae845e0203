package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// goodbye is how long the operator may take to end.
const goodbye = 10 * time.Second

// operator is the operator as a process of its own.
type operator struct {
	log string
	// exporter is where it serves the state of Flux objects.
	exporter string
	command  *exec.Cmd
	ended    chan struct{}
}

// startOperator runs it against the cluster. Should it end by itself, so does the demo.
func (d *demo) startOperator(context.Context) (string, error) {
	addresses, err := cluster.FreeAddresses(1)
	if err != nil {
		return "", err
	}
	o := &operator{
		log: filepath.Join(d.folder, "operator.log"), exporter: "http://" + addresses[0] + "/metrics", ended: make(chan struct{}),
	}
	log, err := os.Create(o.log)
	if err != nil {
		return "", err
	}
	defer log.Close() //nolint:errcheck // the process has its own handle.
	o.command = exec.Command(filepath.Join(d.folder, "operator"), "--metrics-bind-address=0", "--health-probe-bind-address=0",
		"--exporter-bind-address="+addresses[0], "--trusted-namespaces=monitoring")
	o.command.Env = append(os.Environ(), "KUBECONFIG="+d.kubeconfig())
	o.command.Stdout, o.command.Stderr = log, log
	if err := o.command.Start(); err != nil {
		return "", fmt.Errorf("starting the operator: %w", err)
	}
	d.operator = o
	go func() {
		_ = o.command.Wait() // how it ended is in its state
		close(o.ended)
		d.fail(fmt.Errorf("the operator ended by itself: %s", o.command.ProcessState))
	}()
	return fmt.Sprintf("the operator, running as process %d", o.command.Process.Pid), nil
}

// stop ends the operator, and returns when it has ended. It may be called when none was started.
func (o *operator) stop() {
	if o == nil {
		return
	}
	_ = o.command.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-o.ended:
	case <-time.After(goodbye):
		_ = o.command.Process.Kill()
		<-o.ended
	}
}

// lastWords are the last lines of the operator's log.
func (o *operator) lastWords() string {
	if o == nil {
		return ""
	}
	content, err := os.ReadFile(o.log)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if err != nil || len(content) == 0 {
		return ""
	}
	return "the operator's last words:\n" + strings.Join(lines[max(0, len(lines)-10):], "\n")
}
