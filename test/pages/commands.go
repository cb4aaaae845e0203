package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// prompt marks a command in a session, and more that it goes on.
const (
	prompt = "$ "
	more   = "> "
)

// Command is what bash takes for one command or list, over as many lines as it has.
type Command struct {
	// Line of the page, from 1, that it begins in.
	Line int
	Text string
	// Output is what a session shows below the command, as it ends lines; "" where it shows nothing, or in a script.
	Output string
}

// Commands returns the commands of a block, in its order. A command ends with the first line at which bash wants no more. A block
// that bash does not understand is an error.
func (b Block) Commands(ctx context.Context) ([]Command, error) {
	var commands []Command
	lines := strings.Split(strings.TrimRight(b.Text, "\n"), "\n")
	for at := 0; at < len(lines); {
		begins, isCommand := b.begins(lines[at])
		if !isCommand {
			if last := len(commands) - 1; b.Session && last >= 0 {
				commands[last].Output += lines[at] + "\n"
			}
			at++
			continue
		}
		c := Command{Line: b.Line + at, Text: begins}
		why, err := lacks(ctx, c.Text)
		for at++; why != "" && at < len(lines) && err == nil; at++ {
			c.Text += "\n" + b.continues(lines[at])
			why, err = lacks(ctx, c.Text)
		}
		if err != nil {
			return nil, err
		}
		if why != "" {
			return nil, fmt.Errorf("line %d and on: bash does not understand this: %s\n%s", c.Line, why, c.Text)
		}
		commands = append(commands, c)
	}
	return commands, nil
}

// begins returns what a line holds of a command, and whether one begins there.
func (b Block) begins(line string) (string, bool) {
	if b.Session {
		return strings.CutPrefix(line, prompt)
	}
	bare := strings.TrimSpace(line)
	return line, bare != "" && !strings.HasPrefix(bare, "#")
}

// continues returns what a further line holds of a command.
func (b Block) continues(line string) string {
	if b.Session {
		return strings.TrimPrefix(line, more)
	}
	return line
}

// lacks says what bash finds missing in, or wrong with, a command. It runs nothing.
func lacks(ctx context.Context, command string) (string, error) {
	if strings.HasSuffix(command, `\`) {
		return "the next line", nil
	}
	cmd := exec.CommandContext(ctx, "bash", "--norc", "-n")
	cmd.Stdin = strings.NewReader(command + "\n")
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		return "", fmt.Errorf("asking bash what it takes for a command: %w", err)
	}
	return strings.TrimSpace(said.String()), nil // A here-document without an end is a warning only.
}
