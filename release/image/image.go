// Package image makes the image of the operator: its binary and nothing else, for several platforms, without a registry and
// without a container engine. It knows OCI, by the library go-containerregistry, and takes the binaries as files.
package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	// User is whom the operator runs as: a number, as Kubernetes cannot tell from a name that it is not root.
	User = "65532:65532"
	// Path is where the binary is.
	Path = "/operator"
)

// Image says what to make.
type Image struct {
	// Name is where it is published, such as ghcr.io/fluxmonitoring/operator.
	Name string
	// Version is its tag.
	Version string
	// Revision is the commit that it was built from.
	Revision string
	// Source is the address of the repository.
	Source string
	// Created is the time of the commit. The time of the build would differ from build to build.
	Created time.Time
	// Binaries are the files, by architecture.
	Binaries map[string]string
}

// labels are the keys of the OCI image specification, the same on the index, on each image and in its configuration.
func (i Image) labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       "Flux Monitoring Operator",
		"org.opencontainers.image.description": "Makes Flux observable by one custom resource",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.source":      i.Source,
		"org.opencontainers.image.version":     i.Version,
		"org.opencontainers.image.revision":    i.Revision,
		"org.opencontainers.image.created":     i.Created.UTC().Format(time.RFC3339),
	}
}

// Index returns the image of all platforms.
func (i Image) Index() (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range slices.Sorted(maps.Keys(i.Binaries)) {
		image, err := i.platform(arch)
		if err != nil {
			return nil, fmt.Errorf("making the image for %s: %w", arch, err)
		}
		platform := v1.Platform{OS: "linux", Architecture: arch}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}})
	}
	return mutate.Annotations(index, i.labels()).(v1.ImageIndex), nil
}

// platform returns the image of one architecture.
func (i Image) platform(arch string) (v1.Image, error) {
	binary, err := os.ReadFile(i.Binaries[arch])
	if err != nil {
		return nil, err
	}
	layer, err := layer(binary)
	if err != nil {
		return nil, err
	}
	created := v1.Time{Time: i.Created.UTC()}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		OS: "linux", Architecture: arch, Created: created, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{Entrypoint: []string{Path}, User: User, WorkingDir: "/", Labels: i.labels()},
	})
	if err != nil {
		return nil, err
	}
	image, err = mutate.Append(image, mutate.Addendum{
		Layer: layer, History: v1.History{Created: created, CreatedBy: "COPY operator " + Path},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(image, i.labels()).(v1.Image), nil
}

// layer holds the binary and nothing else: no folder, no shell, no certificates, as the operator trusts only the cluster's. Times
// are left at zero, so that versions with the same binary share it.
func layer(binary []byte) (v1.Layer, error) {
	var files bytes.Buffer
	writer := tar.NewWriter(&files)
	header := &tar.Header{Name: Path[1:], Mode: 0o755, Size: int64(len(binary)), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
	if err := writer.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := writer.Write(binary); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files.Bytes())), nil }
	return tarball.LayerFromOpener(opener, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
}
