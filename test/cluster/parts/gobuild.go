package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	scratch, err := os.MkdirTemp("", "fluxmonitoring-"+p.Name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // What stays behind is in the machine's folder for that.
	flags, err := b.complete(ctx, p, scratch)
	if err != nil {
		return err
	}
	build := []string{"build", "-o", folder + string(filepath.Separator), "-trimpath", "-buildvcs=false", "-tags", c.Tags, "-ldflags", ldflags}
	if _, err := b.run(ctx, home, c.C, slices.Concat(build, flags, c.Packages)...); err != nil {
		return err
	}
	for _, name := range c.Links {
		if err := os.Symlink(filepath.Base(c.Packages[0]), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// run calls the go command in folder and returns its output.
func (b bench) run(ctx context.Context, folder string, c bool, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	if named := toolchain(folder); named != "" {
		cmd.Env = append(cmd.Env, "GOTOOLCHAIN="+named)
	}
	if c {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=1")
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // Lets go stop its compilers.
	cmd.WaitDelay = 10 * time.Second
	out, err := printed(cmd)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("go %s in %s: %w", args[0], folder, err)
	}
	return out, nil
}

// toolchain is the Go that the go.mod of a folder names, if it is newer than the others need; go downloads it from the module proxy even if this
// machine's GOTOOLCHAIN is local.
func toolchain(folder string) string {
	content, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return "" // go reports it
	}
	found := regexp.MustCompile(`(?m)^toolchain (\S+)$`).FindSubmatch(content)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// printed returns the output of a command. If the command fails, the error has the last lines of its error output.
func printed(command *exec.Cmd) (string, error) {
	out, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		lines := strings.Split(strings.TrimSpace(string(failed.Stderr)), "\n")
		return "", fmt.Errorf("%w\n%s", err, strings.Join(lines[max(0, len(lines)-20):], "\n"))
	}
	return strings.TrimSpace(string(out)), err
}

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
