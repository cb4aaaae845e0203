package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// blocksFolder has the program that writes blocks. It is a module of its own: Prometheus' storage needs much that nothing else
// here does.
var blocksFolder = filepath.Join("test", "bench", "blocks")

// unusedHistory is how long a history is kept after its last use.
const unusedHistory = 7 * 24 * time.Hour

// data is the folder of a Prometheus that holds the history. It is made once: its name says what decides its content.
func (b *bed) data(ctx context.Context, h history) (string, error) {
	root, err := parts.Checkout()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	content, err := h.sources(root)
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "fluxmonitoring")
	folder := historyFolder(cache, content)
	if used(folder) {
		return folder, nil
	}
	if err := sweepHistories(cache); err != nil {
		return "", err
	}
	b.progress("writing %d hours of %d objects, once", h.hours, h.objects)
	return folder, aside(folder, func(aside string) error {
		return b.writeHistory(ctx, h, filepath.Join(root, blocksFolder), aside)
	})
}

// sources are all that decides what a history is: its size and the code that makes it.
func (h history) sources(root string) (string, error) {
	all := fmt.Sprintln(h.objects, h.hours)
	for _, name := range []string{
		"blocks/main.go", "blocks/go.mod", "dashboards_history.go", "dashboards_objects.go", "dashboards_told.go",
		"dashboards_recordings.go", "dashboards_durations.go", "dashboards_controllers.go", "exporter_shape.go",
	} {
		content, err := os.ReadFile(filepath.Join(root, "test", "bench", name))
		if err != nil {
			return "", err
		}
		all += fmt.Sprintf("%s %d\n%s\n", name, len(content), content)
	}
	return all, nil
}

// sweepHistories removes those nobody has used for long.
func sweepHistories(cache string) error {
	found, err := filepath.Glob(filepath.Join(cache, "history-????????????????"))
	if err != nil {
		return err
	}
	for _, folder := range found {
		if info, err := os.Stat(folder); err == nil && time.Since(info.ModTime()) > unusedHistory {
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeHistory builds the program that writes blocks, and gives it the history.
func (b *bed) writeHistory(ctx context.Context, h history, sources, folder string) error {
	writer := filepath.Join(b.folder, "blocks")
	build := exec.CommandContext(ctx, "go", "build", "-o", writer, ".")
	build.Dir, build.Stderr = sources, os.Stderr
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		return fmt.Errorf("building %s: %w", blocksFolder, err)
	}
	return h.into(exec.CommandContext(ctx, writer, folder))
}

// into gives the history to a program that reads it.
func (h history) into(program *exec.Cmd) error {
	in, out := io.Pipe()
	program.Stdin, program.Stderr = in, os.Stderr
	if err := program.Start(); err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		buffered := bufio.NewWriterSize(out, 1<<20)
		err := h.write(buffered)
		if err == nil {
			err = buffered.Flush()
		}
		written <- errors.Join(err, out.CloseWithError(err))
	}()
	err := program.Wait()
	_ = in.Close() // who writes must not wait for a reader that has ended
	return errors.Join(err, <-written)
}
