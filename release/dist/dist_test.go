package dist_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/binary"
	"github.com/fluxmonitoring/operator/release/dist"
	"github.com/fluxmonitoring/operator/release/plugin"
	"github.com/fluxmonitoring/operator/release/rig"
)

const version = "v0.0.0-stamped.by.a.test"

// here is the only platform that these releases have the plugin for, so that tests run it. How it is packed for others, the tests of
// plugin say.
var here = binary.Platform{OS: runtime.GOOS, Arch: runtime.GOARCH}

// files are those of a release, whole.
var files = []string{
	"checksums.txt", "flux-plugin.yaml", "fluxmon.yaml", "image.digest", "image.tar", "install.yaml", "kubectl-fluxmon.cdx.json",
	plugin.FileName(here), "operator.cdx.json", "operator_linux_amd64", "operator_linux_arm64",
}

func TestTheFilesOfAReleaseAreWrittenAndListed(t *testing.T) {
	g := NewWithT(t)
	made := released(t)
	entries, err := os.ReadDir(made.folder)
	g.Expect(err).NotTo(HaveOccurred())
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
		g.Expect(made.progress).To(ContainSubstring("\n" + entry.Name() + " "))
	}
	g.Expect(names).To(Equal(files))
	g.Expect(made.progress).To(HaveSuffix("\nghcr.io/fluxmonitoring/operator:" + version + "@" + made.read(t, "image.digest")))
}

func TestTheChecksumsAreThoseOfAllFiles(t *testing.T) {
	g := NewWithT(t)
	check := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "checksums.txt")
	check.Dir = released(t).folder
	g.Expect(rig.Output(t, check)).To(Equal(strings.Join(files[1:], ": OK\n") + ": OK\n"))
}

func TestTheVersionIsInTheBinary(t *testing.T) {
	for _, name := range []string{"operator_linux_amd64", "operator_linux_arm64"} {
		if !strings.Contains(released(t).read(t, name), version) {
			t.Errorf("%s does not hold %s: is there a `var version string` in main.go, and does the operator log it when it starts?", name, version)
		}
	}
}

func TestNoFolderOfThisMachineIsInTheBinary(t *testing.T) {
	g := NewWithT(t)
	out := rig.Output(t, exec.CommandContext(t.Context(), "go", "env", "GOROOT", "GOMODCACHE", "GOCACHE"))
	made := released(t)
	binary := made.read(t, "operator_linux_amd64")
	for _, folder := range append(strings.Fields(out), made.checkout) {
		g.Expect(strings.Contains(binary, folder)).To(BeFalse(), folder)
	}
}

func TestTheManifestsNameTheDigestEverywhere(t *testing.T) {
	g := NewWithT(t)
	made := released(t)
	manifests := made.read(t, "install.yaml")
	image := "ghcr.io/fluxmonitoring/operator:" + version + "@" + strings.TrimSpace(made.read(t, "image.digest"))
	g.Expect(strings.Count(manifests, image)).To(Equal(1))
	g.Expect(strings.Count(manifests, "ghcr.io/fluxmonitoring/operator")).To(Equal(1))
}

func TestTheSBOMListsTheModulesThatGoListsOfEachBinary(t *testing.T) {
	made := released(t)
	bom := cdx.BOM{}
	NewWithT(t).Expect(json.Unmarshal([]byte(made.read(t, "operator.cdx.json")), &bom)).To(Succeed())
	listed := []string{}
	for _, part := range *bom.Components {
		listed = append(listed, part.Name+" "+part.Version)
	}
	for _, name := range []string{"operator_linux_amd64", "operator_linux_arm64"} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			out := rig.Output(t, exec.CommandContext(t.Context(), "go", "version", "-m", filepath.Join(made.folder, name)))
			expected := []string{}
			for line := range strings.Lines(out) {
				words := strings.Fields(line)
				switch {
				case strings.HasSuffix(words[0], ":"):
					expected = append(expected, "stdlib "+strings.TrimPrefix(words[1], "go"))
				case words[0] == "mod":
					g.Expect(bom.Metadata.Component.Name).To(Equal(words[1]))
				case words[0] == "dep":
					expected = append(expected, words[1]+" "+words[2])
				case words[0] == "=>":
					expected[len(expected)-1] = words[1] + " " + words[2]
				}
			}
			g.Expect(len(expected)).To(BeNumerically(">", 40))
			g.Expect(listed).To(Equal(expected))
		})
	}
}

func TestTheBinariesInTheImageAreThoseBesideIt(t *testing.T) {
	g := NewWithT(t)
	made := released(t)
	inImage := map[string]bool{}
	for _, blob := range layers(t, made.read(t, "image.tar")) {
		inImage[blob] = true
	}
	g.Expect(inImage).To(HaveLen(2))
	for _, name := range []string{"operator_linux_amd64", "operator_linux_arm64"} {
		g.Expect(inImage[made.read(t, name)]).To(BeTrue(), name)
	}
}

func TestThePluginRunsFromItsArchive(t *testing.T) {
	g := NewWithT(t)
	made, folder := released(t), t.TempDir()
	rig.Output(t, exec.CommandContext(t.Context(), "tar", "-xzf", filepath.Join(made.folder, plugin.FileName(here)), "-C", folder))
	t.Setenv("PATH", folder)
	for command, expected := range map[string]string{
		"kubectl-fluxmon version":       version + "\n",
		"kubectl_complete-fluxmon vers": "version\tPrint the version",
	} {
		words := strings.Fields(command)
		g.Expect(rig.Output(t, exec.CommandContext(t.Context(), words[0], words[1:]...))).To(ContainSubstring(expected), command)
	}
}

func TestKrewInstallsThePluginByItsManifest(t *testing.T) {
	g := NewWithT(t)
	made, root := released(t), t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "tool", "krew", "install",
		"--manifest="+filepath.Join(made.folder, "fluxmon.yaml"), "--archive="+filepath.Join(made.folder, plugin.FileName(here)))
	install.Env = append(os.Environ(), "KREW_ROOT="+root, "KREW_NO_UPGRADE_CHECK=1")
	rig.Output(t, install)
	out := rig.Output(t, exec.CommandContext(t.Context(), filepath.Join(root, "bin", "kubectl-fluxmon"), "version"))
	g.Expect(out).To(Equal(version + "\n"))
}

func TestTheManifestForFluxHasTheChecksumOfTheArchive(t *testing.T) {
	made := released(t)
	sum := regexp.MustCompile(`(.*)  ` + regexp.QuoteMeta(plugin.FileName(here))).FindStringSubmatch(made.read(t, "checksums.txt"))[1]
	NewWithT(t).Expect(made.read(t, "flux-plugin.yaml")).To(And(ContainSubstring("checksum: sha256:"+sum),
		ContainSubstring("url: https://example.com/operator/releases/download/"+version+"/"+plugin.FileName(here))))
}

func TestWithoutPlatformsThePluginIsLeftOut(t *testing.T) {
	g := NewWithT(t)
	out := t.TempDir()
	g.Expect(dist.Release{Checkout: small(t), Out: out, Version: version, Image: "ghcr.io/fluxmonitoring/operator"}.Write(t.Context(), io.Discard)).To(Succeed())
	g.Expect(filepath.Glob(filepath.Join(out, "*flux*"))).To(BeEmpty())
}

func TestAVersionThatIsNoTagIsRefusedBeforeTheBuild(t *testing.T) {
	g := NewWithT(t)
	out := filepath.Join(t.TempDir(), "dist")
	release := dist.Release{Checkout: "..", Out: out, Version: "v0.1.0+built", Image: "ghcr.io/fluxmonitoring/operator"}
	g.Expect(release.Write(t.Context(), io.Discard)).To(MatchError(HavePrefix(
		"image and version do not make a name of an image, such as ghcr.io/fluxmonitoring/operator:v0.1.0: ")))
	g.Expect(out).NotTo(BeADirectory())
}

func TestAVersionOfOtherManifestsIsRefusedBeforeTheBuild(t *testing.T) {
	g := NewWithT(t)
	out := filepath.Join(t.TempDir(), "dist")
	release := dist.Release{Checkout: "../..", Out: out, Version: "v999.0.0", Image: "ghcr.io/fluxmonitoring/operator"}
	g.Expect(release.Write(t.Context(), io.Discard)).To(MatchError(HavePrefix("v999.0.0 is to be made, and the manifests are of ")))
	g.Expect(out).NotTo(BeADirectory())
}

func TestErrorsOfTheCompilerAreReported(t *testing.T) {
	g := NewWithT(t)
	checkout := rig.Folder(t, map[string]string{
		"go.mod": "module example.com/broken\n", "main.go": "package main\n\nfunc main() { absent() }\n",
	})
	release := dist.Release{Checkout: checkout, Out: t.TempDir(), Version: version, Image: "ghcr.io/fluxmonitoring/operator"}
	g.Expect(release.Write(t.Context(), io.Discard)).To(MatchError(And(
		HavePrefix("building . for linux/amd64 in "+checkout+": exit status 1"), ContainSubstring("undefined: absent"))))
}

// small is a checkout with a small operator.
func small(t *testing.T) string {
	t.Helper()
	folder := rig.Folder(t, map[string]string{"go.mod": "module example.com/small\n", "main.go": "package main\n\nfunc main() {}\n"})
	rig.Must(t, copyTree("../../config", filepath.Join(folder, "config")))
	return folder
}

// made is a release of a copy of this checkout.
type made struct {
	checkout, folder, progress string
}

func (m made) read(t *testing.T, name string) string {
	t.Helper()
	return rig.Read(t, filepath.Join(m.folder, name))
}

var (
	scratch string
	first   = sync.OnceValues(func() (made, error) { return release("../..", filepath.Join(scratch, "first")) })
)

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "dist-")
	if err != nil {
		panic(err)
	}
	scratch = folder
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// released is the release of all tests.
func released(t *testing.T) made {
	t.Helper()
	m, err := first()
	rig.Must(t, err)
	return m
}

// release copies the sources and makes a release of the copy.
func release(sources, folder string) (made, error) {
	m := made{checkout: filepath.Join(folder, "checkout"), folder: filepath.Join(folder, "dist")}
	if err := duplicate(sources, m.checkout); err != nil {
		return m, err
	}
	progress := &bytes.Buffer{}
	fmt.Fprintln(progress)
	err := dist.Release{
		Checkout: m.checkout, Out: m.folder, Version: version, Image: "ghcr.io/fluxmonitoring/operator",
		Source: "https://example.com/operator", Revision: "8689453", Created: time.Date(2026, 12, 1, 10, 30, 0, 0, time.UTC),
		Plugins: []binary.Platform{here},
	}.Write(context.Background(), progress)
	m.progress = progress.String()
	return m, err
}

// duplicate copies what a release is made of: neither tests nor documents, and nothing of git.
func duplicate(from, to string) error {
	for _, pattern := range []string{"*.go", "go.mod", "go.sum", "api", "cmd", "controllers", "internal", "config", "LICENSE"} {
		found, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			return err
		}
		for _, path := range found {
			if err := copyTree(path, filepath.Join(to, filepath.Base(path))); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(path, from)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
}

// layers are the contents of the only file of each layer in an OCI archive.
func layers(t *testing.T, archive string) []string {
	t.Helper()
	found := []string{}
	blobs := tar.NewReader(strings.NewReader(archive))
	for {
		_, err := blobs.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		rig.Must(t, err)
		zipped, err := gzip.NewReader(blobs)
		if err != nil {
			continue // a manifest or a configuration
		}
		file := tar.NewReader(zipped)
		if _, err := file.Next(); err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(file)
		rig.Must(t, err)
		found = append(found, string(content))
	}
}
