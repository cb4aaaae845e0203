package plugin

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"

	"github.com/fluxmonitoring/operator/release/binary"
)

// file is one of an archive.
type file struct {
	name    string
	content []byte
}

// Pack writes the archive for a platform: the binary, the licence, which Krew requires, and the script that completes arguments if kubectl
// can run it. The same files give the same bytes.
func (p Plugin) Pack(out io.Writer, platform binary.Platform, executableFile, licenceFile, completionFile string) error {
	packed := []file{{name: executable(platform)}, {name: "LICENSE"}, {name: Completion}}
	paths := []string{executableFile, licenceFile, completionFile}
	if platform.OS == "windows" {
		packed = packed[:2]
	}
	for i := range packed {
		content, err := os.ReadFile(paths[i])
		if err != nil {
			return err
		}
		packed[i].content = content
	}
	if platform.OS == "windows" {
		return p.zip(out, packed)
	}
	return p.tar(out, packed)
}

func (p Plugin) tar(out io.Writer, files []file) error {
	compressed := gzip.NewWriter(out)
	archive := tar.NewWriter(compressed)
	for _, f := range files {
		header := &tar.Header{
			Name: f.name, Mode: 0o755, Size: int64(len(f.content)), ModTime: p.Created.UTC(), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(f.content); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

func (p Plugin) zip(out io.Writer, files []file) error {
	archive := zip.NewWriter(out)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: p.Created.UTC()}
		header.SetMode(0o755)
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.content); err != nil {
			return err
		}
	}
	return archive.Close()
}
