// Package binary builds a program for a platform, so that the same sources and the same Go give the same bytes in every folder and on
// every machine. It knows the flags of a release and nothing of images.
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

// Platform is what a binary runs on, in the words of Go.
type Platform struct {
	// OS, such as linux.
	OS string
	// Arch is the architecture, such as amd64.
	Arch string
}

// String is how Go names a platform, such as linux/amd64.
func (p Platform) String() string { return p.OS + "/" + p.Arch }

// Build is one build of a program.
type Build struct {
	// Source is the folder of the program's module.
	Source string
	// Package is the folder of its main package, relative to Source, such as ./cmd/program.
	Package string
	// Version is set in the program, as main.version.
	Version string
	// Platform to build for.
	Platform Platform
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
	build := exec.CommandContext(ctx, "go", append(args, "-o", out, b.Package)...)
	build.Dir = b.Source
	build.Env = append(without(os.Environ(), "GOEXPERIMENT"), settings(b.Platform)...)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s for %s in %s: %w\n%s", b.Package, b.Platform, b.Source, err, output)
	}
	return nil
}

// settings are the variables of Go that change what is built, set so that the caller's do not. Whichever architecture is built,
// the level of the others has no effect.
func settings(p Platform) []string {
	return []string{
		"CGO_ENABLED=0", "GOOS=" + p.OS, "GOARCH=" + p.Arch, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=-mod=readonly", "GOWORK=off", "GOFIPS140=off",
	}
}

func without(environment []string, name string) []string {
	return slices.DeleteFunc(environment, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
}
