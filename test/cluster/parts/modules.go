package parts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
)

// Completion is a module that does not compile as the module proxy serves it, because what its release generates is not
// in its repository, and what to put in that place.
type Completion struct {
	// Module the files are added to. Empty, as most parts have it, if every module is whole.
	Module string
	// Files by path in the module, slash-separated, and their content.
	Files map[string]string
}

// complete returns the flags that have go build take the completed copy of a part's module instead of the module
// cache's, which an overlay may not touch. Nothing is changed in the checkout: the copy and the go.mod that refers to it
// lie in scratch, which the caller removes after the build.
func (b bench) complete(ctx context.Context, p Part, scratch string) ([]string, error) {
	if p.Completion.Module == "" {
		return nil, nil
	}
	source, err := b.moduleFolder(ctx, p.Module, p.Completion.Module)
	if err != nil {
		return nil, err
	}
	whole := filepath.Join(scratch, "module")
	if err := os.CopyFS(whole, os.DirFS(source)); err != nil {
		return nil, fmt.Errorf("copying %s: %w", p.Completion.Module, err)
	}
	if err := addFiles(whole, p.Completion.Files); err != nil {
		return nil, fmt.Errorf("completing %s: %w", p.Completion.Module, err)
	}
	goMod := filepath.Join(scratch, "go.mod")
	if err := replacing(filepath.Join(b.sources, p.Module), goMod, p.Completion.Module, whole); err != nil {
		return nil, err
	}
	return []string{"-modfile=" + goMod}, nil
}

// addFiles writes files into a folder. A file that is there already is an error: the module has become whole.
func addFiles(folder string, files map[string]string) error {
	added := fstest.MapFS{}
	for name, content := range files {
		added[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return os.CopyFS(folder, added)
}

// replacing writes a go.mod like that of a folder, but with a module taken from another folder, and the go.sum that go
// looks for beside it.
func replacing(folder, goMod, module, by string) error {
	lines, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(folder, "go.sum"))
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(goMod, fmt.Appendf(lines, "\nreplace %s => %s\n", module, by), 0o644),
		os.WriteFile(filepath.Join(filepath.Dir(goMod), "go.sum"), sums, 0o644),
	)
}

// copyFiles copies what a part takes out of modules.
func (b bench) copyFiles(ctx context.Context, p Part, folder string) error {
	for _, f := range p.Files {
		source, err := b.moduleFolder(ctx, f.Pin, f.Module)
		if err != nil {
			return err
		}
		from, to := filepath.Join(source, filepath.FromSlash(f.Folder)), filepath.Join(folder, filepath.FromSlash(f.Into))
		if err := copyYAML(from, to); err != nil {
			return err
		}
	}
	return nil
}

// generate makes a part's custom resource definitions.
func (b bench) generate(ctx context.Context, p Part, folder string) error {
	if len(p.Definitions.Packages) == 0 {
		return nil
	}
	_, err := b.run(ctx, filepath.Join(b.sources, p.Module), false, "tool", "controller-gen", "crd",
		"paths="+strings.Join(p.Definitions.Packages, ";"), "output:crd:dir="+filepath.Join(folder, p.Definitions.Into))
	return err
}

// moduleFolder returns where the module cache holds a module, and fetches it if it must.
func (b bench) moduleFolder(ctx context.Context, pin, module string) (string, error) {
	out, err := b.run(ctx, filepath.Join(b.sources, pin), false, "mod", "download", "-json", module)
	if err != nil {
		return "", err
	}
	var found struct{ Dir, Error string }
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		return "", fmt.Errorf("reading the output of go mod download about %s: %w", module, err)
	}
	if found.Error != "" {
		return "", fmt.Errorf("downloading %s: %s", module, found.Error)
	}
	return found.Dir, nil
}

// copyYAML copies the YAML files under one folder into another.
func copyYAML(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}
