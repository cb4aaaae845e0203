// Package dockerfile holds that the Dockerfile builds what a release builds. It runs no docker: it does by hand what COPY does.
package dockerfile_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/binary"
	"github.com/fluxmonitoring/operator/release/image"
	"github.com/fluxmonitoring/operator/release/rig"
)

const checkout = "../.."

func TestTheDockerfileCopiesAllSources(t *testing.T) {
	g := NewWithT(t)
	needed := dependencies(t, checkout)
	g.Expect(needed).To(ContainElements(".", "api/v1alpha1", "controllers", "internal/flux"))
	g.Expect(dependencies(t, copied(t, ""))).To(Equal(needed))
}

func TestAMissingFolderIsNoticed(t *testing.T) {
	for _, folder := range []string{"internal", "controllers", "api"} {
		t.Run(folder, func(t *testing.T) {
			_, err := list(t, copied(t, folder))
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring("github.com/fluxmonitoring/operator/" + folder)))
		})
	}
}

func TestTheDockerfileBuildsWithTheFlagsOfARelease(t *testing.T) {
	g := NewWithT(t)
	flags := []string{}
	for _, flag := range binary.Flags("$VERSION") {
		name, value, valued := strings.Cut(flag, "=")
		if valued && strings.Contains(value, " ") {
			flag = name + `="` + value + `"`
		}
		flags = append(flags, flag)
	}
	build := "CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build " + strings.Join(flags, " ") + " -o /operator ."
	g.Expect(instructions(t)).To(ContainElement([]string{"RUN", build}))
	g.Expect(instructions(t)).To(ContainElement([]string{"ARG", "VERSION=dev"}))
}

func TestTheDockerfileBuildsTheImageOfARelease(t *testing.T) {
	all := instructions(t)
	last := all[slices.IndexFunc(all, func(i []string) bool { return slices.Equal(i, []string{"FROM", "scratch"}) }):]
	NewWithT(t).Expect(last).To(Equal([][]string{
		{"FROM", "scratch"},
		{"LABEL", "org.opencontainers.image.licenses=Apache-2.0"},
		{"COPY", "--from=build /operator " + image.Path},
		{"USER", image.User},
		{"ENTRYPOINT", `["` + image.Path + `"]`},
	}))
}

// dependencies are the folders of packages that the operator is built of.
func dependencies(t *testing.T, folder string) []string {
	t.Helper()
	folders, err := list(t, folder)
	rig.Must(t, err)
	return folders
}

func list(t *testing.T, folder string) ([]string, error) {
	t.Helper()
	absolute, err := filepath.Abs(folder)
	rig.Must(t, err)
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.Dir}}{{end}}{{end}}", ".")
	command.Dir = absolute
	command.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	output := &strings.Builder{}
	command.Stderr = output
	out, err := command.Output()
	if err != nil {
		return nil, errors.New(output.String())
	}
	folders := []string{}
	for _, dir := range strings.Fields(string(out)) {
		relative, err := filepath.Rel(absolute, dir)
		rig.Must(t, err)
		folders = append(folders, relative)
	}
	return folders, nil
}

// copied is a folder with what the Dockerfile copies of the checkout, but the one folder.
func copied(t *testing.T, but string) string {
	t.Helper()
	folder := t.TempDir()
	allowed := allowed(t)
	for _, instruction := range instructions(t) {
		if instruction[0] != "COPY" || strings.HasPrefix(instruction[1], "--from") {
			continue
		}
		words := strings.Fields(instruction[1])
		target := words[len(words)-1]
		for _, pattern := range words[:len(words)-1] {
			if pattern == but {
				continue
			}
			if !slices.Contains(allowed, pattern) {
				t.Errorf(".dockerignore does not let %s through", pattern)
			}
			copyAll(t, pattern, folder, target)
		}
	}
	return folder
}

// copyAll copies what the pattern finds, as COPY does: a file into the folder target, the content of a folder to target.
func copyAll(t *testing.T, pattern, folder, target string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(checkout, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("the Dockerfile copies %s, which is not there", pattern)
	}
	for _, path := range found {
		to := filepath.Join(folder, target)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			to = filepath.Join(to, filepath.Base(path))
		}
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			place := to + strings.TrimPrefix(file, path)
			if err := os.MkdirAll(filepath.Dir(place), 0o750); err != nil {
				return err
			}
			return os.WriteFile(place, content, 0o600)
		})
		rig.Must(t, err)
	}
}

// allowed are the lines of .dockerignore that let something through. All else is held back.
func allowed(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(checkout, ".dockerignore"))
	rig.Must(t, err)
	if !strings.Contains(string(content), "\n*\n") {
		t.Error(".dockerignore does not hold back everything first")
	}
	patterns := []string{}
	for line := range strings.Lines(string(content)) {
		if pattern, found := strings.CutPrefix(strings.TrimSpace(line), "!"); found {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}

// instructions are those of the Dockerfile: a word, and the rest of the line.
func instructions(t *testing.T) [][]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(checkout, "Dockerfile"))
	rig.Must(t, err)
	found := [][]string{}
	for line := range strings.Lines(strings.ReplaceAll(string(content), "\\\n", " ")) {
		line = strings.Join(strings.Fields(line), " ")
		if word, rest, split := strings.Cut(line, " "); split && !strings.HasPrefix(word, "#") {
			found = append(found, []string{word, rest})
		}
	}
	return found
}
