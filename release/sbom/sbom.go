// Package sbom says what a program is made of, as a CycloneDX document. It reads it from the binaries themselves, where the
// linker has left the list of modules: what go.mod lists besides is not in them. It knows nothing of licences and of flaws.
package sbom

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/uuid"
	packageurl "github.com/package-url/packageurl-go"
)

// format is the version of CycloneDX: the newest that Dependency-Track takes.
const format = cdx.SpecVersion1_6

// Product is whose parts are listed.
type Product struct {
	// Version of the program. The binary does not have it as the version of its module, but when it was installed from a proxy.
	Version string
	// Source is the address of the repository.
	Source string
	// Created is the time of the commit.
	Created time.Time
	// Binaries are the files: one program, built by one Go for several platforms.
	Binaries []string
}

// Document returns the SBOM. The same binaries give the same bytes.
func (p Product) Document() ([]byte, error) {
	infos, err := p.modules()
	if err != nil {
		return nil, err
	}
	info := infos[0]
	program, err := p.program(info)
	if err != nil {
		return nil, err
	}
	parts := union(infos)
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Timestamp:  p.Created.UTC().Format(time.RFC3339),
		Lifecycles: &[]cdx.Lifecycle{{Phase: cdx.LifecyclePhasePostBuild}},
		Component:  program,
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{
			{Type: cdx.ComponentTypeApplication, Name: "release", Group: info.Main.Path, Version: p.Version},
		}},
	}
	bom.Components = &parts
	bom.Dependencies = dependencies(program, parts, infos)
	return encode(bom)
}

// modules are those of each binary.
func (p Product) modules() (infos []*debug.BuildInfo, err error) {
	for _, file := range p.Binaries {
		info, err := buildinfo.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the modules of %s: %w", file, err)
		}
		infos = append(infos, info)
		if first := infos[0]; info.Path != first.Path || info.GoVersion != first.GoVersion {
			return nil, fmt.Errorf("%s is %s by %s, and %s is %s by %s: one document is for one program",
				file, info.Path, info.GoVersion, p.Binaries[0], first.Path, first.GoVersion)
		}
	}
	if len(infos) == 0 {
		return nil, fmt.Errorf("no binaries of %s to list the modules of", p.Version)
	}
	return infos, nil
}

// union are Go and the modules of all binaries, sorted. Some modules are for some platforms only.
func union(infos []*debug.BuildInfo) []cdx.Component {
	modules := map[string]cdx.Component{}
	for _, info := range infos {
		for _, module := range info.Deps {
			modules[part(module).BOMRef] = part(module)
		}
	}
	parts := []cdx.Component{standard(infos[0])}
	byName := func(a, b cdx.Component) int { return strings.Compare(a.Name, b.Name) }
	return append(parts, slices.SortedFunc(maps.Values(modules), byName)...)
}

// standard is Go's standard library, under the name that its flaws are filed under.
func standard(info *debug.BuildInfo) cdx.Component {
	return library("stdlib", strings.TrimPrefix(info.GoVersion, "go"), "")
}

// program is the whole, and the files that it comes as.
func (p Product) program(info *debug.BuildInfo) (*cdx.Component, error) {
	files := []cdx.Component{}
	for _, file := range p.Binaries {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(file)
		files = append(files, cdx.Component{
			BOMRef: "file:" + name, Type: cdx.ComponentTypeFile, Name: name,
			Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: fmt.Sprintf("%x", sha256.Sum256(content))}},
		})
	}
	program := library(info.Main.Path, p.Version, "")
	program.Type = cdx.ComponentTypeApplication
	if folder := strings.TrimPrefix(info.Path, info.Main.Path+"/"); folder != info.Path {
		program.Name = info.Path
		program.PackageURL += "#" + folder
		program.BOMRef = program.PackageURL
	}
	program.Components = &files
	program.ExternalReferences = &[]cdx.ExternalReference{{Type: cdx.ERTypeVCS, URL: p.Source}}
	return &program, nil
}

// part is a module as it was built in: what replaces it, where it is replaced.
func part(module *debug.Module) cdx.Component {
	if module.Replace != nil {
		module = module.Replace
	}
	return library(module.Path, module.Version, module.Sum)
}

// library is a module of Go. Its hash is the one of go.sum, which is made of the names and hashes of all its files, in the form that
// cyclonedx-gomod gives it; it is not the hash of the zip file.
func library(module, version, sum string) cdx.Component {
	namespace, name := path.Split(module)
	url := packageurl.NewPackageURL(packageurl.TypeGolang, strings.TrimSuffix(namespace, "/"), name, version, nil, "").ToString()
	component := cdx.Component{BOMRef: url, Type: cdx.ComponentTypeLibrary, Name: module, Version: version, PackageURL: url}
	if hash, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sum, "h1:")); err == nil && len(hash) == sha256.Size {
		component.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(hash)}}
	}
	return component
}

// dependencies say which parts are in the program, and which in each of its files. Which part needs which is not in a binary.
func dependencies(program *cdx.Component, parts []cdx.Component, infos []*debug.BuildInfo) *[]cdx.Dependency {
	of := []cdx.Dependency{{Ref: program.BOMRef, Dependencies: refs(parts)}}
	for i, file := range *program.Components {
		of = append(of, cdx.Dependency{Ref: file.BOMRef, Dependencies: refs(union(infos[i : i+1]))})
	}
	return &of
}

func refs(parts []cdx.Component) *[]string {
	all := []string{}
	for _, part := range parts {
		all = append(all, part.BOMRef)
	}
	return &all
}

// encode writes the document. Its serial number comes from its content: GitHub's attestations demand one, and a random one would
// differ from build to build.
func encode(bom *cdx.BOM) ([]byte, error) {
	var content bytes.Buffer
	for _, serial := range []bool{false, true} {
		if serial {
			bom.SerialNumber = uuid.NewSHA1(uuid.NameSpaceURL, content.Bytes()).URN()
			content.Reset()
		}
		encoder := cdx.NewBOMEncoder(&content, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
		if err := encoder.EncodeVersion(bom, format); err != nil {
			return nil, err
		}
	}
	return content.Bytes(), nil
}
