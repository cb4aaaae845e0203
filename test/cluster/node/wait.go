//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// wait calls check until it has no error, and says what was waited for when the time is up.
func wait(ctx context.Context, what string, limit time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %s for %s: %w", limit, what, err)
		case <-retry.C:
		}
	}
}

// withLog adds the end of a server's log to an error.
func withLog(err error, server string) error {
	if err == nil {
		return nil
	}
	data, _ := os.ReadFile(filepath.Join(logs(), server+".log")) //nolint:errcheck // Without a log the error is what there is.
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return fmt.Errorf("%w\nthe end of %s/%s.log:\n%s", err, logs(), server, strings.Join(lines[max(0, len(lines)-15):], "\n"))
}
