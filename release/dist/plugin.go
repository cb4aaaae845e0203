package dist

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/fluxmonitoring/operator/release/binary"
	"github.com/fluxmonitoring/operator/release/plugin"
)

// plugin writes the plugin of kubectl: an archive for each platform, the manifests that name them, and the SBOM of the binaries.
func (r Release) plugin(ctx context.Context, w *writer) error {
	if len(r.Plugins) == 0 {
		return nil
	}
	scratch, err := os.MkdirTemp("", "plugin-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // It is in the folder for temporary files.
	packed := plugin.Plugin{Version: r.Version, Source: r.Source, Created: r.Created}
	var archives []plugin.Archive
	var binaries []string
	for _, platform := range r.Plugins {
		file := filepath.Join(scratch, plugin.Binary+"_"+platform.OS+"_"+platform.Arch)
		if err := r.build(ctx, plugin.Package, platform, file); err != nil {
			return err
		}
		archive, err := r.pack(w, packed, platform, file)
		if err != nil {
			return err
		}
		archives, binaries = append(archives, archive), append(binaries, file)
	}
	if err := r.sbom(w, plugin.Binary+".cdx.json", binaries); err != nil {
		return err
	}
	return manifests(w, packed, archives)
}

// pack writes the archive for a platform.
func (r Release) pack(w *writer, packed plugin.Plugin, platform binary.Platform, file string) (plugin.Archive, error) {
	name := plugin.FileName(platform)
	completion := filepath.Join(r.Checkout, plugin.Package, plugin.Completion)
	licence := filepath.Join(r.Checkout, "LICENSE")
	err := w.stream(name, func(out io.Writer) error { return packed.Pack(out, platform, file, licence, completion) })
	if err != nil {
		return plugin.Archive{}, err
	}
	sum, err := w.sum(name)
	return plugin.Archive{Platform: platform, SHA256: sum}, err
}

// manifests writes what plugin managers read.
func manifests(w *writer, packed plugin.Plugin, archives []plugin.Archive) error {
	krew, err := packed.Krew(archives)
	if err != nil {
		return err
	}
	if err := w.write(plugin.KrewManifest, krew); err != nil {
		return err
	}
	flux, err := packed.Flux(archives)
	if err != nil {
		return err
	}
	return w.write(plugin.FluxManifest, flux)
}
