package parts

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

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
		return "", fmt.Errorf("reading what go mod download says about %s: %w", module, err)
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
