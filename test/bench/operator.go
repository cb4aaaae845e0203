package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/must"
)

// binaryName is what the operator's user agent starts with, by which its requests are counted.
const binaryName = "operator-measured"

// buildOperator builds the operator as its image does.
func buildOperator(ctx context.Context, folder string) string {
	fmt.Fprintln(os.Stderr, "building the operator")
	binary := filepath.Join(folder, binaryName)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Dir, build.Env, build.Stderr = must.Get(parts.Checkout()), append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	must.Succeed(build.Run())
	return binary
}
