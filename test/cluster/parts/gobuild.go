package parts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// goBuild runs one go build of a part into folder.
func (b bench) goBuild(ctx context.Context, p Part, c Command, folder string) error {
	home := filepath.Join(b.sources, p.Module)
	ldflags, err := stamp(c.LDFlags, filepath.Join(home, "go.mod"))
	if err != nil {
		return err
	}
	m := newMeter(b.out, p.Name)
	defer m.stop()
	m.say("resolving modules")
	scratch, err := os.MkdirTemp("", "fluxmonitoring-"+p.Name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // What stays behind is in the machine's folder for that.
	flags, err := b.complete(ctx, m, p, scratch)
	if err != nil {
		return err
	}
	flags = append(flags, "-trimpath", "-buildvcs=false", "-tags", c.Tags, "-ldflags", ldflags)
	list := []string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}
	stale, err := b.run(ctx, home, c.C, m, append(append(list, flags...), c.Packages...))
	if err != nil {
		return err
	}
	m.expect(len(strings.Fields(stale)) - len(c.Packages)) // Commands count as stale even if they need but linking.
	build := append(append([]string{"build", "-v", "-o", folder + string(filepath.Separator)}, flags...), c.Packages...)
	if _, err := b.run(ctx, home, c.C, m, build); err != nil {
		return err
	}
	for _, name := range c.Links {
		if err := os.Symlink(filepath.Base(c.Packages[0]), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// run calls the go command in folder, shows its progress on m and returns its output.
func (b bench) run(ctx context.Context, folder string, c bool, m *meter, args []string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	if c {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=1")
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // Lets go stop its compilers.
	cmd.WaitDelay = 10 * time.Second
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	var said []string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if line := lines.Text(); !m.read(line) {
			said = append(said, line)
		}
	}
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("go %s in %s: %w\n%s", args[0], folder, err, strings.Join(tail(said, 20), "\n"))
	}
	return stdout.String(), nil
}

func tail(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

// hints are what to do about the failures a machine rather than a source is the cause of.
var hints = []struct{ sign, advice string }{
	{"no space left on device", "the disk is full: a first build of all parts takes about 8 GB; `go env GOCACHE` names the folder that grows"},
	{"no such host", "the module proxy cannot be reached: check the network, or set GOPROXY to one that can"},
	{"dial tcp", "the module proxy cannot be reached: check the network, or set GOPROXY to one that can"},
	{"i/o timeout", "the module proxy does not answer: check the network, or set GOPROXY to one that does"},
	{"requires go >=", "this Go is too old: install the version named above, or unset GOTOOLCHAIN so that go fetches it"},
	{"executable file not found", "a C compiler is needed: install gcc"},
	{"signal: killed", "a compiler was killed, most likely for lack of memory: 4 GB are needed"},
}

// advise adds to an error what can be done about it.
func advise(err error) error {
	for _, h := range hints {
		if strings.Contains(err.Error(), h.sign) {
			return errors.Join(err, errors.New(h.advice))
		}
	}
	return err
}
