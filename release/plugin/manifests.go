package plugin

import (
	"strings"

	"sigs.k8s.io/yaml"
)

const (
	// KrewManifest is the file that Krew installs the plugin from. Krew demands the name of the plugin.
	KrewManifest = Name + ".yaml"
	// FluxManifest is the file to propose to Flux's catalogue, as plugins/fluxmon.yaml.
	FluxManifest = "flux-plugin.yaml"

	tagline     = "Render a FluxMonitoring and diff it with a cluster"
	description = `Shows what the FluxMonitoring operator would apply for a FluxMonitoring:
without a cluster, for checks of pull requests, or against a live cluster.
`
	caveats = `To complete arguments, copy kubectl_complete-fluxmon to a folder of your PATH:
` // the address of the page follows
	page = "/docs/how-to/kubectl-plugin.md"
)

// Krew returns the manifest for Krew (krew.googlecontainertools.github.com/v1alpha2).
func (p Plugin) Krew(archives []Archive) ([]byte, error) {
	platforms := []any{}
	for _, a := range sorted(archives) {
		platforms = append(platforms, map[string]any{
			"selector": map[string]any{"matchLabels": map[string]any{"os": a.Platform.OS, "arch": a.Platform.Arch}},
			"uri":      p.address(a.Platform),
			"sha256":   a.SHA256,
			"bin":      executable(a.Platform),
		})
	}
	return yaml.Marshal(map[string]any{
		"apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
		"kind":       "Plugin",
		"metadata":   map[string]any{"name": Name},
		"spec": map[string]any{
			"version":          p.Version,
			"homepage":         p.Source,
			"shortDescription": tagline,
			"description":      description,
			"caveats":          caveats + p.Source + "/blob/" + p.Version + page + "\n",
			"platforms":        platforms,
		},
	})
}

// fluxHead says what was not verified of the manifest below it.
const fluxHead = `# For https://github.com/fluxcd/plugins, as plugins/fluxmon.yaml. Flux demands that bin begins with flux-, and kubectl
# demands another name in the archives: extractPath says which. Flux 2.9 reads that field. It was not verified that
# the catalogue's schema allows it. catalog.yaml there needs an entry too, with the licence Apache-2.0.
`

// Flux returns the manifest for Flux's catalogue of plugins (cli.fluxcd.io/v1beta1).
func (p Plugin) Flux(archives []Archive) ([]byte, error) {
	platforms := []any{}
	for _, a := range sorted(archives) {
		platforms = append(platforms, map[string]any{
			"os":          a.Platform.OS,
			"arch":        a.Platform.Arch,
			"url":         p.address(a.Platform),
			"checksum":    "sha256:" + a.SHA256,
			"extractPath": executable(a.Platform),
		})
	}
	manifest, err := yaml.Marshal(map[string]any{
		"apiVersion":  "cli.fluxcd.io/v1beta1",
		"kind":        "Plugin",
		"name":        Name,
		"description": tagline,
		"homepage":    p.Source,
		"source":      p.Source,
		"bin":         "flux-" + Name,
		"versions":    []any{map[string]any{"version": strings.TrimPrefix(p.Version, "v"), "platforms": platforms}},
	})
	return append([]byte(fluxHead), manifest...), err
}
