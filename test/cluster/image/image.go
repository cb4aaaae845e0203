// Package image makes container images of single static binaries, as tar files in the layout of the Open Container
// Initiative that containerd, Docker and podman import.
package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"strings"
)

// user is whom the binary runs as: a number, so that the kubelet can tell it is not root.
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

// Write writes the image to out.
func (i Image) Write(out io.Writer) error {
	binary, err := os.Open(i.Binary)
	if err != nil {
		return err
	}
	defer binary.Close() //nolint:errcheck // It was only read.
	layer := &counter{Hash: sha256.New()}
	if err := i.layer(layer, binary); err != nil {
		return fmt.Errorf("making %s of %s: %w", i.Ref, i.Binary, err)
	}
	config := encode(object{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": object{"Entrypoint": []string{i.Path}, "User": user, "WorkingDir": "/"},
		"rootfs": object{"type": "layers", "diff_ids": []string{layer.digest()}},
	})
	manifest := encode(object{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": descriptor("config.v1+json", config),
		"layers": []object{{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer.digest(), "size": layer.size}},
	})
	entry := descriptor("manifest.v1+json", manifest)
	entry["platform"] = object{"architecture": runtime.GOARCH, "os": "linux"}
	entry["annotations"] = object{"io.containerd.image.name": i.Ref, "org.opencontainers.image.ref.name": i.Ref}
	index := object{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []object{entry}}

	files := tar.NewWriter(out)
	return errors.Join(
		add(files, "oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)),
		add(files, blob(digest(config)), config),
		add(files, blob(digest(manifest)), manifest),
		add(files, "index.json", encode(index)),
		files.WriteHeader(&tar.Header{Name: blob(layer.digest()), Mode: 0o644, Size: layer.size, Typeflag: tar.TypeReg}),
		i.layer(files, binary),
		files.Close(),
	)
}

// layer writes the image's only layer, which is the same every time.
func (i Image) layer(out io.Writer, binary *os.File) error {
	info, err := binary.Stat()
	if err != nil {
		return err
	}
	if _, err := binary.Seek(0, io.SeekStart); err != nil {
		return err
	}
	files := tar.NewWriter(out)
	path := strings.TrimPrefix(i.Path, "/")
	for n, c := range path {
		if c != '/' {
			continue
		}
		if err := files.WriteHeader(&tar.Header{Name: path[:n+1], Mode: 0o755, Typeflag: tar.TypeDir}); err != nil {
			return err
		}
	}
	if err := files.WriteHeader(&tar.Header{Name: "tmp/", Mode: 0o1777, Typeflag: tar.TypeDir}); err != nil {
		return err
	}
	if err := files.WriteHeader(&tar.Header{Name: path, Mode: 0o755, Size: info.Size(), Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	if _, err := io.Copy(files, binary); err != nil {
		return err
	}
	return files.Close()
}

func add(files *tar.Writer, name string, data []byte) error {
	err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg})
	if err != nil {
		return err
	}
	_, err = files.Write(data)
	return err
}

// encode returns the JSON of what is known to have one.
func encode(o object) []byte {
	data, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return data
}

func descriptor(kind string, data []byte) object {
	return object{"mediaType": "application/vnd.oci.image." + kind, "digest": digest(data), "size": len(data)}
}

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

func blob(digest string) string { return "blobs/" + strings.Replace(digest, ":", "/", 1) }

// counter hashes and counts what is written to it.
type counter struct {
	hash.Hash
	size int64
}

func (c *counter) Write(data []byte) (int, error) {
	c.size += int64(len(data))
	return c.Hash.Write(data)
}

func (c *counter) digest() string { return fmt.Sprintf("sha256:%x", c.Sum(nil)) }
