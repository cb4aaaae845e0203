//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// down ends the node if there is one, and removes what it, or one that failed, left on the machine.
func down(ctx context.Context) error {
	if _, err := os.Stat(state()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := end(ctx); err != nil {
		return err
	}
	if err := removePrivateFolders(); err != nil {
		return err
	}
	return os.RemoveAll(state())
}

// end kills the node and takes its cgroups away. The state stays, because it has the logs of a start that failed.
func end(ctx context.Context) error {
	pid, err := running()
	if err != nil {
		return err
	}
	if pid != 0 {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return fmt.Errorf("killing process %d: %w", pid, err)
		}
		// All of the node is gone when its first process is: the kernel ends the others before.
		err := cluster.Await(ctx, fmt.Sprintf("process %d to end", pid), 30*time.Second, func(context.Context) error {
			if alive(pid) {
				return errors.New("it still runs")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return errors.Join(removeLink(), removeCgroups(ctx))
}

// alive reports whether a process is there and more than an entry that its parent has not collected.
func alive(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

// makePrivateFolders makes the mount points of what the node has of its own, and notes those that were not there.
func makePrivateFolders() error {
	var made []string
	for _, folder := range private {
		if _, err := os.Stat(folder); err == nil {
			continue
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		made = append(made, folder)
	}
	data, err := json.Marshal(made)
	if err != nil {
		return err
	}
	return os.WriteFile(inState("made.json"), data, 0o644)
}

// removePrivateFolders removes the mount points that the node made, if nobody else uses them. While another node is there they all stay: removing
// one would unmount what that node has mounted on it.
func removePrivateFolders() error {
	others, err := filepath.Glob(filepath.Join(os.TempDir(), family+"*-node"))
	if err != nil || len(others) > 1 {
		return err
	}
	data, err := os.ReadFile(inState("made.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var made []string
	if err := json.Unmarshal(data, &made); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(inState("made.json")), err)
	}
	for _, folder := range made {
		if err := os.Remove(folder); err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
			return err
		}
	}
	return nil
}
