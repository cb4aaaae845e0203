package parts

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	goruntime "runtime"
	"strings"
)

// fingerprint differs for two builds of a part exactly if the builds may differ: it covers the toolchain, the platform, the
// commands and flags, the pinned modules and our own sources.
func (b bench) fingerprint(p Part) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, goruntime.Version(), goruntime.GOOS, goruntime.GOARCH, p.Name, recipe)
	fmt.Fprintf(sum, "%+v\n", []any{p.Commands, p.Files, p.Definitions})
	if len(p.Terse) > 0 {
		fmt.Fprintln(sum, p.Terse)
	}
	if p.Completion.Module != "" {
		fmt.Fprintf(sum, "%+v\n", p.Completion)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := hashFile(sum, filepath.Join(b.sources, p.Module, name)); err != nil {
			return "", err
		}
	}
	for _, folder := range p.Sources {
		if err := hashTree(sum, filepath.Join(b.sources, p.Module, folder)); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}

// recipe is counted up when this package changes what it writes for the same input.
const recipe = 1

// hashTree adds every file under folder but tests, in the order of their names.
func hashTree(sum io.Writer, folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		fmt.Fprintln(sum, relative)
		return hashFile(sum, path)
	})
}

func hashFile(sum io.Writer, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(sum, "%d\n%s\n", len(data), data)
	return err
}

// placeholder in a Command's LDFlags: {module path} or {module path minor}.
var placeholder = regexp.MustCompile(`\{([^ }]+)( minor)?\}`)

// Version of a module that a part's go.mod requires, such as v1.36.3.
func Version(part, path string) (string, error) {
	p, err := find(part)
	if err != nil {
		return "", err
	}
	root, err := Checkout()
	if err != nil {
		return "", err
	}
	return required(filepath.Join(root, "test", "cluster", p.Module, "go.mod"), path)
}

// required returns the version of a module in a go.mod file.
func required(goMod, path string) (string, error) {
	data, err := os.ReadFile(goMod)
	if err != nil {
		return "", err
	}
	line := regexp.MustCompile(`(?m)^(?:require|\t)\s*` + regexp.QuoteMeta(path) + ` (v\S+)`)
	if found := line.FindSubmatch(data); found != nil {
		return string(found[1]), nil
	}
	return "", fmt.Errorf("%s does not require %s", goMod, path)
}

// stamp fills the versions from go.mod into a command's linker flags.
func stamp(flags, goMod string) (string, error) {
	var failed error
	flags = placeholder.ReplaceAllStringFunc(flags, func(match string) string {
		found := placeholder.FindStringSubmatch(match)
		version, err := required(goMod, found[1])
		if err != nil {
			failed = err
			return ""
		}
		if found[2] != "" {
			return strings.Split(version, ".")[1]
		}
		return version
	})
	return flags, failed
}
