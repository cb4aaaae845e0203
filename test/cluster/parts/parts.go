// Package parts builds what the test bed is made of, Kubernetes, Flux, Prometheus, Alertmanager and a container runtime, from Go
// modules, each part once into a folder of the user's cache.
//
// A folder is named after everything that decides its content, so a fresh checkout on a warm machine builds nothing and
// a change builds only what it changes. Only the standard library is used: `go run` of a program that imports this
// starts at once.
package parts

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Part is one thing the test bed is made of. Its module pins what it is built from.
type Part struct {
	// Name it is asked for by.
	Name string
	// About describes the content of its folder.
	About string
	// Module is the folder under test/cluster with the go.mod and go.sum that pin the part.
	Module string
	// Sources are the folders of Module, beside those two files, that decide what is built.
	Sources []string
	// Commands it is made of.
	Commands []Command
	// Files to copy out of modules.
	Files []Files
	// Definitions are the API packages to generate custom resource definitions from.
	Definitions Definitions
	// Terse are the folders in the part's whose definitions lose their descriptions.
	Terse []string
	// Completion is of the one module, if any, that the part cannot be built from as it is served.
	Completion Completion
	// Readymade is the module whose minor version binaries that were built elsewhere must have to serve as well. Empty: none do.
	Readymade string
	// OptIn says that Names does not have it: it is built only when somebody asks for it by name.
	OptIn bool
	// needs checks for what the machine must have beside Go, and installs it where it may.
	needs func(ctx context.Context, out io.Writer) error
}

// Command is one call of go build.
type Command struct {
	// Packages to build, each into a binary named after its last path element.
	Packages []string
	// Tags and LDFlags as go build takes them. {module path} in LDFlags stands for that module's version in go.mod.
	Tags, LDFlags string
	// C is true if the build needs a C compiler.
	C bool
	// Links are the further names a binary acts under.
	Links []string
}

// Files are the YAML files under a folder of a module.
type Files struct {
	// Pin is the folder under test/cluster whose go.mod pins Module. Where it does not, Module has its version at its end.
	Pin, Module string
	// Folder in the module, and where it is copied to in the part's.
	Folder, Into string
}

// Definitions are custom resource definitions that controller-gen makes from Go packages.
type Definitions struct {
	Packages []string
	Into     string
}

// Names of all parts except those that are opt-in, in the order they are best built in.
func Names() []string {
	var names []string
	for _, p := range Catalogue() {
		if !p.OptIn {
			names = append(names, p.Name)
		}
	}
	return names
}

// Build makes the named parts, in that order, and returns their folders. The part apiserver is built only if this machine has
// none and setup-envtest cannot download it; Origin returns which it was. What is already built costs a few
// milliseconds. Progress of what is not goes to out.
func Build(ctx context.Context, out io.Writer, names ...string) ([]string, error) {
	b, err := newBench(out)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, name := range names {
		p, err := find(name)
		if err != nil {
			return nil, err
		}
		folder, err := b.folder(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("building %s: %w", name, err)
		}
		folders = append(folders, folder)
	}
	return folders, nil
}

// find returns the part of that name, or an error that lists the names there are.
func find(name string) (Part, error) {
	catalogue := Catalogue()
	if i := slices.IndexFunc(catalogue, func(p Part) bool { return p.Name == name }); i >= 0 {
		return catalogue[i], nil
	}
	return Part{}, fmt.Errorf("there is no part %q; the parts are %s", name, strings.Join(Names(), ", "))
}
