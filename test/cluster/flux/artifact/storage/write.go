package storage

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fluxcd/pkg/apis/meta"
	"github.com/fluxcd/pkg/sourceignore"
	"github.com/fluxcd/pkg/sourceignore/gitignore"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxcd/pkg/artifact/digest"
)

// ArchiveFileFilter tells whether a file is left out of an archive.
type ArchiveFileFilter func(path string, info fs.FileInfo) bool

// SourceIgnoreFilter leaves out what Flux's default patterns and these match.
func SourceIgnoreFilter(patterns []gitignore.Pattern, domain []string) ArchiveFileFilter {
	defaults := sourceignore.NewDefaultMatcher(patterns, domain)
	return func(path string, info fs.FileInfo) bool {
		return defaults.Match(strings.Split(path, string(filepath.Separator)), info.IsDir())
	}
}

// Archive packs a folder into the artifact, and sets the artifact's digest, size and time.
func (s Storage) Archive(artifact *meta.Artifact, folder string, filter ArchiveFileFilter) error {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("%q is no folder to archive", folder)
	}
	return s.write(artifact, func(out io.Writer) error {
		compressed := gzip.NewWriter(out)
		archive := tar.NewWriter(compressed)
		if err := pack(archive, folder, filter); err != nil {
			return err
		}
		return errors.Join(archive.Close(), compressed.Close())
	})
}

// pack adds the files of a folder, without what tells when and by whom they were made.
func pack(archive *tar.Writer, folder string, filter ArchiveFileFilter) error {
	return filepath.Walk(folder, func(path string, info fs.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() && !info.IsDir() || filter != nil && filter(path, info) {
			return nil
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil || relative == "." {
			return err
		}
		header := &tar.Header{Name: filepath.ToSlash(relative), Mode: int64(info.Mode().Perm()), Typeflag: tar.TypeDir, ModTime: time.Unix(0, 0)}
		if info.IsDir() {
			return archive.WriteHeader(header)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		header.Typeflag, header.Size = tar.TypeReg, int64(len(data))
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err = archive.Write(data)
		return err
	})
}

// Copy writes what it reads into the artifact.
func (s Storage) Copy(artifact *meta.Artifact, in io.Reader) error {
	return s.write(artifact, func(out io.Writer) error {
		_, err := io.Copy(out, in)
		return err
	})
}

// CopyFromPath copies a file into the artifact.
func (s Storage) CopyFromPath(artifact *meta.Artifact, file string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // It was only read.
	return s.Copy(artifact, in)
}

// CopyToPath unpacks a folder of the artifact, or all of it, into another folder.
func (s Storage) CopyToPath(artifact *meta.Artifact, part, folder string) error {
	file, err := os.Open(s.LocalPath(*artifact))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	compressed, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	part = strings.Trim(filepath.Clean("/"+part), "/")
	for archive := tar.NewReader(compressed); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		relative, inside := strings.CutPrefix(strings.Trim(header.Name, "/"), part)
		if !inside || header.Typeflag != tar.TypeReg {
			continue
		}
		target := filepath.Join(folder, filepath.Clean("/"+relative))
		if err := unpack(archive, target, header.FileInfo().Mode().Perm()); err != nil {
			return err
		}
	}
}

func unpack(in io.Reader, target string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return err
	}
	out, err := os.OpenFile(target, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// write fills the artifact's file in one step, and notes what it holds.
func (s Storage) write(artifact *meta.Artifact, fill func(io.Writer) error) error {
	target := s.LocalPath(*artifact)
	aside, err := os.CreateTemp(filepath.Dir(target), ".writing-*")
	if err != nil {
		return err
	}
	defer os.Remove(aside.Name()) //nolint:errcheck // It is gone if all went well.
	digester := digest.Canonical.Digester()
	if err := errors.Join(fill(io.MultiWriter(aside, digester.Hash())), aside.Close()); err != nil {
		return err
	}
	info, err := os.Stat(aside.Name())
	if err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(aside.Name(), 0o600), os.Rename(aside.Name(), target)); err != nil {
		return err
	}
	size := info.Size()
	artifact.Digest, artifact.Size, artifact.LastUpdateTime = digester.Digest().String(), &size, metav1.Now()
	return nil
}
