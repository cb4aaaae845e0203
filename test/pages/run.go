package pages

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// mark is what the shell prints before each command, with its number between two: no command prints it.
const mark = "\x1e"

// Failure is a command that failed, or that was not done in time.
type Failure struct {
	Command Command
	// Output of the command, both streams, and of nothing before it.
	Output string
	// Reason is how it ended.
	Reason string
}

// Error says which command it is, how it ended, and what it printed.
func (f *Failure) Error() string {
	return fmt.Sprintf("line %d: %s\n$ %s\n%s", f.Command.Line, f.Reason, f.Command.Text, f.Output)
}

// Run runs commands in one bash, with the options -euo pipefail, in a folder and with an environment, until one fails: that is a
// *Failure, and so is other output than a session shows. Unlike in a shell, a list such as `a && b` fails whichever of it fails. Nothing
// that a command leaves running outlives this.
func Run(ctx context.Context, folder string, environment []string, commands []Command) error {
	output, err := os.CreateTemp("", "pages-")
	if err != nil {
		return err
	}
	defer os.Remove(output.Name()) //nolint:errcheck // What stays behind is in the machine's folder for that.
	defer output.Close()           //nolint:errcheck // It has been read by then.
	cmd := exec.CommandContext(ctx, "bash", "--norc", "-c", whole(commands))
	cmd.Dir, cmd.Env = folder, environment
	cmd.Stdout, cmd.Stderr = output, output // A file, for nobody has to wait until those in the background close it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	failed := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // There may be nothing left.
	said, err := os.ReadFile(output.Name())
	if err != nil {
		return err
	}
	if failed == nil {
		return compared(commands, string(said))
	}
	return failure(ctx, commands, string(said), failed)
}

// whole is the script that runs commands and marks in its output where each begins.
func whole(commands []Command) string {
	var s strings.Builder
	s.WriteString("set -euo pipefail\n")
	for i, c := range commands {
		fmt.Fprintf(&s, "printf '\\036%%d\\036' %d\n%s\n{ ended=$?; [ $ended -eq 0 ] || exit $ended; } 2>/dev/null\n", i, c.Text)
	}
	return s.String()
}

// failure finds the command that was begun last, and what it said.
func failure(ctx context.Context, commands []Command, said string, failed error) error {
	parts := strings.Split(said, mark)
	if len(parts) < 3 {
		return fmt.Errorf("bash ran nothing: %w\n%s", failed, said)
	}
	number, err := strconv.Atoi(parts[len(parts)-2])
	if err != nil {
		return fmt.Errorf("a command printed what marks commands: %w", err)
	}
	reason := failed.Error()
	if ctx.Err() != nil {
		reason = "not done in time"
	}
	return &Failure{Command: commands[number], Output: parts[len(parts)-1], Reason: reason}
}
