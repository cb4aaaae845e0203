package parts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAModuleIsCompletedWithFilesThatItLacksAndNoOthers(t *testing.T) {
	folder := t.TempDir()
	if err := addFiles(folder, map[string]string{"ui/dist/index.html": "page"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, "ui", "dist", "index.html"))
	if string(got) != "page" || err != nil {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if err := addFiles(folder, map[string]string{"ui/dist/index.html": "another"}); err == nil {
		t.Error("a file that the module has was replaced")
	}
}

func TestACompletedModuleIsBuiltAsItIsPinnedButFromItsCopy(t *testing.T) {
	pins, scratch := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{"go.mod": "module m\n\nrequire x.dev/one v1.2.3\n", "go.sum": "x.dev/one v1.2.3 h1:sum\n"} {
		if err := os.WriteFile(filepath.Join(pins, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := replacing(pins, filepath.Join(scratch, "go.mod"), "x.dev/one", "/copy"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"go.mod": "module m\n\nrequire x.dev/one v1.2.3\n\nreplace x.dev/one => /copy\n",
		"go.sum": "x.dev/one v1.2.3 h1:sum\n",
	} {
		if got, err := os.ReadFile(filepath.Join(scratch, name)); string(got) != want || err != nil {
			t.Errorf("%s is %q, %v, not %q", name, got, err, want)
		}
	}
}

func TestWhatIsCompletedIsPinned(t *testing.T) {
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
