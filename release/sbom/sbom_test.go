package sbom_test

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	. "github.com/onsi/gomega"
	"github.com/xeipuuv/gojsonschema"

	"github.com/fluxmonitoring/operator/release/rig"
	"github.com/fluxmonitoring/operator/release/sbom"
)

func TestTheDocumentFollowsTheSchemaOfCycloneDX(t *testing.T) {
	g := NewWithT(t)
	schema := schema(t)
	result, err := schema.Validate(gojsonschema.NewBytesLoader(document(t, product(t))))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(result.Errors()).To(BeEmpty())

	result, err = schema.Validate(gojsonschema.NewStringLoader(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}`))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(result.Errors()).To(HaveLen(1), "a component without a type")
}

// schema is the one that the library of CycloneDX brings, and those it refers to by addresses.
func schema(t *testing.T) *gojsonschema.Schema {
	t.Helper()
	g := NewWithT(t)
	out := rig.Output(t, exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go"))
	folder := "file://" + filepath.Join(strings.TrimSpace(out), "schema")
	loader := gojsonschema.NewSchemaLoader()
	for address, file := range map[string]string{"spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		g.Expect(loader.AddSchema("http://cyclonedx.org/schema/"+address, gojsonschema.NewReferenceLoader(folder+"/"+file))).To(Succeed())
	}
	compiled, err := loader.Compile(gojsonschema.NewReferenceLoader(folder + "/bom-1.6.schema.json"))
	g.Expect(err).NotTo(HaveOccurred())
	return compiled
}

func TestTheDocumentIsOfTheVersionAndItsFiles(t *testing.T) {
	g := NewWithT(t)
	bom := decoded(t, product(t))
	g.Expect(bom.SpecVersion).To(Equal(cdx.SpecVersion1_6))
	g.Expect(bom.SerialNumber).To(MatchRegexp(`^urn:uuid:[0-9a-f-]{36}$`))
	g.Expect(bom.Metadata.Timestamp).To(Equal("2026-12-01T10:30:00Z"))
	operator := *bom.Metadata.Component
	files := *operator.Components
	operator.Components = nil
	g.Expect(operator).To(Equal(cdx.Component{
		BOMRef: "pkg:golang/github.com/fluxmonitoring/operator/release@v0.1.0", Type: cdx.ComponentTypeApplication,
		Name: "github.com/fluxmonitoring/operator/release", Version: "v0.1.0",
		PackageURL:         "pkg:golang/github.com/fluxmonitoring/operator/release@v0.1.0",
		ExternalReferences: &[]cdx.ExternalReference{{Type: cdx.ERTypeVCS, URL: "https://example.com/operator"}},
	}))
	g.Expect(files).To(HaveLen(2))
	for number, name := range []string{"one", "two"} {
		hashes := *files[number].Hashes
		g.Expect(hashes).To(HaveLen(1))
		g.Expect(files[number]).To(Equal(cdx.Component{BOMRef: "file:" + name, Type: cdx.ComponentTypeFile, Name: name, Hashes: &hashes}))
		g.Expect(hashes[0]).To(Equal(cdx.Hash{Algorithm: cdx.HashAlgoSHA256, Value: sha256sum(t, product(t).Binaries[number])}))
	}
}

func TestGoAndEveryModuleOfTheBinaryAreListed(t *testing.T) {
	g := NewWithT(t)
	info, err := buildinfo.ReadFile(executable)
	g.Expect(err).NotTo(HaveOccurred())
	expected := []string{"stdlib " + strings.TrimPrefix(runtime.Version(), "go")}
	for _, module := range info.Deps {
		expected = append(expected, module.Path+" "+module.Version)
	}
	bom := decoded(t, product(t))
	listed, urls := []string{}, []string{}
	for _, part := range *bom.Components {
		listed = append(listed, part.Name+" "+part.Version)
		urls = append(urls, part.PackageURL)
		g.Expect(part.Type).To(Equal(cdx.ComponentTypeLibrary))
		g.Expect(part.Name == "stdlib" || part.Hashes != nil).To(BeTrue(), part.Name)
	}
	g.Expect(listed).To(Equal(expected))
	g.Expect(urls).To(ContainElements("pkg:golang/github.com/google/uuid@v1.6.0", "pkg:golang/stdlib@"+strings.TrimPrefix(runtime.Version(), "go")))
	g.Expect(*bom.Dependencies).To(Equal([]cdx.Dependency{
		{Ref: bom.Metadata.Component.BOMRef, Dependencies: &urls}, {Ref: "file:one", Dependencies: &urls}, {Ref: "file:two", Dependencies: &urls},
	}))
}

func TestTheHashOfAModuleIsTheOneOfGoSum(t *testing.T) {
	// github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=
	for _, part := range *decoded(t, product(t)).Components {
		if part.Name == "github.com/google/uuid" {
			NewWithT(t).Expect(part.Hashes).To(Equal(&[]cdx.Hash{{
				Algorithm: cdx.HashAlgoSHA256, Value: "348bda24330eb231c0f27d630212d2833ac0cf2d4782bfa136b6f9edefbde05d",
			}}))
			return
		}
	}
	t.Fatal("github.com/google/uuid is not listed")
}

func TestTheSameBinariesGiveTheSameDocument(t *testing.T) {
	g := NewWithT(t)
	first := product(t)
	g.Expect(document(t, first)).To(Equal(document(t, product(t))))
	later := first
	later.Created = first.Created.Add(time.Second)
	g.Expect(decoded(t, later).SerialNumber).NotTo(Equal(decoded(t, first).SerialNumber))
}

func TestTheModulesOfEachBinaryAreListed(t *testing.T) {
	g := NewWithT(t)
	made := product(t)
	made.Binaries = []string{other(t, "less", ""), other(t, "more", "more")}
	bom := decoded(t, made)
	g.Expect(bom.Metadata.Component.Name).To(Equal("example.com/many/cmd/some"))
	g.Expect(bom.Metadata.Component.PackageURL).To(Equal("pkg:golang/example.com/many@v0.1.0#cmd/some"))
	stdlib := "pkg:golang/stdlib@" + strings.TrimPrefix(runtime.Version(), "go")
	g.Expect(*bom.Dependencies).To(Equal([]cdx.Dependency{
		{Ref: bom.Metadata.Component.BOMRef, Dependencies: &[]string{stdlib, "pkg:golang/./a@%28devel%29", "pkg:golang/./b@%28devel%29"}},
		{Ref: "file:less", Dependencies: &[]string{stdlib, "pkg:golang/./a@%28devel%29"}},
		{Ref: "file:more", Dependencies: &[]string{stdlib, "pkg:golang/./a@%28devel%29", "pkg:golang/./b@%28devel%29"}},
	}))
}

// other is a program with the module a, and with the tag "more" b as well.
func other(t *testing.T, name, tag string) string {
	t.Helper()
	source := rig.Folder(t, map[string]string{
		"go.mod": "module example.com/many\n\ngo 1.26.0\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n)\n\n" +
			"replace (\n\texample.com/a => ./a\n\texample.com/b => ./b\n)\n",
		"cmd/some/main.go": "package main\n\nimport _ \"example.com/a\"\n\nfunc main() {}\n",
		"cmd/some/more.go": "//go:build more\n\npackage main\n\nimport _ \"example.com/b\"\n",
		"a/go.mod":         "module example.com/a\n", "a/a.go": "package a\n", "b/go.mod": "module example.com/b\n", "b/b.go": "package b\n",
	})
	build := exec.CommandContext(t.Context(), "go", "build", "-tags="+tag, "-o", name, "./cmd/some")
	build.Dir = source
	rig.Output(t, build)
	return filepath.Join(source, name)
}

func TestBinariesOfOtherProgramsAreRefused(t *testing.T) {
	g := NewWithT(t)
	mixed := product(t)
	mixed.Binaries[1] = other(t, "some", "")
	_, err := mixed.Document()
	g.Expect(err).To(MatchError(And(
		HavePrefix(mixed.Binaries[1]+" is example.com/many/cmd/some by go1"), HaveSuffix(": one document is for one program"))))
}

func TestAFileThatIsNoBinaryIsNamed(t *testing.T) {
	g := NewWithT(t)
	mixed := product(t)
	mixed.Binaries[1] = "sbom_test.go"
	_, err := mixed.Document()
	g.Expect(err).To(MatchError(HavePrefix("reading the modules of sbom_test.go: ")))
	_, err = sbom.Product{Version: "v0.1.0"}.Document()
	g.Expect(err).To(MatchError("no binaries of v0.1.0 to list the modules of"))
}

// executable is the program release itself, built: a binary of a test does not have the list of its modules.
var executable string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "release-")
	if err == nil {
		executable = filepath.Join(folder, "release")
		err = exec.CommandContext(context.Background(), "go", "build", "-o", executable, "..").Run()
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// product stands on that binary, under two names.
func product(t *testing.T) sbom.Product {
	t.Helper()
	folder := t.TempDir()
	made := sbom.Product{Version: "v0.1.0", Source: "https://example.com/operator", Created: time.Date(2026, 12, 1, 10, 30, 0, 0, time.UTC)}
	for _, name := range []string{"one", "two"} {
		file := filepath.Join(folder, name)
		rig.Must(t, os.Symlink(executable, file))
		made.Binaries = append(made.Binaries, file)
	}
	return made
}

func document(t *testing.T, of sbom.Product) []byte {
	t.Helper()
	content, err := of.Document()
	rig.Must(t, err)
	return content
}

func decoded(t *testing.T, of sbom.Product) cdx.BOM {
	t.Helper()
	bom := cdx.BOM{}
	rig.Must(t, json.Unmarshal(document(t, of), &bom))
	return bom
}

func sha256sum(t *testing.T, file string) string {
	t.Helper()
	return strings.Fields(rig.Output(t, exec.CommandContext(t.Context(), "sha256sum", file)))[0]
}
