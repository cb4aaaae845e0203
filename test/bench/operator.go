package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// binaryName is what the operator's user agent starts with, by which its requests are told from others.
const binaryName = "operator-measured"

// buildOperator builds the operator in the way of its image.
func buildOperator(ctx context.Context, folder string) (string, error) {
	root, err := parts.Checkout()
	if err != nil {
		return "", err
	}
	fmt.Fprintln(os.Stderr, "building the operator")
	binary := filepath.Join(folder, binaryName)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the operator: %w\n%s", err, said)
	}
	return binary, nil
}
