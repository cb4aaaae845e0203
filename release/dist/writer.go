package dist

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// writer writes files into a folder, and remembers which.
type writer struct {
	folder   string
	progress io.Writer
	names    []string
}

func (w *writer) write(name string, content []byte) error {
	return w.stream(name, func(out io.Writer) error {
		_, err := io.Copy(out, bytes.NewReader(content))
		return err
	})
}

func (w *writer) stream(name string, content func(io.Writer) error) error {
	file, err := os.Create(filepath.Join(w.folder, name))
	if err != nil {
		return err
	}
	if err := errors.Join(content(file), file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return w.wrote(name)
}

// wrote notes a file that is there.
func (w *writer) wrote(name string) error {
	info, err := os.Stat(filepath.Join(w.folder, name))
	if err != nil {
		return err
	}
	w.names = append(w.names, name)
	_, err = fmt.Fprintf(w.progress, "%-36s %6d kB\n", name, (info.Size()+999)/1000)
	return err
}

// checksums writes checksums.txt as `sha256sum --check` reads it.
func (w *writer) checksums() error {
	var sums bytes.Buffer
	for _, name := range slices.Sorted(slices.Values(w.names)) {
		sum, err := w.sum(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, name)
	}
	return w.write("checksums.txt", sums.Bytes())
}

// sum is the SHA-256 of a file, in hexadecimal digits.
func (w *writer) sum(name string) (string, error) {
	content, err := os.ReadFile(filepath.Join(w.folder, name))
	return fmt.Sprintf("%x", sha256.Sum256(content)), err
}
