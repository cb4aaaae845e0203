package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/fluxmonitoring/operator/test/must"
)

// kubectl shows and runs a command, and shows its output.
func (d *demo) kubectl(ctx context.Context, args ...string) {
	if output, err := d.run(ctx, args); err != nil {
		must.Succeed(fmt.Errorf("kubectl %s: %w: %s", args[0], err, strings.TrimSpace(output)))
	}
}

// refused shows and runs a command that the API server has to refuse.
func (d *demo) refused(ctx context.Context, args ...string) {
	if _, err := d.run(ctx, args); err == nil {
		must.Succeed(fmt.Errorf("kubectl %s was accepted, and should have been refused", args[0]))
	}
}

func (d *demo) run(ctx context.Context, args []string) (string, error) {
	d.screen.command(typed(args))
	command := exec.CommandContext(ctx, filepath.Join(d.plane.Assets, "kubectl"), args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+d.kubeconfig())
	output, err := command.CombinedOutput()
	d.screen.output(string(output))
	return string(output), err
}

// typed is a command as it can be pasted into a shell.
func typed(args []string) string {
	words := []string{"kubectl"}
	for _, a := range args {
		template, is := strings.CutPrefix(a, "jsonpath=")
		switch {
		case is:
			a = "jsonpath=" + quoted(template)
		case strings.ContainsAny(a, " \t\n\"'{}[]()*?$&|;<>\\"):
			a = quoted(a)
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
