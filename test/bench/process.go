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
	"time"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/must"
	"github.com/fluxmonitoring/operator/test/process"
)

// tick is the unit of CPU time in /proc.
const tick = 10 * time.Millisecond

// measured is a program whose memory and CPU time are read.
type measured struct{ *process.Process }

// memoryUse is the memory a process takes, in MiB.
type memoryUse struct {
	resident, peak   float64
	anonymous, files float64
}

// memory reads how much the process has resident: what it has allocated, and the pages of its binary in use.
func (m measured) memory() memoryUse {
	var use memoryUse
	fields := map[string]*float64{"VmRSS": &use.resident, "VmHWM": &use.peak, "RssAnon": &use.anonymous, "RssFile": &use.files}
	for line := range strings.Lines(proc(m.PID(), "status")) {
		name, value, _ := strings.Cut(line, ":")
		if field, read := fields[name]; read {
			*field = must.Get(strconv.ParseFloat(strings.Fields(value)[0], 64)) / 1024
		}
	}
	return use
}

// cpu is the CPU time that the process has used so far.
func (m measured) cpu() time.Duration { return cpuOf(m.PID()) }

// cpuOf is the CPU time that the process of that number has used so far, by user and system.
func cpuOf(pid int) time.Duration {
	content := proc(pid, "stat")
	fields := strings.Fields(content[strings.LastIndex(content, ")")+1:])
	if len(fields) < 13 {
		must.Succeed(errors.New("/proc has no CPU time of the process"))
	}
	return time.Duration(must.Get(strconv.Atoi(fields[11]))+must.Get(strconv.Atoi(fields[12]))) * tick
}

func proc(pid int, file string) string {
	return string(must.Get(os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))))
}

// binaryName is what the operator's user agent starts with, by which its requests are counted.
const binaryName = "operator-measured"

// buildOperator builds the operator as its image does.
func buildOperator(ctx context.Context, folder string) string {
	fmt.Fprintln(os.Stderr, "building the operator")
	binary := filepath.Join(folder, binaryName)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Dir, build.Env, build.Stderr = must.Get(parts.Checkout()), append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	must.Succeed(build.Run())
	return binary
}
