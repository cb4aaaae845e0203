package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// commit is what the sources are of.
type commit struct {
	revision string
	time     time.Time
}

// head returns the commit that is checked out. Sources that differ from it, or are not in git, have another revision, so that no
// image claims a commit that it was not built from.
func head(ctx context.Context, checkout, epoch string) (commit, error) {
	revision, err := git(ctx, checkout, "rev-parse", "HEAD")
	if err != nil {
		if epoch == "" {
			return commit{}, fmt.Errorf("the time of the sources is not known: they are not in git, so set SOURCE_DATE_EPOCH: %w", err)
		}
		at, err := seconds(epoch)
		return commit{revision: "unknown", time: at}, err
	}
	changes, err := git(ctx, checkout, "status", "--porcelain")
	if err != nil {
		return commit{}, err
	}
	if changes != "" {
		revision += "-dirty"
	}
	if epoch == "" {
		if epoch, err = git(ctx, checkout, "log", "-1", "--format=%ct"); err != nil {
			return commit{}, err
		}
	}
	at, err := seconds(epoch)
	return commit{revision: revision, time: at}, err
}

// seconds reads a time as SOURCE_DATE_EPOCH has it.
func seconds(epoch string) (time.Time, error) {
	at, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is to be a number of seconds since 1970: %w", err)
	}
	return time.Unix(at, 0).UTC(), nil
}

func git(ctx context.Context, folder string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", folder}, args...)...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}
