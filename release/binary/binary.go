// Package binary builds the operator for a platform, so that the same sources and the same Go give the same bytes in every
// folder and on every machine. It knows the flags of a release and nothing of images.
package binary

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// OS is what the operator runs on.
const OS = "linux"

// Build is one build of the operator.
type Build struct {
	// Source is the folder of the operator's module.
	Source string
	// Version is what `operator version` shall say.
	Version string
	// Arch is the architecture, as Go and OCI call it.
	Arch string
	// Out is the file to write.
	Out string
}

// Flags are those of `go build`. No path of the machine is in the binary, and nothing of git: what a folder knows of its commit
// differs from clone to clone, and is lost in a source archive. The commit is in the image's labels instead.
func Flags(version string) []string {
	return []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w -X main.version=" + version}
}

// Run builds it.
func (b Build) Run(ctx context.Context) error {
	out, err := filepath.Abs(b.Out)
	if err != nil {
		return err
	}
	args := append([]string{"build"}, Flags(b.Version)...)
	build := exec.CommandContext(ctx, "go", append(args, "-o", out, ".")...)
	build.Dir = b.Source
	build.Env = append(without(os.Environ(), "GOEXPERIMENT"), settings(b.Arch)...)
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the operator for %s/%s in %s: %w\n%s", OS, b.Arch, b.Source, err, said)
	}
	return nil
}

// settings are the variables of Go that change what is built, set so that the caller's do not. Whichever architecture is built,
// the level of the others has no effect.
func settings(arch string) []string {
	return []string{
		"CGO_ENABLED=0", "GOOS=" + OS, "GOARCH=" + arch, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=-mod=readonly", "GOWORK=off", "GOFIPS140=off",
	}
}

func without(environment []string, name string) []string {
	return slices.DeleteFunc(environment, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
}
