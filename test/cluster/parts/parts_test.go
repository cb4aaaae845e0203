package parts

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnUnknownPartIsRefusedWithTheNamesOfAll(t *testing.T) {
	_, err := Build(t.Context(), io.Discard, "kubernetes")
	if err == nil || !strings.Contains(err.Error(), "apiserver, crds, node, runtime, flux") {
		t.Errorf("the error should list the parts: %v", err)
	}
}

func TestFingerprintChangesWithTheContent(t *testing.T) {
	b := bench{sources: t.TempDir()}
	write := func(file, content string) {
		t.Helper()
		path := filepath.Join(b.sources, "m", file)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(content), 0o644))
	}
	write("go.mod", "module m\n")
	write("go.sum", "")
	write("cmd/a/main.go", "package main\n")
	write("cmd/b/main.go", "package main\n")
	part := Part{Name: "a", Module: "m", Sources: []string{"cmd/a"}}
	print := func() string {
		t.Helper()
		sum, err := b.fingerprint(part)
		must(t, err)
		return sum
	}
	first := print()
	write("cmd/b/main.go", "package main // Changed.\n")
	if print() != first {
		t.Error("another part's source changed the fingerprint")
	}
	for _, change := range []struct {
		what string
		make func()
	}{
		{"its source", func() { write("cmd/a/main.go", "package main // Changed.\n") }},
		{"a version", func() { write("go.mod", "module m\nrequire x v1.0.0\n") }},
		{"a flag", func() { part.Commands = []Command{{Tags: "x"}} }},
		{"what is copied", func() { part.Files = []Files{{Folder: "x"}} }},
		{"what is left out", func() { part.Terse = []string{"x"} }},
		{"what a module lacks", func() { part.Completion = Completion{Module: "x", Files: map[string]string{"y": "z"}} }},
	} {
		before := print()
		if change.make(); print() == before {
			t.Errorf("a change of %s did not change the fingerprint", change.what)
		}
	}
}

func TestVersionsInLinkerFlagsComeFromGoMod(t *testing.T) {
	file := filepath.Join(t.TempDir(), "go.mod")
	content := "module m\n\nrequire x.dev/one v1.2.3\n\nrequire (\n\tx.dev/two/v2 v2.36.4 // indirect\n)\n"
	must(t, os.WriteFile(file, []byte(content), 0o644))
	got, err := stamp("-X a={x.dev/one} -X b={x.dev/two/v2 minor}", file)
	if want := "-X a=v1.2.3 -X b=36"; got != want || err != nil {
		t.Errorf("stamp gives %q, %v, not %q", got, err, want)
	}
	if _, err := stamp("{x.dev/three}", file); err == nil {
		t.Error("a module that is not required was given a version")
	}
}

func TestEveryPinnedVersionIsFound(t *testing.T) {
	for _, p := range Catalogue() {
		for _, c := range p.Commands {
			if _, err := stamp(c.LDFlags, filepath.Join("..", p.Module, "go.mod")); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
	}
}

func TestCompletionAddsFilesAndReplacesNone(t *testing.T) {
	folder := t.TempDir()
	must(t, addFiles(folder, map[string]string{"ui/dist/index.html": "page"}))
	got, err := os.ReadFile(filepath.Join(folder, "ui", "dist", "index.html"))
	if string(got) != "page" || err != nil {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if err := addFiles(folder, map[string]string{"ui/dist/index.html": "another"}); err == nil {
		t.Error("a file that the module has was replaced")
	}
}

func TestGoModReplacesACompletedModuleByItsCopy(t *testing.T) {
	pins, scratch := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{"go.mod": "module m\n\nrequire x.dev/one v1.2.3\n", "go.sum": "x.dev/one v1.2.3 h1:sum\n"} {
		must(t, os.WriteFile(filepath.Join(pins, name), []byte(content), 0o644))
	}
	must(t, replacing(pins, filepath.Join(scratch, "go.mod"), "x.dev/one", "/copy"))
	for name, want := range map[string]string{
		"go.mod": "module m\n\nrequire x.dev/one v1.2.3\n\nreplace x.dev/one => /copy\n",
		"go.sum": "x.dev/one v1.2.3 h1:sum\n",
	} {
		if got, err := os.ReadFile(filepath.Join(scratch, name)); string(got) != want || err != nil {
			t.Errorf("%s is %q, %v, not %q", name, got, err, want)
		}
	}
}

func TestEveryCompletedModuleIsPinned(t *testing.T) {
	for _, p := range Catalogue() {
		if p.Completion.Module == "" {
			continue
		}
		version, err := Version(p.Name, p.Completion.Module)
		if err != nil || !strings.HasPrefix(version, "v") || len(p.Completion.Files) == 0 {
			t.Errorf("%s completes %s %s with %d files: %v", p.Name, p.Completion.Module, version, len(p.Completion.Files), err)
		}
	}
}

func TestAFailureOfTheMachineHasAdvice(t *testing.T) {
	if err := advise(errors.New("write: no space left on device")); !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("the error is %v", err)
	}
	if err := advise(io.EOF); !errors.Is(err, io.EOF) || strings.Contains(err.Error(), "disk") {
		t.Errorf("the error is %v", err)
	}
}
