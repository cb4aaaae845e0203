package main

import (
	"errors"
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
