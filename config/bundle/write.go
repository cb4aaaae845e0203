package bundle

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes the files under root those of the bundle: it removes what is in bundle/ besides.
func (f Files) Write(root string) error {
	if err := os.RemoveAll(filepath.Join(root, "bundle")); err != nil {
		return err
	}
	for path, content := range f {
		file := filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, content, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// Read reads the files of the bundle under root.
func Read(root string) (Files, error) {
	files := Files{}
	err := fs.WalkDir(os.DirFS(root), "bundle", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(filepath.Join(root, path))
		return err
	})
	if err != nil {
		return nil, err
	}
	files["bundle.Dockerfile"], err = os.ReadFile(filepath.Join(root, "bundle.Dockerfile"))
	return files, err
}
