package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Package is the operator's name in catalogs.
const Package = "fluxmonitoring-operator"

// Files are contents by path from the root of the repository.
type Files map[string][]byte

// Template is where the catalog is described.
const Template = "catalog/template.yaml"

// Build makes the files of the bundle and its Dockerfile from the repository at root. The same repository gives the same bytes.
func Build(root string) (Files, error) {
	objects, err := Objects(filepath.Join(root, "config/manifests"))
	if err != nil {
		return nil, err
	}
	icon, err := os.ReadFile(filepath.Join(root, "config/manifests/icon.svg"))
	if err != nil {
		return nil, err
	}
	template, err := os.ReadFile(filepath.Join(root, Template))
	if err != nil {
		return nil, err
	}
	return generate(objects, icon, template)
}

// Objects are those that kustomize builds of a folder, in its order. The error names the object that is none.
func Objects(folder string) ([]*unstructured.Unstructured, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, r := range resources.Resources() {
		text, err := r.MarshalJSON()
		if err != nil {
			return nil, err
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(text); err != nil {
			return nil, fmt.Errorf("%s: %w", r.CurId(), err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// generate makes the files of what kustomize gave.
func generate(objects []*unstructured.Unstructured, icon, template []byte) (Files, error) {
	given, err := sort(objects)
	if err != nil {
		return nil, err
	}
	catalog, err := ReadCatalog(template)
	if err != nil {
		return nil, err
	}
	csv, err := complete(given, icon, catalog)
	if err != nil {
		return nil, err
	}
	files := Files{}
	for _, o := range given.manifests {
		if err := files.add("bundle/manifests/"+fileName(o), o.Object); err != nil {
			return nil, err
		}
	}
	annotations, err := annotationsOf(csv, catalog)
	if err != nil {
		return nil, err
	}
	for path, content := range map[string]any{
		"bundle/manifests/" + Package + ".clusterserviceversion.yaml": csv,
		"bundle/metadata/annotations.yaml":                            map[string]any{"annotations": annotations},
		"bundle/tests/scorecard/config.yaml":                          given.scorecard.Object,
	} {
		if err := files.add(path, content); err != nil {
			return nil, err
		}
	}
	files["bundle.Dockerfile"] = dockerfile(annotations)
	return files, nil
}

func (f Files) add(path string, content any) error {
	text, err := yaml.Marshal(content)
	f[path] = text
	return err
}

// Write makes the files under root those of the bundle: it removes what is in bundle/ besides.
func (f Files) Write(root string) error {
	if err := os.RemoveAll(filepath.Join(root, "bundle")); err != nil {
		return err
	}
	for path, content := range f {
		file := filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, content, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// fileName is how operator-sdk names the file of an object.
func fileName(o *unstructured.Unstructured) string {
	gvk := o.GroupVersionKind()
	if gvk.Kind == "CustomResourceDefinition" {
		plural, group, _ := strings.Cut(o.GetName(), ".")
		return group + "_" + plural + ".yaml"
	}
	parts := []string{o.GetName(), gvk.Group, gvk.Version, strings.ToLower(gvk.Kind)}
	if gvk.Group == "" {
		parts = []string{o.GetName(), gvk.Version, strings.ToLower(gvk.Kind)}
	}
	return strings.Join(parts, "_") + ".yaml"
}

// complete adds to the hand-written part of the ClusterServiceVersion all that other files hold.
func complete(given *sources, icon []byte, catalog *Catalog) (*ClusterServiceVersion, error) {
	csv := given.base
	deployments, err := given.install()
	if err != nil {
		return nil, err
	}
	image := deployments[0].Spec.Template.Spec.Containers[0].Image
	csv.Spec.Icon = []Icon{{Data: base64.StdEncoding.EncodeToString(icon), MediaType: "image/svg+xml"}}
	entry := catalog.of(csv.Metadata.Name)
	csv.Spec.Replaces, csv.Spec.Skips = entry.Replaces, entry.Skips
	csv.Spec.RelatedImages = relatedImages(deployments)
	csv.Spec.Install.Strategy = "deployment"
	csv.Spec.Install.Spec.Deployments = deployments
	if csv.Spec.Install.Spec.Permissions, csv.Spec.Install.Spec.ClusterPermissions, err = given.permissions(); err != nil {
		return nil, err
	}
	if err := describe(csv.Spec.Definitions.Owned, given.manifests); err != nil {
		return nil, err
	}
	csv.Metadata.Annotations["containerImage"] = image
	if entry.SkipRange != "" {
		csv.Metadata.Annotations["olm.skipRange"] = entry.SkipRange
	}
	return csv, annotate(csv.Metadata.Annotations, given)
}

// annotate writes the annotations that hold objects as JSON: the examples, the one to begin with, and the namespace to install in.
func annotate(annotations map[string]string, given *sources) error {
	examples := []map[string]any{}
	for _, o := range given.examples {
		examples = append(examples, o.Object)
	}
	if len(examples) == 0 {
		return fmt.Errorf("config/samples gives no example of a custom resource")
	}
	for name, content := range map[string]any{
		"alm-examples": examples,
		"operatorframework.io/initialization-resource":      examples[0],
		"operatorframework.io/suggested-namespace-template": given.namespace.Object,
	} {
		text, err := json.MarshalIndent(content, "", "  ")
		if err != nil {
			return err
		}
		annotations[name] = string(text)
	}
	annotations["operatorframework.io/suggested-namespace"] = given.namespace.GetName()
	return nil
}

// relatedImages are the images of all containers, by their containers' names.
func relatedImages(deployments []Deployment) []RelatedImage {
	var images []RelatedImage
	for _, d := range deployments {
		for _, c := range append(d.Spec.Template.Spec.InitContainers, d.Spec.Template.Spec.Containers...) {
			images = append(images, RelatedImage{Name: c.Name, Image: c.Image})
		}
	}
	return images
}
