package image

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// Archive writes the index as a tar file of an OCI layout, which containerd, podman, skopeo and Docker 25 import. Unpacked, it is
// the folder that `crane push` takes.
func (i Image) Archive(out io.Writer, index v1.ImageIndex) error {
	folder, err := os.MkdirTemp("", "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // It is in the folder for temporary files.
	path, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	err = path.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": i.Version,
		"io.containerd.image.name":          i.Name + ":" + i.Version, // what containerd calls it after the import
	}))
	if err != nil {
		return err
	}
	return pack(out, folder)
}

// pack writes a folder as a tar file, sorted by name and without times and owners.
func pack(out io.Writer, folder string) error {
	files := tar.NewWriter(out)
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(files, folder, name)
	})
	return errors.Join(err, files.Close())
}

func add(files *tar.Writer, folder, name string) error {
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	info, err := file.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: 0o644, Size: info.Size(), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
	if err := files.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(files, file)
	return err
}
