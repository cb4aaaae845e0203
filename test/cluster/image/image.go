// Package image makes container images of single static binaries, as tar files that containerd, Docker and podman import.
package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// user is whom the binary runs as: a number, so that the kubelet knows that it is not root.
const user = "65532:65532"

// Image is an image to make.
type Image struct {
	// Ref is its name, such as ghcr.io/fluxcd/source-controller:v1.9.6.
	Ref string
	// Binary is the file to put into it, statically linked. Beside it there is nothing but a /tmp.
	Binary string
	// Path of the binary in the image, which is its entrypoint too.
	Path string
}

type object = map[string]any

// Write writes the image to out, as `docker save` does. It reads the binary twice, and holds none of it in memory.
func (i Image) Write(out io.Writer) error {
	if err := i.write(out); err != nil {
		return fmt.Errorf("making %s of %s: %w", i.Ref, i.Binary, err)
	}
	return nil
}

func (i Image) write(out io.Writer) error {
	digest := sha256.New()
	size, err := i.writeLayer(digest)
	if err != nil {
		return err
	}
	config, err := json.Marshal(object{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": object{"Entrypoint": []string{i.Path}, "User": user, "WorkingDir": "/"},
		"rootfs": object{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", digest.Sum(nil))}},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]object{{"Config": "config.json", "RepoTags": []string{i.Ref}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}
	files := tar.NewWriter(out)
	if err := errors.Join(add(files, "config.json", config), files.WriteHeader(header("layer.tar", 0o644, size))); err != nil {
		return err
	}
	if _, err := i.writeLayer(files); err != nil {
		return err
	}
	return errors.Join(add(files, "manifest.json", manifest), files.Close())
}

// writeLayer writes the image's only layer, which is the same every time, and returns how many bytes it has.
func (i Image) writeLayer(out io.Writer) (size int64, err error) {
	binary, err := os.Open(i.Binary)
	if err != nil {
		return 0, err
	}
	defer binary.Close() //nolint:errcheck // It was only read.
	info, err := binary.Stat()
	if err != nil {
		return 0, err
	}
	counted := &counter{Writer: out}
	files := tar.NewWriter(counted)
	path := strings.TrimPrefix(i.Path, "/")
	for n, c := range path {
		if c != '/' {
			continue
		}
		if err := files.WriteHeader(&tar.Header{Name: path[:n+1], Mode: 0o755, Typeflag: tar.TypeDir}); err != nil {
			return 0, err
		}
	}
	if err := errors.Join(
		files.WriteHeader(&tar.Header{Name: "tmp/", Mode: 0o1777, Typeflag: tar.TypeDir}), files.WriteHeader(header(path, 0o755, info.Size())),
	); err != nil {
		return 0, err
	}
	_, err = io.Copy(files, binary)
	return counted.bytes, errors.Join(err, files.Close())
}

// counter counts what is written through it.
type counter struct {
	io.Writer
	bytes int64
}

func (c *counter) Write(data []byte) (int, error) {
	n, err := c.Writer.Write(data)
	c.bytes += int64(n)
	return n, err
}

func header(name string, mode, size int64) *tar.Header {
	return &tar.Header{Name: name, Mode: mode, Size: size, Typeflag: tar.TypeReg}
}

func add(files *tar.Writer, name string, data []byte) error {
	if err := files.WriteHeader(header(name, 0o644, int64(len(data)))); err != nil {
		return err
	}
	_, err := files.Write(data)
	return err
}
