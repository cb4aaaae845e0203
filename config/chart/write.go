package chart

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes the files in the chart's folder under root those of the chart: it removes what is there besides.
func (f Files) Write(root string) error {
	folder := filepath.Join(root, Folder)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	for path, content := range f {
		file := filepath.Join(folder, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, content, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// Read reads the files of the chart under root.
func Read(root string) (Files, error) {
	files, folder := Files{}, os.DirFS(filepath.Join(root, Folder))
	err := fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(folder, path)
		return err
	})
	return files, err
}
