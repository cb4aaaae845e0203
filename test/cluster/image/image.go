// Package image makes container images of single static binaries, as tar files that containerd, Docker and podman import.
package image

import (
	"archive/tar"
	"bytes"
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

// Write writes the image to out, as `docker save` does.
func (i Image) Write(out io.Writer) error {
	layer, err := i.layer()
	if err != nil {
		return fmt.Errorf("making %s of %s: %w", i.Ref, i.Binary, err)
	}
	config, err := json.Marshal(object{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": object{"Entrypoint": []string{i.Path}, "User": user, "WorkingDir": "/"},
		"rootfs": object{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer))}},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]object{{"Config": "config.json", "RepoTags": []string{i.Ref}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}
	files := tar.NewWriter(out)
	return errors.Join(
		add(files, "config.json", 0o644, config), add(files, "layer.tar", 0o644, layer), add(files, "manifest.json", 0o644, manifest),
		files.Close(),
	)
}

// layer is the image's only layer, which is the same every time.
func (i Image) layer() ([]byte, error) {
	binary, err := os.ReadFile(i.Binary)
	if err != nil {
		return nil, err
	}
	var layer bytes.Buffer
	files := tar.NewWriter(&layer)
	path := strings.TrimPrefix(i.Path, "/")
	for n, c := range path {
		if c != '/' {
			continue
		}
		if err := files.WriteHeader(&tar.Header{Name: path[:n+1], Mode: 0o755, Typeflag: tar.TypeDir}); err != nil {
			return nil, err
		}
	}
	err = errors.Join(
		files.WriteHeader(&tar.Header{Name: "tmp/", Mode: 0o1777, Typeflag: tar.TypeDir}),
		add(files, path, 0o755, binary),
		files.Close(),
	)
	return layer.Bytes(), err
}

func add(files *tar.Writer, name string, mode int64, data []byte) error {
	err := files.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(data)), Typeflag: tar.TypeReg})
	if err != nil {
		return err
	}
	_, err = files.Write(data)
	return err
}
