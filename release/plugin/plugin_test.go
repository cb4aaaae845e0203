package plugin_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/release/binary"
	"github.com/fluxmonitoring/operator/release/plugin"
	"github.com/fluxmonitoring/operator/release/rig"
)

const (
	licence    = "../../LICENSE"
	completion = "../../cmd/kubectl-fluxmon/kubectl_complete-fluxmon"
)

var made = plugin.Plugin{
	Version: "v0.1.0", Source: "https://example.com/operator", Created: time.Date(2026, 12, 1, 10, 30, 0, 0, time.UTC),
}

// packed is the archive for a platform, of a binary with this content.
func packed(t *testing.T, platform binary.Platform, content string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "built")
	var out bytes.Buffer
	g := NewWithT(t)
	g.Expect(os.WriteFile(file, []byte(content), 0o600)).To(Succeed())
	g.Expect(made.Pack(&out, platform, file, licence, completion)).To(Succeed())
	return out.Bytes()
}

func TestTarHasTheBinaryAndTheCompletionScript(t *testing.T) {
	for _, os := range []string{"linux", "darwin"} {
		t.Run(os, func(t *testing.T) {
			g := NewWithT(t)
			unpack := exec.CommandContext(t.Context(), "tar", "-tvz", "--full-time", "--utc", "--numeric-owner")
			unpack.Stdin = bytes.NewReader(packed(t, binary.Platform{OS: os, Arch: "arm64"}, "a program"))
			listed, err := unpack.Output()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(strings.Fields(string(listed))).To(Equal(strings.Fields(fmt.Sprintf(`
				-rwxr-xr-x 0/0 9 2026-12-01 10:30:00 kubectl-fluxmon
				-rwxr-xr-x 0/0 %d 2026-12-01 10:30:00 LICENSE
				-rwxr-xr-x 0/0 %d 2026-12-01 10:30:00 kubectl_complete-fluxmon`, len(rig.Read(t, licence)), len(rig.Read(t, completion))))))
		})
	}
}

func TestZipHasTheBinaryWithItsEnding(t *testing.T) {
	g := NewWithT(t)
	content := packed(t, binary.Platform{OS: "windows", Arch: "amd64"}, "a program")
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(archive.File).To(HaveLen(2))
	g.Expect(archive.File[0].Name).To(Equal("kubectl-fluxmon.exe"))
	g.Expect(archive.File[1].Name).To(Equal("LICENSE"))
	g.Expect(archive.File[0].Modified.UTC()).To(Equal(made.Created))
	opened, err := archive.File[0].Open()
	g.Expect(err).NotTo(HaveOccurred())
	read, err := io.ReadAll(opened)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(read)).To(Equal("a program"))
}

func TestTheSameBinaryGivesTheSameArchive(t *testing.T) {
	for _, platform := range plugin.Platforms() {
		g := NewWithT(t)
		first := packed(t, platform, "a program")
		g.Expect(packed(t, platform, "a program")).To(Equal(first), platform.String())
		g.Expect(packed(t, platform, "another")).NotTo(Equal(first), platform.String())
	}
}

// archives are those of all platforms, last first.
func archives() (all []plugin.Archive) {
	for _, platform := range plugin.Platforms() {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(platform.String())))
		all = append([]plugin.Archive{{Platform: platform, SHA256: sum}}, all...)
	}
	return all
}

// The fields are those of Krew's guide for developers.
func TestKrewFindsTheArchiveOfEveryPlatform(t *testing.T) {
	g := NewWithT(t)
	content, err := made.Krew(archives())
	g.Expect(err).NotTo(HaveOccurred())
	manifest := struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]string `json:"metadata"`
		Spec       struct {
			Version, Homepage, ShortDescription, Description, Caveats string
			Platforms                                                 []struct {
				Selector         map[string]map[string]string
				URI, SHA256, Bin string
			}
		} `json:"spec"`
	}{}
	g.Expect(yaml.UnmarshalStrict(content, &manifest)).To(Succeed())
	g.Expect(manifest.APIVersion + " " + manifest.Kind).To(Equal("krew.googlecontainertools.github.com/v1alpha2 Plugin"))
	g.Expect(manifest.Metadata).To(Equal(map[string]string{"name": strings.TrimSuffix(plugin.KrewManifest, ".yaml")}))
	g.Expect(manifest.Spec.Version).To(Equal("v0.1.0"))
	g.Expect(len(manifest.Spec.ShortDescription)).To(BeNumerically("<=", 50), "krew search shows 50 characters")
	g.Expect(manifest.Spec.Platforms).To(HaveLen(6))
	for i, platform := range plugin.Platforms() {
		found := manifest.Spec.Platforms[i]
		g.Expect(found.Selector).To(Equal(map[string]map[string]string{"matchLabels": {"os": platform.OS, "arch": platform.Arch}}))
		g.Expect(found.URI).To(Equal("https://example.com/operator/releases/download/v0.1.0/" + plugin.FileName(platform)))
		g.Expect(found.SHA256).To(Equal(fmt.Sprintf("%x", sha256.Sum256([]byte(platform.String())))))
		g.Expect(strings.HasSuffix(found.Bin, ".exe")).To(Equal(strings.HasSuffix(found.URI, ".zip")))
	}
	_, page, _ := strings.Cut(manifest.Spec.Caveats, "https://example.com/operator/blob/v0.1.0/")
	g.Expect(page).NotTo(BeEmpty())
	g.Expect(filepath.Join("../..", strings.TrimSpace(page))).To(BeARegularFile())
}

// The fields are those of pkg/plugin in Flux 2.9.
func TestFluxFindsTheArchiveOfEveryPlatform(t *testing.T) {
	g := NewWithT(t)
	content, err := made.Flux(archives())
	g.Expect(err).NotTo(HaveOccurred())
	type platform struct {
		OS, Arch, URL, Checksum, ExtractPath string
	}
	manifest := struct {
		APIVersion, Kind, Name, Description, Homepage, Source, Bin string
		Versions                                                   []struct {
			Version   string
			Platforms []platform
		}
	}{}
	g.Expect(yaml.UnmarshalStrict(content, &manifest)).To(Succeed())
	g.Expect(manifest.APIVersion + " " + manifest.Kind).To(Equal("cli.fluxcd.io/v1beta1 Plugin"))
	g.Expect(manifest.Bin).To(Equal("flux-"+manifest.Name), "Flux finds no other")
	g.Expect(manifest.Versions).To(HaveLen(1))
	g.Expect(manifest.Versions[0].Version).To(Equal("0.1.0"))
	g.Expect(manifest.Versions[0].Platforms).To(HaveLen(6))
	g.Expect(manifest.Versions[0].Platforms[5]).To(Equal(platform{
		OS: "windows", Arch: "arm64", URL: "https://example.com/operator/releases/download/v0.1.0/kubectl-fluxmon_windows_arm64.zip",
		Checksum: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("windows/arm64"))), ExtractPath: "kubectl-fluxmon.exe",
	}))
}
