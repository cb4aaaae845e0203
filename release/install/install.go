// Package install makes the one file that `kubectl apply` installs a release with. It knows Kustomize and where the manifests
// are; what they say is theirs.
package install

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Image is the name that the manifests have for the operator's image.
const Image = "ghcr.io/fluxmonitoring/operator"

// YAML builds config/default of the checkout with another image: name:version@digest. The tag is there for people; what is
// pulled is the digest.
func YAML(checkout, name, version, digest string) ([]byte, error) {
	files := filesys.MakeFsInMemory()
	if err := load(files, checkout); err != nil {
		return nil, err
	}
	overlay, err := yaml.Marshal(types.Kustomization{
		TypeMeta:  types.TypeMeta{APIVersion: types.KustomizationVersion, Kind: types.KustomizationKind},
		Resources: []string{"../config/default"},
		Images:    []types.Image{{Name: Image, NewName: name, NewTag: version, Digest: digest}},
	})
	if err != nil {
		return nil, err
	}
	if err := files.WriteFile("/release/kustomization.yaml", overlay); err != nil {
		return nil, err
	}
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "/release")
	if err != nil {
		return nil, fmt.Errorf("building config/default: %w", err)
	}
	return objects.AsYaml()
}

// load copies the manifests to memory, so that the checkout stays as it is.
func load(files filesys.FileSystem, checkout string) error {
	return fs.WalkDir(os.DirFS(checkout), "config", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".yaml" {
			return err
		}
		content, err := os.ReadFile(filepath.Join(checkout, name))
		if err != nil {
			return err
		}
		return files.WriteFile("/"+name, content)
	})
}
