// Package golden compares what a test renders with a file that is committed, and renews the file when a test runs with -update.
package golden

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/pmezard/go-difflib/difflib"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "renew the golden files")

// File expects a file to hold a text. If it does not, the test fails with a unified diff; with -update the file is written instead.
func File(t testing.TB, path, want string) {
	t.Helper()
	if *update {
		if err := write(path, want); err != nil {
			t.Fatal(err)
		}
		return
	}
	held, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v\nrenew with: make update", err)
	}
	if string(held) != want {
		t.Errorf("%s is not current. Renew it with: make update\n%s", path, diff(string(held), want))
	}
}

// YAML expects a file to hold a value in YAML, as File does. No text of it is wrapped.
func YAML(t testing.TB, path string, want any) {
	t.Helper()
	var plain any
	content, err := json.Marshal(want)
	if err == nil {
		err = json.Unmarshal(content, &plain)
	}
	if err == nil {
		content, err = yaml.Marshal(plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	File(t, path, string(content))
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// diff is what changes from the text of a file to what the test has.
func diff(held, want string) string {
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: difflib.SplitLines(held), FromFile: "committed", B: difflib.SplitLines(want), ToFile: "rendered", Context: 2,
	})
	if err != nil {
		return err.Error()
	}
	return text
}
