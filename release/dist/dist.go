// Package dist writes the files of a release: the operator's binaries, image and manifests, the plugin of kubectl, SBOMs and checksums. It
// knows their names and the order of the steps; how each is made is for the packages beside it. It publishes and signs nothing.
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
	// Plugins are the platforms that the plugin of kubectl is made for. A release has plugin.Platforms. Without any the plugin is left out.
	Plugins []binary.Platform
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
	digest, err := r.operator(ctx, &w)
	if err != nil {
		return err
	}
	if err := r.plugin(ctx, &w); err != nil {
		return err
	}
	if err := w.checksums(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(progress, "%s@%s\n", tag, digest)
	return err
}

// operator writes what is of the operator, and returns the digest of its image.
func (r Release) operator(ctx context.Context, w *writer) (v1.Hash, error) {
	binaries, err := r.binaries(ctx, w)
	if err != nil {
		return v1.Hash{}, err
	}
	digest, err := r.image(w, byArchitecture(binaries))
	if err != nil {
		return v1.Hash{}, err
	}
	manifests, err := install.YAML(r.Checkout, r.Image, r.Version, digest.String())
	if err != nil {
		return v1.Hash{}, err
	}
	if err := w.write("install.yaml", manifests); err != nil {
		return v1.Hash{}, err
	}
	return digest, r.sbom(w, "operator.cdx.json", binaries)
}

// binaries builds the operator for each architecture, and returns the files in that order.
func (r Release) binaries(ctx context.Context, w *writer) (files []string, err error) {
	for _, arch := range Architectures {
		platform := binary.Platform{OS: "linux", Arch: arch}
		name := "operator_" + platform.OS + "_" + platform.Arch
		file := filepath.Join(r.Out, name)
		if err := r.build(ctx, ".", platform, file); err != nil {
			return nil, err
		}
		if err := w.wrote(name); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// build builds a program of the checkout.
func (r Release) build(ctx context.Context, of string, platform binary.Platform, out string) error {
	return binary.Build{Source: r.Checkout, Package: of, Version: r.Version, Platform: platform, Out: out}.Run(ctx)
}

// byArchitecture are the files that binaries returns.
func byArchitecture(files []string) map[string]string {
	found := map[string]string{}
	for i, arch := range Architectures {
		found[arch] = files[i]
	}
	return found
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

func (r Release) sbom(w *writer, name string, binaries []string) error {
	document, err := sbom.Product{Version: r.Version, Source: r.Source, Created: r.Created, Binaries: binaries}.Document()
	if err != nil {
		return err
	}
	return w.write(name, document)
}
