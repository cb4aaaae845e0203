package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// failing records the errors of a test.
type failing struct {
	testing.TB
	errors string
}

func (f *failing) Helper()                           {}
func (f *failing) Errorf(format string, args ...any) { f.errors += fmt.Sprintf(format, args...) }

func TestAFileThatIsNotCurrentFailsWithADiff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "then.yaml")
	if err := write(path, "a: 1\nb: 2\nc: 3\n"); err != nil {
		t.Fatal(err)
	}
	f := &failing{TB: t}
	File(f, path, "a: 1\nb: 2\nc: 3\n")
	if f.errors != "" {
		t.Fatalf("a current file fails: %s", f.errors)
	}
	File(f, path, "a: 1\nb: 5\nc: 3\n")
	for _, part := range []string{path + " is not current", "make update", "\n a: 1\n-b: 2\n+b: 5\n c: 3\n"} {
		if !strings.Contains(f.errors, part) {
			t.Errorf("%q is not in: %s", part, f.errors)
		}
	}
}

func TestUpdateWritesTheFile(t *testing.T) {
	*update = true
	defer func() { *update = false }()
	path := filepath.Join(t.TempDir(), "a", "then.yaml")
	File(t, path, "a: 1\n")
	if held, err := os.ReadFile(path); err != nil || string(held) != "a: 1\n" {
		t.Errorf("%q, %v", held, err)
	}
}
