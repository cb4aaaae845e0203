// Package dist writes the files of a release: binaries, image, manifests, SBOM and their checksums. It knows their names and the
// order of the steps; how each is made is for the packages beside it. It publishes and signs nothing.
package dist

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/fluxmonitoring/operator/release/binary"
	"github.com/fluxmonitoring/operator/release/image"
	"github.com/fluxmonitoring/operator/release/install"
	"github.com/fluxmonitoring/operator/release/sbom"
	"github.com/fluxmonitoring/operator/release/versions"
)

// Architectures that a release is for.
var Architectures = []string{"amd64", "arm64"}

// Release says what to write.
type Release struct {
	// Checkout is the folder of the operator's sources.
	Checkout string
	// Out is the folder to write to.
	Out string
	// Version, such as v0.1.0. That of a release is to be the one that the manifests are of.
	Version string
	// Image is the name of the image without tag and digest.
	Image string
	// Source is the address of the repository.
	Source string
	// Revision is the commit.
	Revision string
	// Created is the commit's time.
	Created time.Time
}

// Write writes all files, and says on progress which.
func (r Release) Write(ctx context.Context, progress io.Writer) error {
	tag, err := name.NewTag(r.Image+":"+r.Version, name.StrictValidation)
	if err != nil {
		return fmt.Errorf("image and version do not make a name of an image, such as %s:v0.1.0: %w", install.Image, err)
	}
	if err := versions.Agree(r.Checkout, r.Version); err != nil {
		return err
	}
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return err
	}
	w := writer{folder: r.Out, progress: progress}
	binaries, err := r.binaries(ctx, &w)
	if err != nil {
		return err
	}
	digest, err := r.image(&w, binaries)
	if err != nil {
		return err
	}
	manifests, err := install.YAML(r.Checkout, r.Image, r.Version, digest.String())
	if err != nil {
		return err
	}
	if err := w.write("install.yaml", manifests); err != nil {
		return err
	}
	if err := r.sbom(&w, binaries); err != nil {
		return err
	}
	if err := w.checksums(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(progress, "%s@%s\n", tag, digest)
	return err
}

// binaries builds the operator for each architecture, and returns the files.
func (r Release) binaries(ctx context.Context, w *writer) (map[string]string, error) {
	files := map[string]string{}
	for _, arch := range Architectures {
		name := "operator_" + binary.OS + "_" + arch
		files[arch] = filepath.Join(r.Out, name)
		if err := (binary.Build{Source: r.Checkout, Version: r.Version, Arch: arch, Out: files[arch]}).Run(ctx); err != nil {
			return nil, err
		}
		if err := w.wrote(name); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// image writes the image, and the file that holds its digest.
func (r Release) image(w *writer, binaries map[string]string) (v1.Hash, error) {
	made := image.Image{
		Name: r.Image, Version: r.Version, Revision: r.Revision, Source: r.Source, Created: r.Created, Binaries: binaries,
	}
	index, err := made.Index()
	if err != nil {
		return v1.Hash{}, err
	}
	digest, err := index.Digest()
	if err != nil {
		return v1.Hash{}, err
	}
	err = w.stream("image.tar", func(out io.Writer) error { return made.Archive(out, index) })
	if err != nil {
		return v1.Hash{}, err
	}
	return digest, w.write("image.digest", []byte(digest.String()+"\n"))
}

func (r Release) sbom(w *writer, binaries map[string]string) error {
	product := sbom.Product{Version: r.Version, Source: r.Source, Created: r.Created}
	for _, arch := range Architectures {
		product.Binaries = append(product.Binaries, binaries[arch])
	}
	document, err := product.Document()
	if err != nil {
		return err
	}
	return w.write("operator.cdx.json", document)
}
