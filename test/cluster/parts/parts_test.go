package parts

import (
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

func TestAFingerprintIsOfWhatDecidesTheContent(t *testing.T) {
	b := bench{sources: t.TempDir()}
	write := func(file, content string) {
		t.Helper()
		path := filepath.Join(b.sources, "m", file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module m\n")
	write("go.sum", "")
	write("cmd/a/main.go", "package main\n")
	write("cmd/b/main.go", "package main\n")
	part := Part{Name: "a", Module: "m", Sources: []string{"cmd/a"}}
	print := func() string {
		t.Helper()
		sum, err := b.fingerprint(part)
		if err != nil {
			t.Fatal(err)
		}
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
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := stamp("-X a={x.dev/one} -X b={x.dev/two/v2 minor}", file)
	if want := "-X a=v1.2.3 -X b=36"; got != want || err != nil {
		t.Errorf("stamp gives %q, %v, not %q", got, err, want)
	}
	if _, err := stamp("{x.dev/three}", file); err == nil {
		t.Error("a module that is not required was given a version")
	}
}

func TestWhatIsPinnedCanBeRead(t *testing.T) {
	for _, p := range Catalogue() {
		for _, c := range p.Commands {
			if _, err := stamp(c.LDFlags, filepath.Join("..", p.Module, "go.mod")); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
	}
}
