// Package sbom says what the operator is made of, as a CycloneDX document. It reads it from the binaries themselves, where the
// linker has left the list of modules: what go.mod lists besides is not in them. It knows nothing of licences and of flaws.
package sbom

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"runtime/debug"
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
	// Version of the operator. The binary does not have it as the version of its module, but when it was installed from a proxy.
	Version string
	// Source is the address of the repository.
	Source string
	// Created is the time of the commit.
	Created time.Time
	// Binaries are the files. They have to be of the same modules.
	Binaries []string
}

// Document returns the SBOM. The same binaries give the same bytes.
func (p Product) Document() ([]byte, error) {
	info, err := p.modules()
	if err != nil {
		return nil, err
	}
	operator, err := p.operator(info.Main.Path)
	if err != nil {
		return nil, err
	}
	parts := []cdx.Component{library("stdlib", strings.TrimPrefix(info.GoVersion, "go"), "")}
	for _, module := range info.Deps {
		parts = append(parts, part(module))
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Timestamp:  p.Created.UTC().Format(time.RFC3339),
		Lifecycles: &[]cdx.Lifecycle{{Phase: cdx.LifecyclePhasePostBuild}},
		Component:  operator,
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{
			{Type: cdx.ComponentTypeApplication, Name: "release", Group: info.Main.Path, Version: p.Version},
		}},
	}
	bom.Components = &parts
	bom.Dependencies = dependencies(operator, parts)
	return encode(bom)
}

// modules are those of the binaries.
func (p Product) modules() (*debug.BuildInfo, error) {
	var all *debug.BuildInfo
	for _, file := range p.Binaries {
		info, err := buildinfo.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the modules of %s: %w", file, err)
		}
		if all == nil {
			all = info
		}
		if info.GoVersion != all.GoVersion || !reflect.DeepEqual(info.Deps, all.Deps) {
			return nil, fmt.Errorf("%s is not of the same modules as %s: one document would be true of one of them only", file, p.Binaries[0])
		}
	}
	if all == nil {
		return nil, fmt.Errorf("no binaries of %s to list the modules of", p.Version)
	}
	return all, nil
}

// operator is the whole, and the files that it comes as.
func (p Product) operator(module string) (*cdx.Component, error) {
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
	operator := library(module, p.Version, "")
	operator.Type = cdx.ComponentTypeApplication
	operator.Components = &files
	operator.ExternalReferences = &[]cdx.ExternalReference{{Type: cdx.ERTypeVCS, URL: p.Source}}
	return &operator, nil
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

// dependencies say that all parts are in the operator. Which needs which is not in a binary.
func dependencies(operator *cdx.Component, parts []cdx.Component) *[]cdx.Dependency {
	all := []string{}
	for _, part := range parts {
		all = append(all, part.BOMRef)
	}
	return &[]cdx.Dependency{{Ref: operator.BOMRef, Dependencies: &all}}
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
