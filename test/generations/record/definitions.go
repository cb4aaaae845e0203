package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// releases are the generations of Flux that differ in what they serve, each by the newest release of it that the module
// proxy has.
var releases = []string{"v2.2.3", "v2.5.1", "v2.7.5", "v2.9.5"}

// apiModule matches what a Flux release requires of its controllers.
var apiModule = regexp.MustCompile(`(?m)^\t(github\.com/fluxcd/[a-z-]+(/api(?:/v\d+)?)) (v\S+)$`)

// module of a controller's API, as a release of Flux pins it.
type module struct {
	path, version string
	// whole is the path of the controller's own module, which has the definitions it publishes.
	whole string
}

// recordDefinitions writes a file a release with the definitions of its kinds.
func recordDefinitions(ctx context.Context, root, scratch string) error {
	generator := filepath.Join(scratch, "controller-gen")
	home := filepath.Join(root, "test", "cluster", "crds")
	_, err := run(ctx, home, "go", "build", "-mod=readonly", "-o", generator, "sigs.k8s.io/controller-tools/cmd/controller-gen")
	if err != nil {
		return err
	}
	for _, release := range releases {
		modules, err := modulesOf(ctx, scratch, release)
		if err != nil {
			return err
		}
		var all []definition
		for _, m := range modules {
			found, err := m.definitions(ctx, generator, scratch)
			if err != nil {
				return fmt.Errorf("%s %s: %w", m.path, m.version, err)
			}
			all = append(all, found...)
		}
		minor := release[1:strings.LastIndex(release, ".")]
		file := filepath.Join(testdata(root, "generations"), "flux-"+minor+".yaml")
		if err := os.WriteFile(file, describe(release, minor, modules, all), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// modulesOf reads from flux2 itself which versions of its controllers a release is made of.
func modulesOf(ctx context.Context, scratch, release string) ([]module, error) {
	downloaded, err := download(ctx, scratch, "github.com/fluxcd/flux2/v2", release)
	if err != nil {
		return nil, err
	}
	goMod, err := os.ReadFile(downloaded.GoMod)
	if err != nil {
		return nil, err
	}
	var modules []module
	for _, found := range apiModule.FindAllSubmatch(goMod, -1) {
		path, api := string(found[1]), string(found[2])
		modules = append(modules, module{
			path: path, version: string(found[3]),
			whole: strings.TrimSuffix(path, api) + strings.TrimPrefix(api, "/api"),
		})
	}
	return modules, nil
}

// definitions of the module's kinds, generated from its Go types as the controller's own build does. Where the
// controller's module is served too, they must be what it publishes.
func (m module) definitions(ctx context.Context, generator, scratch string) ([]definition, error) {
	folder, err := os.MkdirTemp(scratch, "module-")
	if err != nil {
		return nil, err
	}
	goMod := fmt.Sprintf("module recorded\n\ngo 1.26.0\n\nrequire %s %s\n", m.path, m.version)
	if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte(goMod), 0o644); err != nil {
		return nil, err
	}
	into := filepath.Join(folder, "crds")
	if _, err := run(ctx, folder, generator, "crd", "paths="+m.path+"/...", "output:crd:dir="+into); err != nil {
		return nil, err
	}
	generated, err := read(into)
	if err != nil {
		return nil, err
	}
	whole, missing := download(ctx, scratch, m.whole, m.version)
	if missing != nil {
		fmt.Fprintf(os.Stderr, "%-55s %-8s generated; the controller's own module is not served\n", m.path, m.version)
		return generated, nil //nolint:nilerr // The check is skipped, which the line reports.
	}
	published, err := read(filepath.Join(whole.Dir, "config", "crd", "bases"))
	if err != nil {
		return nil, err
	}
	if !slices.EqualFunc(generated, published, func(a, b definition) bool { return a.String() == b.String() }) {
		return nil, fmt.Errorf("generated are\n%v\nbut published are\n%v", generated, published)
	}
	fmt.Fprintf(os.Stderr, "%-55s %-8s generated; the same as published\n", m.path, m.version)
	return generated, nil
}

// definition is what a recording has of one kind.
type definition apiextensionsv1.CustomResourceDefinition

// String is the definition's line in a recording.
func (d definition) String() string {
	var versions []string
	for _, v := range d.Spec.Versions {
		storage := ""
		if v.Storage {
			storage = ", storage: true"
		}
		versions = append(versions, fmt.Sprintf("{name: %s, served: %t%s}", v.Name, v.Served, storage))
	}
	return fmt.Sprintf("{group: %s, kind: %s, plural: %s, versions: [%s]}",
		d.Spec.Group, d.Spec.Names.Kind, d.Spec.Names.Plural, strings.Join(versions, ", "))
}

// read returns the definitions in a folder, in the order of their names.
func read(folder string) ([]definition, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var found []definition
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var d definition
		if err := yaml.Unmarshal(data, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if d.Kind == "CustomResourceDefinition" {
			found = append(found, d)
		}
	}
	return found, nil
}

// describe writes a recording: where it is from, as comments, and what it holds.
func describe(release, minor string, modules []module, definitions []definition) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# What Flux %s serves. Written by `go run ./test/generations/record definitions` from\n", release)
	for _, m := range modules {
		fmt.Fprintf(&b, "#   %s %s\n", m.path, m.version)
	}
	fmt.Fprintf(&b, "flux: %q\ndefinitions:\n", minor)
	slices.SortFunc(definitions, func(a, b definition) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range definitions {
		fmt.Fprintf(&b, "- %s\n", d)
	}
	return b.Bytes()
}

// downloaded is where the module cache holds a module.
type downloaded struct{ Dir, GoMod, Error string }

// download fetches a module of this version.
func download(ctx context.Context, scratch, path, version string) (downloaded, error) {
	var d downloaded
	out, err := run(ctx, scratch, "go", "mod", "download", "-json", path+"@"+version)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(out, &d)
}
