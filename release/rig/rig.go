// Package rig has what tests of this module share. It is like test/rig of the operator's module.
package rig

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Must fails the test at once if there is an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Read is the content of a file.
func Read(t testing.TB, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	Must(t, err)
	return string(content)
}

// Folder is a folder of the test with these files, by their path in it.
func Folder(t testing.TB, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		file := filepath.Join(folder, name)
		Must(t, os.MkdirAll(filepath.Dir(file), 0o750))
		Must(t, os.WriteFile(file, []byte(content), 0o600))
	}
	return folder
}

// Output is what a command writes to its standard output. It has to succeed.
func Output(t testing.TB, command *exec.Cmd) string {
	t.Helper()
	var errors strings.Builder
	command.Stderr = &errors
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", command.Args, err, output, errors.String())
	}
	return string(output)
}
