package cluster

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// home is the namespace Flux is rendered for; another is put in its place afterwards.
const home = "flux-system"

// written are the Deployments and Services of the controllers whose modules, and with them manifests, are not served.
//
//go:embed manifests/flux/*.yaml
var written embed.FS

// rendered is what render made before, by the components asked for.
var rendered sync.Map

// render puts components together in the way `flux install` does, out of the manifests in the modules of Flux.
func render(ctx context.Context, components []string) ([]byte, error) {
	key := strings.Join(components, ",")
	if done, ok := rendered.Load(key); ok {
		return done.([]byte), nil
	}
	folder, err := one(ctx, "crds")
	if err != nil {
		return nil, err
	}
	disk := filesys.MakeFsInMemory()
	err = errors.Join(
		copyInto(disk, os.DirFS(filepath.Join(folder, "install")), "/"),
		copyWritten(disk),
		writeKustomizations(disk, components),
	)
	if err != nil {
		return nil, err
	}
	result, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, "/flux")
	if err != nil {
		return nil, err
	}
	stream, err := result.AsYaml()
	if err == nil {
		rendered.Store(key, stream)
	}
	return stream, err
}

// remote matches, in the kustomizations of flux2, the line that names a controller's Deployment by URL, and its twin for
// the definitions.
var remote = regexp.MustCompile(`- https://github\.com/fluxcd/\S+/(\S+)\.(crds|deployment)\.yaml\n`)

// copyInto copies a tree, and has its kustomizations look for Deployments beside them and not on the network.
func copyInto(disk filesys.FileSystem, tree fs.FS, folder string) error {
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		data = remote.ReplaceAllFunc(data, func(line []byte) []byte {
			found := remote.FindSubmatch(line)
			if string(found[2]) == "crds" {
				return nil
			}
			return fmt.Appendf(nil, "- ../../controllers/%s\n", found[1])
		})
		return disk.WriteFile(path.Join(folder, name), data)
	})
}

// copyWritten lays our own manifests out as the modules of controllers have theirs: a folder a controller.
func copyWritten(disk filesys.FileSystem) error {
	files, err := fs.Glob(written, "manifests/flux/*.yaml")
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := written.ReadFile(file)
		if err != nil {
			return err
		}
		folder := "/controllers/" + strings.TrimSuffix(path.Base(file), ".yaml")
		err = errors.Join(
			disk.WriteFile(folder+"/deployment.yaml", data),
			disk.WriteFile(folder+"/kustomization.yaml", []byte("resources: [deployment.yaml]\n")),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// The texts that `flux install` generates around the manifests of flux2.
const (
	kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: flux-system
resources: [namespace.yaml, ../policies, ../roles%s]
transformers: [labels.yaml]
patches:
- target: {kind: Deployment}
  patch: |
    - op: add
      path: /spec/template/spec/nodeSelector
      value: {kubernetes.io/os: linux}
%simages:
%s`
	// withoutEvents is for an installation that has no notification-controller to send events to.
	withoutEvents = `- target: {kind: Deployment, name: "(%s)"}
  patch: |
    - op: replace
      path: /spec/template/spec/containers/0/args/0
      value: --events-addr=
`
	// withExternalArtifacts is for an installation that has source-watcher.
	withExternalArtifacts = `- target: {kind: Deployment, name: "(kustomize-controller|helm-controller)"}
  patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --feature-gates=ExternalArtifact=true
`
	roles = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: flux-system
nameSuffix: -flux-system
resources: [../rbac]
`
	labels = `apiVersion: builtin
kind: LabelTransformer
metadata: {name: labels}
labels:
  app.kubernetes.io/instance: flux-system
  app.kubernetes.io/version: ` + parts.FluxVersion + `
  app.kubernetes.io/part-of: flux
fieldSpecs:
- {path: metadata/labels, create: true}
- {kind: Deployment, path: spec/template/metadata/labels, create: true}
`
	namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: flux-system
  labels:
    pod-security.kubernetes.io/warn: restricted
    pod-security.kubernetes.io/warn-version: latest
`
)

// writeKustomizations writes the kustomization of an installation with these components.
func writeKustomizations(disk filesys.FileSystem, components []string) error {
	var resources, images strings.Builder
	for _, c := range components {
		fmt.Fprintf(&resources, ", ../bases/%s", c)
		fmt.Fprintf(&images, "- {name: fluxcd/%[1]s, newName: ghcr.io/fluxcd/%[1]s}\n", c)
	}
	patches := ""
	if !slices.Contains(components, "notification-controller") {
		patches += fmt.Sprintf(withoutEvents, strings.Join(components, "|"))
	}
	if slices.Contains(components, "source-watcher") {
		patches += withExternalArtifacts
	}
	return errors.Join(
		disk.WriteFile("/flux/kustomization.yaml", fmt.Appendf(nil, kustomization, &resources, patches, &images)),
		disk.WriteFile("/flux/labels.yaml", []byte(labels)),
		disk.WriteFile("/flux/namespace.yaml", []byte(namespace)),
		disk.WriteFile("/roles/kustomization.yaml", []byte(roles)),
	)
}
